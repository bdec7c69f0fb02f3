import { type Analyzer, createAnalyzer, type SpanRecord } from '@qflow-otel/analyzer'

/** Far more than an execution has; beyond it the picture would not be readable anyway. */
const MAX_SPANS = 50_000

/**
 * Keeps the spans of one execution while a file goes by, because an analyzer keeps only the newest in full.
 * Spans of its traces that came before the first that names it are not seen.
 */
export class WatchedExecution {
  readonly #executionId: string
  readonly #traceIds = new Set<string>()
  readonly #spans: SpanRecord[] = []

  /** @param executionId or the trace id, which stands for it where no span carries one. */
  constructor(executionId: string) {
    this.#executionId = executionId
  }

  take(spans: readonly SpanRecord[]): void {
    for (const span of spans) if (this.#isNamed(span)) this.#traceIds.add(span.traceId)
    if (this.#traceIds.size === 0) return
    const own = spans.filter(({ traceId }) => this.#traceIds.has(traceId))
    this.#spans.push(...own.slice(0, MAX_SPANS - this.#spans.length))
  }

  /** An analyzer that knows this execution alone: it has no history to compare it with. */
  analyzer(): Analyzer | undefined {
    const [first] = this.#spans
    if (first === undefined) return undefined
    const analyzer = createAnalyzer()
    let nowUnixNs = first.endUnixNs
    for (const { endUnixNs } of this.#spans) if (endUnixNs > nowUnixNs) nowUnixNs = endUnixNs
    analyzer.ingest(this.#spans, { nowUnixNs })
    analyzer.close(nowUnixNs)
    return analyzer
  }

  #isNamed({ attributes, traceId }: SpanRecord): boolean {
    return (
      attributes.get('qflow.execution.id') === this.#executionId || traceId === this.#executionId
    )
  }
}
