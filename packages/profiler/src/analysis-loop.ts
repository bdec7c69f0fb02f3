import type { Analyzer, AnalyzerChange } from '@qflow-otel/analyzer'
import { BoundedQueue } from './bounded-queue.ts'
import type { EndedSpan, StartedSpan } from './ended-span.ts'
import type { FaultGuard } from './fault-guard.ts'
import { SpanReader } from './read-span.ts'
import type { Runtime } from './runtime.ts'
import { StartingExecutions } from './starting-executions.ts'

/** Spans between two looks at the clock. They may close as many executions, which is the dear part. */
const CHUNK_SPAN_COUNT = 16

/** Between slices without a backlog; findings wait seconds for late spans anyway. */
const IDLE_PAUSE_MS = 200

/** Between slices with a backlog: with slices of 5 ms the analysis takes at most a fifth of the event loop. */
const BACKLOG_PAUSE_MS = 20

/** Without new spans there is little to close and judge, so the clock moves once a second. */
const ADVANCE_EVERY_NS = 1_000_000_000n

/** The analyzer's clock follows the wall clock in steps of at least this length. */
const SHORTEST_STEP_NS = 1_000_000n

/** A process that slept for a day catches up in a moment. */
const LONGEST_STEP_NS = 86_400_000_000_000n

/** What the loop works with. */
export interface AnalysisLoopParts {
  readonly analyzer: Analyzer
  readonly runtime: Runtime
  readonly guard: FaultGuard
  readonly maxQueueSpanCount: number
  readonly sliceMs: number
  /** Called with each slice. */
  readonly beat: () => void
  readonly publish: (changes: readonly AnalyzerChange[]) => void
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
  /** Up to here the analyzer has judged; it may lag behind the wall clock when there is much to do. */
  #advancedUnixNs: bigint
  #stepNs = ADVANCE_EVERY_NS / 8n
  #isBehind = false
  #cancelTimer: () => void
  #isClosed = false

  constructor(parts: AnalysisLoopParts) {
    this.#parts = parts
    this.#queue = new BoundedQueue(parts.maxQueueSpanCount)
    this.#advancedUnixNs = parts.runtime.unixNs()
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
    this.#advanceTo(this.#parts.runtime.unixNs())
    this.#isBehind = false
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
      this.#cancelTimer = this.#later(this.#isBehind ? BACKLOG_PAUSE_MS : IDLE_PAUSE_MS)
    })
  }

  #workOneSlice(): void {
    const { beat, runtime, sliceMs } = this.#parts
    const untilMs = runtime.monotonicMs() + sliceMs
    beat()
    const nowUnixNs = runtime.unixNs()
    const isDue = nowUnixNs - this.#advancedUnixNs >= ADVANCE_EVERY_NS
    this.#isBehind ||= isDue || this.#queue.size > 0
    // Each chunk is followed by a step of the clock: what it completed is closed before more comes.
    while (this.#isBehind && !this.#isClosed && runtime.monotonicMs() < untilMs) {
      if (this.#queue.size > 0) this.#ingestChunk()
      this.#stepTowards(nowUnixNs)
      this.#isBehind = this.#queue.size > 0 || this.#advancedUnixNs < nowUnixNs
    }
  }

  /**
   * One call of the analyzer cannot be interrupted, and it judges what became due since the last one. So its clock
   * moves by steps, shorter after one that took long and longer after one that took little; the rest waits.
   */
  #stepTowards(nowUnixNs: bigint): void {
    const { runtime, sliceMs } = this.#parts
    const startMs = runtime.monotonicMs()
    const next = this.#advancedUnixNs + this.#stepNs
    this.#advanceTo(next < nowUnixNs ? next : nowUnixNs)
    const tookMs = runtime.monotonicMs() - startMs
    if (tookMs > sliceMs / 2) this.#stepNs = longer(this.#stepNs / 2n, SHORTEST_STEP_NS)
    else if (tookMs < sliceMs / 8) this.#stepNs = shorter(this.#stepNs * 2n, LONGEST_STEP_NS)
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

  #advanceTo(unixNs: bigint): void {
    const { analyzer, guard, publish } = this.#parts
    this.#advancedUnixNs = unixNs
    guard.run('analysis', () => {
      const at = { nowUnixNs: unixNs }
      for (const started of this.#starting.take()) analyzer.noteStarted(started, at)
      publish(analyzer.advance(unixNs))
    })
  }
}

function longer(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

function shorter(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
