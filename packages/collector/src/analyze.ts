import type { Analyzer, FindingChange } from '@qflow-otel/analyzer'
import type { Clock, Timer } from './clock.ts'
import { DEFAULT_TENANT } from './query.ts'
import type { DecodedBody } from './receive/decode-body.ts'

/** How often executions are closed and enter the detectors. */
const ADVANCE_MS = 1_000

export interface AnalysisOptions {
  readonly analyzer: Analyzer
  readonly clock: Clock
  /** What changed in the lives of findings, as it happens. */
  readonly onChanges: (changes: readonly FindingChange[]) => void
  readonly onFault: (error: unknown) => void
}

/** Gives the analyzer spans and time. */
export class Analysis {
  readonly #options: AnalysisOptions
  readonly #timer: Timer
  #revision = 0
  #closedCount = 0

  constructor(options: AnalysisOptions) {
    this.#options = options
    this.#closedCount = this.#countClosed()
    this.#timer = options.clock.every(ADVANCE_MS, () => this.advance())
  }

  /** Grows with everything that may change an answer. */
  get revision(): number {
    return this.#revision
  }

  /** What was accepted stays accepted, whatever the analyzer makes of it: a fault of its own is said. */
  ingest(body: DecodedBody): void {
    const { analyzer, clock, onFault } = this.#options
    const at = { tenant: DEFAULT_TENANT, nowUnixNs: clock.nowUnixNs() }
    try {
      for (const flow of body.flows) analyzer.define(flow, at)
      for (const started of body.started) analyzer.noteStarted(started, at)
      if (body.spans.length > 0) analyzer.ingest(body.spans, at)
    } catch (error) {
      onFault(error)
    }
    if (body.flows.length + body.started.length + body.spans.length > 0) this.#revision += 1
  }

  /** A fault in the analyzer must not end the stage that others' telemetry passes through. */
  advance(): void {
    const { analyzer, clock, onFault } = this.#options
    try {
      this.#tell(analyzer.advance(clock.nowUnixNs()))
    } catch (error) {
      onFault(error)
    }
  }

  /** Time goes on without it; it is not advanced any more. */
  stop(): void {
    this.#timer.cancel()
  }

  /** Closes everything that is open, whatever its lateness. */
  close(): void {
    const { analyzer, clock, onFault } = this.#options
    this.stop()
    try {
      this.#tell(analyzer.close(clock.nowUnixNs()))
    } catch (error) {
      onFault(error)
    }
  }

  #tell(changes: readonly FindingChange[]): void {
    const closedCount = this.#countClosed()
    if (changes.length > 0 || closedCount !== this.#closedCount) this.#revision += 1
    this.#closedCount = closedCount
    if (changes.length > 0) this.#options.onChanges(changes)
  }

  #countClosed(): number {
    const closed = Object.values(this.#options.analyzer.losses().closedExecutions)
    return closed.reduce((sum, count) => sum + count, 0)
  }
}
