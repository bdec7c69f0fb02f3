import {
  type Analyzer,
  type AnalyzerChange,
  type Answer,
  type ExecutionReport,
  type ExecutionSummary,
  type FlowDefinition,
  falseAlarmMetrics,
  findingMetrics,
  type Losses,
  lossMetrics,
  type MetricPoint,
  type Report,
} from '@qflow-otel/analyzer'
import { AnalysisLoop } from './analysis-loop.ts'
import type { EndedSpan, StartedSpan } from './ended-span.ts'
import { FaultGuard } from './fault-guard.ts'
import { emitEvents } from './finding-events.ts'
import { FindingMeter } from './finding-meter.ts'
import { KnownFindings } from './known-findings.ts'
import { type QflowProfilerOptions, type ResolvedOptions, resolveOptions } from './options.ts'
import { type OwnHeap, watchOwnHeap } from './own-heap.ts'

/** Everything that was not used or shown, by reason. */
export interface ProfilerLosses extends Losses {
  /** Running executions that could not be announced; they appear when their spans end. */
  readonly startsNotNotedCount: number
  /** Open findings beyond the bound of the metrics; their events were emitted. */
  readonly findingsNotShownCount: number
  /** Failures kept from the host, by what was being done. */
  readonly faults: Readonly<Record<string, number>>
}

/**
 * The analyzer as an OpenTelemetry SpanProcessor: give it to the tracer provider beside the exporting one, and its
 * findings leave as metrics and events through the process's own providers. It never throws into the SDK.
 */
export class QflowProfiler {
  readonly #analyzer: Analyzer
  readonly #options: ResolvedOptions
  readonly #guard = new FaultGuard()
  readonly #findings = new KnownFindings()
  readonly #meter: FindingMeter
  readonly #loop: AnalysisLoop
  /** Absent where it cannot be watched. */
  readonly #heap: OwnHeap | undefined
  #shutdown: Promise<void> | undefined

  /** @throws RangeError when a setting is not a positive number. */
  constructor(options: QflowProfilerOptions = {}) {
    this.#options = resolveOptions(options)
    this.#analyzer = this.#options.analyzer
    this.#meter = new FindingMeter({
      provider: this.#options.meterProvider,
      readPoints: () => this.#guard.run('reading metrics', () => this.#readPoints()) ?? [],
    })
    this.#heap = this.#guard.run('watching memory', () =>
      watchOwnHeap({ runtime: this.#options.runtime, guard: this.#guard }),
    )
    this.#loop = new AnalysisLoop({
      ...this.#options,
      guard: this.#guard,
      beat: () => this.#beat(),
      publish: (changes) => this.#publish(changes),
    })
  }

  /** SpanProcessor: a root span makes its execution visible while it runs. */
  onStart(span: StartedSpan, _parentContext?: unknown): void {
    if (this.#shutdown !== undefined) return
    this.#guard.run('noting a started execution', () => this.#loop.noteStarted(span))
  }

  /** SpanProcessor: keeps the span for later analysis. O(1). */
  onEnd(span: EndedSpan): void {
    if (this.#shutdown !== undefined) {
      this.#loop.drop('after_shutdown', 1)
      return
    }
    this.#loop.add(span)
  }

  /** SpanProcessor: analyses what waits and emits what it changed. Executions that may get late spans stay open. */
  forceFlush(): Promise<void> {
    if (this.#shutdown !== undefined) return this.#shutdown
    this.#loop.flush()
    return Promise.resolve()
  }

  /** SpanProcessor: closes all executions, emits their findings and lets go of timer and instruments. */
  shutdown(): Promise<void> {
    this.#shutdown ??= this.#close()
    return this.#shutdown
  }

  /** Everything known of the flows of this process. */
  report(): Report {
    this.#bringUpToDate()
    return { ...this.#analyzer.report(), losses: this.losses() }
  }

  /** Explains one execution, or a flow, in words. */
  why(query: { executionId: string } | { flowId: string }): Answer | undefined {
    this.#bringUpToDate()
    return this.#analyzer.why(query)
  }

  /** The kept executions, newest first. */
  executions(
    query: { readonly flowId?: string; readonly limit?: number } = {},
  ): readonly ExecutionSummary[] {
    this.#bringUpToDate()
    return this.#analyzer.executions(query)
  }

  /** One execution with its critical path. */
  execution(query: { readonly executionId: string }): ExecutionReport | undefined {
    this.#bringUpToDate()
    return this.#analyzer.execution(query)
  }

  /** Tells the step graph of a flow, so that steps without an edge between them are known as independent. */
  define(flow: FlowDefinition): void {
    this.#analyzer.define(flow, {})
  }

  /** What was not used, by reason: the analyzer's losses and the profiler's own. */
  losses(): ProfilerLosses {
    const losses = this.#analyzer.losses()
    const droppedSpans = { ...losses.droppedSpans }
    for (const [reason, count] of this.#loop.drops) {
      droppedSpans[reason] = (droppedSpans[reason] ?? 0) + count
    }
    return {
      ...losses,
      droppedSpans,
      startsNotNotedCount: this.#loop.startsNotNotedCount,
      findingsNotShownCount: this.#findings.forgottenOpenCount,
      faults: Object.fromEntries(this.#guard.counts),
    }
  }

  #beat(): void {
    this.#guard.run('creating metrics', () => this.#meter.bind())
    this.#guard.run('reading memory', () => {
      const reading = this.#heap?.take()
      const nowUnixNs = this.#options.runtime.unixNs()
      if (reading !== undefined) this.#analyzer.noteHeaps([reading], { nowUnixNs })
    })
  }

  #bringUpToDate(): void {
    if (this.#shutdown === undefined) this.#loop.flush()
  }

  #readPoints(): readonly MetricPoint[] {
    return [
      ...findingMetrics(this.#findings.values()),
      ...falseAlarmMetrics(this.#analyzer.alerts().falseAlarms),
      ...lossMetrics(this.losses()),
    ]
  }

  #publish(changes: readonly AnalyzerChange[]): void {
    this.#findings.apply(changes)
    this.#guard.run('emitting events', () => emitEvents(changes, this.#options.loggerProvider))
    for (const change of changes) this.#callHook(change)
  }

  #callHook(change: AnalyzerChange): void {
    const { onFinding } = this.#options
    if (onFinding === undefined) return
    const returned = this.#guard.run('onFinding', () => onFinding(change))
    if (!(returned instanceof Promise)) return
    returned.catch((error: unknown) => this.#guard.report('onFinding', error))
  }

  async #close(): Promise<void> {
    // Synchronous up to here: an SDK that shuts all its providers down at once still takes these events.
    this.#loop.close()
    this.#guard.run('watching memory', () => this.#heap?.close())
    this.#guard.run('creating metrics', () => this.#meter.bind())
    // And a meter provider that shuts down in the same turn collects before the instruments go.
    await new Promise((resolve) => setImmediate(resolve))
    this.#guard.run('releasing metrics', () => this.#meter.unbind())
  }
}
