import { ATTR_QFLOW_EXECUTION_STATUS } from '@qflow-otel/semconv'
import type { SpanRecord } from '../otlp/span-record.ts'
import { earlierOf } from '../time/unix-ns.ts'
import type { AssemblerOptions } from './assembler-options.ts'
import { isFinalStatus } from './build-execution.ts'
import { DistinctIds } from './distinct-ids.ts'
import { EXECUTION_BASE_BYTES, type HeldExecution, spanBytes, TRACE_BASE_BYTES } from './held.ts'
import { joinTrace, noteSegment } from './held-execution.ts'
import type { HeldStore } from './held-store.ts'
import { executionIdOf, isExecutionRoot, isNamedExecution, knownText } from './span-role.ts'

/** Larger ones are rare, and have no layout. */
const MAX_WHOLE_COUNT = 256

/** An execution whose spans are held as they came. */
type WholeExecution = HeldExecution & { readonly whole: readonly SpanRecord[] }

/** What spans say that come behind each other. */
interface Run {
  readonly executionId: string
  readonly traceId: string
  /** The root that ended it, its last span. */
  readonly root: SpanRecord
  readonly end: number
  /** Earliest start of those that name the execution. */
  readonly firstStartUnixNs: bigint
  /** What the spans weigh, held one by one. */
  readonly bytes: number
}

/**
 * Takes executions that need no assembling. Most come in one batch, children before parents and the root last: then nobody
 * has to be asked whose each span is, and none is held for itself unless another one comes later.
 */
export class WholeExecutions {
  readonly #held: HeldStore
  readonly #limits: Limits
  readonly #ids = new DistinctIds(MAX_WHOLE_COUNT)

  constructor(held: HeldStore, limits: Limits) {
    this.#held = held
    this.#limits = limits
  }

  /**
   * Takes the spans from `from` on, the first of a trace there, if they are a whole execution of which nothing is known, and
   * there is room: what is held then tells what it would tell of the same spans taken one by one. O(spans).
   */
  take(
    spans: readonly SpanRecord[],
    from: number,
    { tenant, nowUnixNs }: { readonly tenant: string; readonly nowUnixNs: bigint },
  ): WholeExecution | undefined {
    if (from > 0 && spans[from - 1]?.traceId === spans[from]?.traceId) return undefined
    const run = this.#run(spans, from)
    if (run === undefined || !this.#hasRoom(run, run.end - from)) return undefined
    if (!this.#held.isUnknown(tenant, run)) return undefined
    const whole = spans.slice(from, run.end)
    const { executionId, traceId, bytes } = run
    const { execution, trace } = this.#held.addWhole({ tenant, executionId, traceId, bytes }, whole)
    joinTrace(execution, trace, run.firstStartUnixNs)
    trace.lastActivityUnixNs = nowUnixNs
    noteSegment(execution, run.root)
    // The store has just put it there.
    return execution as WholeExecution
  }

  /** A run of one trace, with different ids, that ends with the one root of one execution and names no other. */
  #run(spans: readonly SpanRecord[], from: number): Run | undefined {
    const traceId = spans[from]?.traceId
    let end = from + 1
    while (spans[end]?.traceId === traceId) end++
    const root = spans[end - 1]
    const executionId = root && endedBy(root)
    if (root === undefined || traceId === undefined || executionId === undefined) return undefined
    if (end - from > MAX_WHOLE_COUNT) return undefined
    this.#ids.clear()
    let firstStartUnixNs = root.startUnixNs
    let bytes = 0
    for (let index = from; index < end; index++) {
      // An index below the length.
      const record = spans[index] as SpanRecord
      const named = executionIdOf(record.attributes)
      if (named === executionId) {
        firstStartUnixNs = earlierOf(firstStartUnixNs, record.startUnixNs)
        if (record !== root && isExecutionRoot(record)) return undefined
      } else if (named !== undefined || isNamedExecution(record)) return undefined
      if (!this.#ids.add(record.spanId)) return undefined
      bytes += spanBytes(record)
    }
    return { executionId, traceId, root, end, firstStartUnixNs, bytes }
  }

  /** For spans that push nothing else out. */
  #hasRoom({ bytes }: Run, count: number): boolean {
    const { memoryBudgetBytes, maxSpansPerExecution } = this.#limits
    const bytesThen = this.#held.bytes + bytes + EXECUTION_BASE_BYTES + TRACE_BASE_BYTES
    return count <= maxSpansPerExecution && bytesThen <= memoryBudgetBytes
  }
}

type Limits = Pick<Required<AssemblerOptions>, 'memoryBudgetBytes' | 'maxSpansPerExecution'>

/** The execution that a root ended for good. */
function endedBy(record: SpanRecord): string | undefined {
  const { attributes, endUnixNs } = record
  if (endUnixNs === 0n || !isNamedExecution(record) || !isExecutionRoot(record)) return undefined
  const isFinal = isFinalStatus(knownText(attributes, ATTR_QFLOW_EXECUTION_STATUS))
  return isFinal ? executionIdOf(attributes) : undefined
}
