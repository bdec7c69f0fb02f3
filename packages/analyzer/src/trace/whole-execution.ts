import { ATTR_QFLOW_EXECUTION_STATUS } from '@qflow-otel/semconv'
import { SpanBatch } from '../otlp/span-batch.ts'
import type { SpanRecord } from '../otlp/span-record.ts'
import { hashText } from '../stats/hash-uniform.ts'
import { earlierOf } from '../time/unix-ns.ts'
import type { AssemblerOptions } from './assembler-options.ts'
import { isFinalStatus } from './build-execution.ts'
import { DistinctIds } from './distinct-ids.ts'
import { EXECUTION_BASE_BYTES, type HeldExecution, spanBytes, TRACE_BASE_BYTES } from './held.ts'
import { joinTrace, noteSegment } from './held-execution.ts'
import type { HeldStore } from './held-store.ts'
import { HeldWhole } from './held-whole.ts'
import type { LayoutMemory } from './layout-memory.ts'
import { executionIdOf, isExecutionRoot, isNamedExecution, knownText } from './span-role.ts'
import type { LaidWhole, WholePlan } from './whole-plan.ts'
import { MAX_PLANNED_COUNT, runCount, WholePlans } from './whole-plans.ts'

interface Arrival {
  readonly tenant: string
  readonly nowUnixNs: bigint
}

/** Larger ones are rare, and have no layout. */
const MAX_WHOLE_COUNT = 256

/** An execution whose spans are held as they came: laid, or as records. */
type WholeExecution = HeldWhole | RecordedExecution
type RecordedExecution = HeldExecution & { readonly whole: readonly SpanRecord[] }

export function wholeCount(execution: WholeExecution): number {
  if (execution instanceof HeldWhole) return execution.laid.layout.records.length
  return execution.whole.length
}

/** Spans one behind the other, as objects or not yet. */
export type SpanSequence = readonly SpanRecord[] | SpanBatch

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
  readonly #layouts: LayoutMemory
  readonly #plans = new WholePlans()
  readonly #ids = new DistinctIds(MAX_WHOLE_COUNT)

  constructor(held: HeldStore, limits: Limits, layouts: LayoutMemory) {
    this.#held = held
    this.#limits = limits
    this.#layouts = layouts
  }

  /**
   * Takes the spans from `from` on, the first of a trace there, if they are a whole execution of which nothing is known, and
   * there is room: what is held then tells what it would tell of the same spans taken one by one. O(spans).
   */
  take(spans: SpanSequence, from: number, arrival: Arrival): WholeExecution | undefined {
    if (!(spans instanceof SpanBatch)) {
      const isFirst = from === 0 || spans[from - 1]?.traceId !== spans[from]?.traceId
      return isFirst ? this.#takeRecords(spans, from, arrival) : undefined
    }
    if (spans.isSameTrace(from - 1, from)) return undefined
    const count = runCount(spans, from, MAX_PLANNED_COUNT)
    const plan = this.#plans.find(spans, from, count)
    const laid = plan?.lay(spans, from, this.#layouts.blocks)
    if (plan !== undefined && laid !== undefined) return this.#takeLaid(plan, laid, arrival)
    const execution = this.#takeRecords(spans, from, arrival)
    if (execution !== undefined && this.#plans.mayLearn()) this.#learn(spans, from, execution)
    return execution
  }

  #takeLaid(
    { segment: lastSegment }: WholePlan,
    { laid, bytes: spansBytes }: LaidWhole,
    { tenant, nowUnixNs }: Arrival,
  ): HeldWhole | undefined {
    if (!this.#hasRoom({ bytes: spansBytes }, laid.layout.records.length)) return undefined
    const whole = new HeldWhole({ tenant, laid, lastSegment, spansBytes, nowUnixNs })
    if (this.#held.isKnown(whole)) return undefined
    this.#held.addWhole(whole)
    return whole
  }

  #takeRecords(
    spans: SpanSequence,
    from: number,
    { tenant, nowUnixNs }: Arrival,
  ): RecordedExecution | undefined {
    const run = this.#run(spans, from)
    if (run === undefined || !this.#hasRoom(run, run.end - from)) return undefined
    const { executionId, traceId } = run
    const [executionHash, traceHash] = [hashText(executionId), hashText(traceId)]
    const ids = { tenant, executionId, executionHash, traceId, traceHash }
    if (this.#held.isKnown(ids)) return undefined
    const whole = spans.slice(from, run.end)
    const { execution, trace } = this.#held.addRecords(ids, whole, run.bytes)
    joinTrace(execution, trace, run.firstStartUnixNs)
    trace.lastActivityUnixNs = nowUnixNs
    noteSegment(execution, run.root)
    // The store has just put it there.
    return execution as RecordedExecution
  }

  /** Learns how to take executions like this one without its records, if their layout is known. */
  #learn(
    batch: SpanBatch,
    from: number,
    { executionId, whole, lastSegment }: RecordedExecution,
  ): void {
    if (lastSegment === undefined) return
    const laid = this.#layouts.lay(whole, executionId)
    if (laid !== undefined) this.#plans.learn(batch, from, laid.layout)
  }

  /** A run of one trace, with different ids, that ends with the one root of one execution and names no other. */
  #run(spans: SpanSequence, from: number): Run | undefined {
    const traceId = spans.at(from)?.traceId
    let end = from + 1
    while (spans.at(end)?.traceId === traceId) end++
    const root = spans.at(end - 1)
    const executionId = root && endedBy(root)
    if (root === undefined || traceId === undefined || executionId === undefined) return undefined
    if (end - from > MAX_WHOLE_COUNT) return undefined
    this.#ids.clear()
    let firstStartUnixNs = root.startUnixNs
    let bytes = 0
    for (let index = from; index < end; index++) {
      // An index below the length.
      const record = spans.at(index) as SpanRecord
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
  #hasRoom({ bytes }: Pick<Run, 'bytes'>, count: number): boolean {
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
