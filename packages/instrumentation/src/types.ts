import type { MeterProvider, Span, TracerProvider } from '@opentelemetry/api'
import type { LoggerProvider } from '@opentelemetry/api-logs'
import type { InstrumentationConfig } from '@opentelemetry/instrumentation'
import type { QflowMetricProducer } from './signals/metric-producer.ts'
import type { QflowSpanProcessor } from './signals/span-processor.ts'

/** Whether detail spans (validate, acquire, hold, ledger, check) are made: never, for a share of the executions, always. */
export type DetailMode = 'off' | 'sampled' | 'on'

/** How a span is tied to the work before a durable boundary (a resume, a webhook queue). */
export type BoundaryMode = 'auto' | 'link' | 'child'

/** What an {@link QflowInstrumentationConfig.executionHook} is told, just before the span of the segment ends. */
export interface ExecutionInfo {
  readonly flowId: string | undefined
  /** Absent when the start was rejected. */
  readonly executionId: string | undefined
  /** Qflow's own state object, live. */
  readonly state: unknown
  readonly error: unknown
}

/** What a {@link QflowInstrumentationConfig.stepHook} is told, just before the span of the step ends. */
export interface StepInfo {
  readonly flowId: string | undefined
  readonly executionId: string
  /** Qflow's own step object. */
  readonly step: unknown
  /** What `executeStep` resolved with. */
  readonly result: unknown
  readonly error: unknown
}

/** Settings of the instrumentation; the README's table says the defaults and the environment variable of each. */
export interface QflowInstrumentationConfig extends InstrumentationConfig {
  /** Names under which the engine may be installed. */
  readonly packageNames?: readonly string[]
  readonly ignoreFlows?: readonly (string | RegExp)[]
  readonly ignoreSteps?: readonly (string | RegExp)[]
  readonly requireParent?: boolean
  readonly detailMode?: DetailMode
  readonly detailRatio?: number
  readonly boundaryMode?: BoundaryMode
  readonly captureAttributes?: readonly string[]
  readonly captureMaxLength?: number
  readonly redactKeys?: readonly (string | RegExp)[]
  /** Called on the span of each segment before it ends; what it throws is reported once and ignored. */
  readonly executionHook?: (span: Span, info: ExecutionInfo) => void
  /** Called on the span of each step before it ends; what it throws is reported once and ignored. */
  readonly stepHook?: (span: Span, info: StepInfo) => void
  /** Sums step durations in the SDK's place, for the reader that it is given to as well. */
  readonly metricProducer?: QflowMetricProducer
  /** Lets spans be told later, by the provider that it is given to as well. */
  readonly spanProcessor?: QflowSpanProcessor
}

/** Engine objects to instrument by hand; each may be left out, and what is left out is named as missing in the telemetry. */
export interface QflowTargets {
  readonly executionEngine?: object
  readonly executionLedger?: object
  readonly universalValidationPipeline?: object
  readonly resourcePoolManager?: object
  readonly resourcePool?: object
  readonly parallelExecutionEngine?: object
  readonly wasmRuntimePoolManager?: object
  readonly daoSubnetService?: object
  readonly resourceBillingService?: object
  readonly webhookService?: object
}

/** Settings of {@link instrumentQflow}, with the providers to use instead of the global ones. */
export interface InstrumentQflowConfig extends QflowInstrumentationConfig {
  readonly tracerProvider?: TracerProvider
  readonly meterProvider?: MeterProvider
  readonly loggerProvider?: LoggerProvider
}

/** What {@link instrumentQflow} returns. */
export interface QflowHandle {
  /** Restores every method identically; spans that are open still end by themselves. */
  disable(): void
}
