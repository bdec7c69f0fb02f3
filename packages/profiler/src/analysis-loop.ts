import type { Analyzer, FindingChange } from '@qflow-otel/analyzer'
import { BoundedQueue } from './bounded-queue.ts'
import type { EndedSpan, StartedSpan } from './ended-span.ts'
import type { FaultGuard } from './fault-guard.ts'
import { SpanReader } from './read-span.ts'
import type { Runtime } from './runtime.ts'
import { StartingExecutions } from './starting-executions.ts'

/** Spans between two looks at the clock: about 0.2 ms of work. */
const CHUNK_SPAN_COUNT = 32

/** Between slices without a backlog; findings wait seconds for late spans anyway. */
const IDLE_PAUSE_MS = 200

/** Between slices with a backlog: with slices of 5 ms the analysis takes at most a fifth of the event loop. */
const BACKLOG_PAUSE_MS = 20

/** Closing executions and judging them looks at everything that is open, so it is done once a second. */
const ADVANCE_EVERY_MS = 1_000

export interface AnalysisLoopParts {
  readonly analyzer: Analyzer
  readonly runtime: Runtime
  readonly guard: FaultGuard
  readonly maxQueueSpanCount: number
  readonly sliceMs: number
  /** Called with each slice. */
  readonly beat: () => void
  readonly publish: (changes: readonly FindingChange[]) => void
}

/**
 * Takes ended spans at once and analyses them later, in short slices between the host's own work.
 *
 *     host      ██ step ██    ██ step ██████    ██ step ██
 *     analysis             ▒▒                ▒▒             at most `sliceMs` each
 */
export class AnalysisLoop {
  readonly #parts: AnalysisLoopParts
  readonly #queue: BoundedQueue<EndedSpan>
  readonly #starting = new StartingExecutions()
  readonly #reader = new SpanReader()
  readonly #drops = new Map<string, number>()
  #lastAdvanceMs = Number.NEGATIVE_INFINITY
  #cancelTimer: () => void
  #isClosed = false

  constructor(parts: AnalysisLoopParts) {
    this.#parts = parts
    this.#queue = new BoundedQueue(parts.maxQueueSpanCount)
    // Started here and not by the first span: a timer keeps the async context in which it was made, and a step's
    // context (with the user's own stores) would live as long as the process.
    this.#cancelTimer = this.#later(IDLE_PAUSE_MS)
  }

  /** O(1). The span is kept as it is: it has ended, so nothing will change it. */
  add(span: EndedSpan): void {
    if (!this.#queue.offer(span)) this.drop('queue_full', 1)
  }

  noteStarted(span: StartedSpan): void {
    this.#starting.add(span)
  }

  drop(reason: string, spanCount: number): void {
    this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + spanCount)
  }

  /** Spans that never reached the analyzer, by reason. */
  get drops(): ReadonlyMap<string, number> {
    return this.#drops
  }

  get startsNotNotedCount(): number {
    return this.#starting.notKeptCount
  }

  /** Analyses everything that waits, now. Bounded by the queue. */
  flush(): void {
    while (this.#queue.size > 0) this.#ingestChunk()
    this.#advance()
  }

  /** Analyses everything that waits, closes the analyzer and stops. */
  close(): void {
    this.#isClosed = true
    this.#cancelTimer()
    const { analyzer, guard, publish, runtime } = this.#parts
    while (this.#queue.size > 0) this.#ingestChunk()
    guard.run('analysis', () => publish(analyzer.close(runtime.unixNs())))
  }

  #later(delayMs: number): () => void {
    return this.#parts.runtime.after(delayMs, () => {
      this.#workOneSlice()
      // A hook may have shut the profiler down meanwhile.
      if (this.#isClosed) return
      this.#cancelTimer = this.#later(this.#queue.size > 0 ? BACKLOG_PAUSE_MS : IDLE_PAUSE_MS)
    })
  }

  #workOneSlice(): void {
    const { beat, runtime, sliceMs } = this.#parts
    const startMs = runtime.monotonicMs()
    beat()
    if (startMs - this.#lastAdvanceMs >= ADVANCE_EVERY_MS) this.#advance()
    while (this.#queue.size > 0 && runtime.monotonicMs() - startMs < sliceMs) this.#ingestChunk()
  }

  #ingestChunk(): void {
    const { analyzer, guard, runtime } = this.#parts
    const waiting = this.#queue.take(CHUNK_SPAN_COUNT)
    const spans = waiting.flatMap(
      (span) => guard.run('reading a span', () => this.#reader.read(span)) ?? [],
    )
    if (spans.length < waiting.length) this.drop('unreadable_span', waiting.length - spans.length)
    const isTaken = guard.run('analysis', () => {
      analyzer.ingest(spans, { nowUnixNs: runtime.unixNs() })
      return true
    })
    if (isTaken === undefined) this.drop('analyzer_fault', spans.length)
  }

  #advance(): void {
    const { analyzer, guard, publish, runtime } = this.#parts
    this.#lastAdvanceMs = runtime.monotonicMs()
    guard.run('analysis', () => {
      const nowUnixNs = runtime.unixNs()
      for (const started of this.#starting.take()) analyzer.noteStarted(started, { nowUnixNs })
      publish(analyzer.advance(nowUnixNs))
    })
  }
}
