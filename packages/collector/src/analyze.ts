import type { Alert, Analyzer, AnalyzerChange } from '@qflow-otel/analyzer'
import type { Clock, Timer } from './clock.ts'
import { type AlertRequest, DEFAULT_TENANT, type MarkRequest } from './query.ts'
import type { DecodedBody } from './receive/decode-body.ts'

/**
 * How often executions are closed and enter the detectors. With many flows, those of a flow that do so together fetch what is
 * known of it from far memory once: a hundred flows of an execution a second take a fifth less than they would every second.
 */
const ADVANCE_MS = 2_000
/** How long a closed execution waits for earlier ones before it enters the baselines. */
export const LATENESS_MS = 5_000
const latenessNs = BigInt(LATENESS_MS) * 1_000_000n

export interface AnalysisOptions {
  readonly analyzer: Analyzer
  readonly clock: Clock
  /** What changed in the lives of findings, as it happens. */
  readonly onChanges: (changes: readonly AnalyzerChange[]) => void
  readonly onFault: (error: unknown) => void
}

/** Gives the analyzer spans and time. */
export class Analysis {
  readonly #options: AnalysisOptions
  readonly #timer: Timer
  #revision = 0
  #outcomeCount: number
  /** Executions wait in the analyzer until their lateness is over; what it restored may wait as well. */
  #newestEndUnixNs: bigint
  /** Up to here every execution that closed has entered the baselines. */
  #enteredUntilUnixNs: bigint

  constructor(options: AnalysisOptions) {
    this.#options = options
    this.#outcomeCount = this.#countOutcomes()
    this.#newestEndUnixNs = options.clock.nowUnixNs()
    this.#enteredUntilUnixNs = this.#newestEndUnixNs - latenessNs
    this.#timer = options.clock.every(ADVANCE_MS, () => this.advance())
  }

  /**
   * Grows with everything that may change an answer: spans that come, executions that close, and closed ones that
   * enter the baselines when their lateness is over. Until the newest span is that old, each advance may be the one.
   */
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
      if (body.heaps.length > 0) analyzer.noteHeaps(body.heaps, at)
    } catch (error) {
      onFault(error)
    }
    const endUnixNs = newestEndUnixNs(body.spans)
    if (endUnixNs > this.#newestEndUnixNs) this.#newestEndUnixNs = endUnixNs
    const { flows, started, spans, heaps } = body
    if (flows.length + started.length + spans.length + heaps.length > 0) this.#revision += 1
  }

  /** What a user says about an alert; told like what time brings. Throws `AlertActionError`. */
  actOnAlert({ alertId, action, forMs }: AlertRequest): Alert {
    const { analyzer, clock } = this.#options
    const nowUnixNs = clock.nowUnixNs()
    const until = forMs === undefined ? {} : { untilUnixNs: nowUnixNs + nsOf(forMs) }
    const change = analyzer.actOnAlert({ alertId, action, nowUnixNs, ...until })
    this.#tell([change])
    return change.finding
  }

  /** Something that was done may explain what changes. */
  mark({ text, unixMs, flowId }: MarkRequest): void {
    const at = { unixNs: nsOf(unixMs), text, ...(flowId !== undefined && { flowId }) }
    this.#options.analyzer.mark({ tenant: DEFAULT_TENANT, ...at })
    this.#revision += 1
  }

  /** A fault in the analyzer must not end the stage that others' telemetry passes through. */
  advance(): void {
    const { analyzer, clock, onFault } = this.#options
    const nowUnixNs = clock.nowUnixNs()
    try {
      this.#tell(analyzer.advance(nowUnixNs))
    } catch (error) {
      onFault(error)
    }
    if (this.#newestEndUnixNs > this.#enteredUntilUnixNs) this.#revision += 1
    this.#enteredUntilUnixNs = nowUnixNs - latenessNs
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

  #tell(changes: readonly AnalyzerChange[]): void {
    const outcomeCount = this.#countOutcomes()
    if (changes.length > 0 || outcomeCount !== this.#outcomeCount) this.#revision += 1
    this.#outcomeCount = outcomeCount
    if (changes.length > 0) this.#options.onChanges(changes)
  }

  /** Everything that time alone decides is counted: executions that close, or close anew, and spans given up. */
  #countOutcomes(): number {
    const { closedExecutions, droppedSpans, unjudged } = this.#options.analyzer.losses()
    const outcomes = [closedExecutions, droppedSpans, unjudged].map((counts = {}) =>
      Object.values(counts),
    )
    return outcomes.flat().reduce((sum, count) => sum + count, 0)
  }
}

function newestEndUnixNs(spans: DecodedBody['spans']): bigint {
  if ('newestEndUnixNs' in spans) return spans.newestEndUnixNs()
  let newest = 0n
  for (const { endUnixNs } of spans) if (endUnixNs > newest) newest = endUnixNs
  return newest
}

function nsOf(ms: number): bigint {
  return BigInt(Math.round(ms)) * 1_000_000n
}
