import { Assembler, type Execution, type SpanRecord } from '@qflow-otel/analyzer'
import { type Choice, isChosen } from '../option/choice.ts'

/** Tools that open a file hold it whole; beyond this no further trace is taken. */
export const MAX_KEPT_SPANS = 200_000

/** Spans to be written to one file, and the executions that they make. */
export interface KeptTraces {
  readonly records: readonly SpanRecord[]
  /** In order of (start, id). */
  readonly executions: readonly Execution[]
  /** Spans for which there was no room: of further traces, or of a chosen one that is too large alone. */
  readonly leftOutSpanCount: number
}

/**
 * Keeps the spans of all traces, or while one is looked for those of the newest, and of it. Traces are kept whole or
 * not at all, except that one which alone has more spans than there is room for loses what came last.
 */
export class KeptSpans {
  readonly #choice: Choice | undefined
  readonly #maxSpans: number
  /** By trace id, in order of arrival. */
  readonly #traces = new Map<string, SpanRecord[]>()
  readonly #chosen = new Set<string>()
  #spanCount = 0
  #leftOutSpanCount = 0

  constructor(choice: Choice | undefined, maxSpans: number = MAX_KEPT_SPANS) {
    this.#choice = choice
    this.#maxSpans = maxSpans
  }

  take(spans: readonly SpanRecord[]): void {
    for (const span of spans) this.#takeSpan(span)
  }

  /** What was chosen, or everything. */
  traces(): KeptTraces {
    const records = [...this.#traces.values()].flat()
    const executions = executionsOf(records)
    const choice = this.#choice
    const leftOutSpanCount = this.#leftOutSpanCount
    if (choice === undefined) return { records, executions, leftOutSpanCount }
    const chosen = executions.filter((execution) => isChosen(choice, execution))
    const isOfChosen = ofExecutions(chosen)
    const isWanted = (record: SpanRecord) =>
      choice.kind === 'trace' ? record.traceId === choice.id : isOfChosen(record)
    return { records: records.filter(isWanted), executions: chosen, leftOutSpanCount }
  }

  /** All that is kept, for suggestions. */
  known(): readonly Execution[] {
    return executionsOf([...this.#traces.values()].flat())
  }

  #takeSpan(span: SpanRecord): void {
    if (this.#isNamed(span)) this.#chosen.add(span.traceId)
    const trace = this.#traces.get(span.traceId)
    const isFull = this.#spanCount >= this.#maxSpans
    if (isFull && this.#choice === undefined && trace === undefined) {
      this.#leftOutSpanCount++
      return
    }
    // A trace that began while there was room may fill as much again.
    if (this.#spanCount >= 2 * this.#maxSpans) {
      if (this.#choice === undefined || this.#chosen.has(span.traceId)) this.#leftOutSpanCount++
      return
    }
    if (trace === undefined) this.#traces.set(span.traceId, [span])
    else trace.push(span)
    this.#spanCount++
    if (isFull && this.#choice !== undefined) this.#forgetOldest(span.traceId)
  }

  /** One that was not asked for, and is not being added to. */
  #forgetOldest(current: string): void {
    for (const [traceId, spans] of this.#traces) {
      if (this.#chosen.has(traceId) || traceId === current) continue
      this.#traces.delete(traceId)
      this.#spanCount -= spans.length
      return
    }
  }

  #isNamed({ traceId, attributes }: SpanRecord): boolean {
    if (this.#choice === undefined) return false
    const { kind, id } = this.#choice
    return traceId === id || (kind === 'execution' && attributes.get('qflow.execution.id') === id)
  }
}

function executionsOf(records: readonly SpanRecord[]): readonly Execution[] {
  const assembler = new Assembler({
    foreignOnly: 'trace',
    // What is kept is bounded by its number already.
    memoryBudgetBytes: Number.POSITIVE_INFINITY,
    maxSpansPerExecution: Number.POSITIVE_INFINITY,
  })
  assembler.add(records, { nowUnixNs: 0n })
  const closed = assembler.close(0n).map(({ execution }) => execution)
  return closed.sort((a, b) => (a.startUnixNs < b.startUnixNs ? -1 : 1))
}

function ofExecutions(executions: readonly Execution[]): (record: SpanRecord) => boolean {
  const keys = new Set(
    executions.flatMap(({ spans }) => spans.map(({ traceId, spanId }) => `${traceId}/${spanId}`)),
  )
  return ({ traceId, spanId }) => keys.has(`${traceId}/${spanId}`)
}
