import type { MeterProvider } from '@opentelemetry/api'
import {
  type Analyzer,
  type AnalyzerChange,
  type AnalyzerOptions,
  createAnalyzer,
} from '@qflow-otel/analyzer'
import type { EventLoggerProvider } from './finding-events.ts'
import { nodeRuntime, type Runtime } from './runtime.ts'

/** The settings of `QflowProfiler`, those of the analyzer among them. */
export interface QflowProfilerOptions extends AnalyzerOptions {
  /** Gets the metrics. Default: the global provider, looked up again until one is set. */
  readonly meterProvider?: MeterProvider
  /** Gets the events. Default: the global provider at the time of the event. */
  readonly loggerProvider?: EventLoggerProvider
  /** Called with every change of a finding. What it throws or rejects with is reported to `diag` once. */
  readonly onFinding?: (change: AnalyzerChange) => unknown
  /** Ended spans that may wait for analysis; what comes beyond is dropped as `queue_full`. Default 8192. */
  readonly maxQueueSpanCount?: number
  /** Longest uninterrupted work of the analysis on the event loop; one chunk of spans may exceed it. Default 5. */
  readonly sliceMs?: number
  /** Another analyzer; the analyzer's own settings are then not used. */
  readonly analyzer?: Analyzer
  /** Clock and timer, for tests. */
  readonly runtime?: Runtime
}

/** The settings with their defaults; what the analyzer is made with is kept apart. */
export interface ResolvedOptions {
  readonly meterProvider: MeterProvider | undefined
  readonly loggerProvider: EventLoggerProvider | undefined
  readonly onFinding: ((change: AnalyzerChange) => unknown) | undefined
  readonly maxQueueSpanCount: number
  readonly sliceMs: number
  readonly analyzer: Analyzer
  readonly runtime: Runtime
}

/** @throws RangeError naming the setting that is not a positive number. */
export function resolveOptions(options: QflowProfilerOptions): ResolvedOptions {
  const {
    meterProvider,
    loggerProvider,
    onFinding,
    maxQueueSpanCount = 8_192,
    sliceMs = 5,
    analyzer,
    runtime = nodeRuntime,
    ...analyzerOptions
  } = options
  return {
    meterProvider,
    loggerProvider,
    onFinding,
    maxQueueSpanCount: positive('maxQueueSpanCount', maxQueueSpanCount),
    sliceMs: positive('sliceMs', sliceMs),
    analyzer: analyzer ?? createAnalyzer(analyzerOptions),
    runtime,
  }
}

function positive(name: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value
  throw new RangeError(`QflowProfiler: ${name} must be a number above 0, found ${value}`)
}
