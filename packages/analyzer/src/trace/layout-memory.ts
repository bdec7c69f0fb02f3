import type { AttributeList } from '../otlp/attribute-list.ts'
import type { SpanRecord } from '../otlp/span-record.ts'
import { UnixNsOffsets } from '../time/unix-ns.ts'
import type { ExecutionInput } from './build-execution.ts'
import type { Execution } from './execution.ts'
import { LaidBlocks } from './laid-blocks.ts'
import { LaidIdentities } from './laid-identity.ts'
import type { LaidSpans } from './laid-spans.ts'
import { laySpans } from './lay-spans.ts'
import {
  layoutHash,
  layoutOf,
  MAX_LAID_COUNT,
  type SpanLayout,
  withVariable,
} from './span-layout.ts'

/**
 * Spans in all layouts together, some 600 bytes each: two thousand flows of ten spans. Beyond it everything is forgotten
 * and learnt anew, so that it cannot be filled up for good.
 */
const MAX_SPAN_COUNT = 20_000
/** Of equal hash: members of a parallel group end in any order. */
const MAX_BUCKET_COUNT = 8
/** Hashes that were seen once. */
const MAX_SEEN_COUNT = 4_096

/** The layouts of the executions that an assembler has seen. An execution that comes for the first time is not laid. */
export class LayoutMemory {
  /** The layouts of one hash, the one used last first. */
  readonly #buckets = new Map<number, SpanLayout[]>()
  readonly #seen = new Set<number>()
  readonly #offsets = new UnixNsOffsets()
  /** What is laid by plans lies in them, too. */
  readonly blocks: LaidBlocks = new LaidBlocks()
  /** What their executions say of themselves. */
  readonly identities: LaidIdentities = new LaidIdentities()
  #spanCount = 0

  /** Absent where no layout is known. */
  lay(records: readonly SpanRecord[], executionId: string): LaidSpans | undefined {
    if (records.length === 0 || records.length > MAX_LAID_COUNT) return undefined
    const bucket = this.#buckets.get(layoutHash(records))
    if (bucket === undefined) return undefined
    const laying = { offsets: this.#offsets, blocks: this.blocks }
    for (let at = 0; at < bucket.length; at++) {
      // A place below the length.
      const layout = bucket[at] as SpanLayout
      const { laid, used } = fitted(layout, { records, executionId }, laying)
      if (laid === undefined) continue
      if (at > 0) bucket.splice(at, 1)
      if (at > 0) bucket.unshift(used)
      else bucket[0] = used
      return laid
    }
    return undefined
  }

  /** Learns the layout of an execution when one of its kind was seen before. */
  learn(input: ExecutionInput, execution: Execution): void {
    const { length } = input.records
    if (length === 0 || length > MAX_LAID_COUNT) return
    const hash = layoutHash(input.records)
    if (!this.#seen.has(hash)) {
      if (this.#seen.size >= MAX_SEEN_COUNT) this.#seen.clear()
      this.#seen.add(hash)
      return
    }
    const layout = layoutOf(input, execution)
    if (layout === undefined) return
    if (this.#spanCount + length > MAX_SPAN_COUNT) {
      this.#buckets.clear()
      this.#spanCount = 0
    }
    const bucket = this.#buckets.get(hash) ?? []
    this.#buckets.set(hash, bucket)
    if (bucket.length < MAX_BUCKET_COUNT) this.#spanCount += length
    else bucket.pop()
    bucket.unshift(layout)
  }
}

/** With one value after the other taken for variable, as far as they are other ones. */
function fitted(
  layout: SpanLayout,
  { records, executionId }: Pick<ExecutionInput, 'records' | 'executionId'>,
  laying: Parameters<typeof laySpans>[3],
): { readonly laid: LaidSpans | undefined; readonly used: SpanLayout } {
  let used = layout
  for (;;) {
    const laid = laySpans(used, records, executionId, laying)
    if (laid === undefined || 'layout' in laid) return { laid, used }
    // `laySpans` has seen that they are such.
    const attributes = records[laid.record]?.attributes as AttributeList
    const wider = withVariable(used, laid, attributes.at(laid.place))
    if (wider === undefined) return { laid: undefined, used: layout }
    used = wider
  }
}
