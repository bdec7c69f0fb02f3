import type { MeterProvider, TextMapPropagator, TracerProvider } from '@opentelemetry/api'
import {
  type ContextManager,
  context,
  type DiagLogger,
  metrics,
  propagation,
  trace,
} from '@opentelemetry/api'
import type { LoggerProvider } from '@opentelemetry/api-logs'
import { QflowMetricProducer } from '../signals/metric-producer.ts'
import { QflowSpanProcessor } from '../signals/span-processor.ts'
import type { QflowInstrumentationConfig } from '../types.ts'
import { globalLogs } from './global-providers.ts'
import { createResolver, type LoadedModule, type Resolver } from './resolver.ts'
import { samplerFrom } from './sampler.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Pinned, since an unpinned install mixes the two SDK lines. */
const INSTALL_HINT =
  'npm install @opentelemetry/api@1.9.1 @opentelemetry/sdk-trace-node@2.12.0 @opentelemetry/exporter-trace-otlp-proto@0.223.0 ' +
  '@opentelemetry/sdk-metrics@2.12.0 @opentelemetry/exporter-metrics-otlp-proto@0.223.0 ' +
  '@opentelemetry/sdk-logs@0.223.0 @opentelemetry/exporter-logs-otlp-proto@0.223.0'

type Constructor = new (...args: unknown[]) => unknown

/** What the instrumentation shares with the SDK that was started; absent where the signal is. */
export type Shared = Pick<QflowInstrumentationConfig, 'metricProducer' | 'spanProcessor'>

/**
 * Sets up an SDK that the application has installed, of the 2.x or the 3.x line, with OTLP exporters that read the standard
 * environment variables. Metrics and events are added where their packages are there.
 */
export function startSdk(environment: Environment, log: DiagLogger): Shared {
  const resolver = createResolver()
  const sdk = resolver.load(
    '@opentelemetry/sdk-trace',
    '@opentelemetry/sdk-trace-node',
    '@opentelemetry/sdk-trace-base',
  )
  if (sdk === undefined) {
    log.warn(`no OpenTelemetry SDK is set up or installed, so nothing is exported. ${INSTALL_HINT}`)
    return {}
  }
  const setup = { resolver, sdk, environment, log, resource: resourceOf(resolver, sdk) }
  setContext(setup)
  const isWanted = (signal: string) => environment[`OTEL_${signal}_EXPORTER`]?.trim() !== 'none'
  const spanProcessor = isWanted('TRACES') ? startTraces(setup) : undefined
  if (isWanted('LOGS')) startLogs(setup)
  const metricProducer = isWanted('METRICS') ? startMetrics(setup) : undefined
  return { ...(spanProcessor && { spanProcessor }), ...(metricProducer && { metricProducer }) }
}

interface Setup {
  readonly resolver: Resolver
  readonly sdk: LoadedModule
  readonly environment: Environment
  readonly log: DiagLogger
  readonly resource: unknown
}

function setContext({ resolver, sdk, log }: Setup): void {
  const hooks =
    resolver.loadFrom(sdk, '@opentelemetry/context-async-hooks') ??
    resolver.load('@opentelemetry/context-async-hooks')
  const Manager = constructorIn(hooks, 'AsyncLocalStorageContextManager')
  if (Manager) {
    // The class's documented interface.
    const manager = new Manager() as ContextManager
    context.setGlobalContextManager(manager.enable())
  } else {
    log.warn(
      '@opentelemetry/context-async-hooks is not installed: spans of other libraries will not nest',
    )
  }
  const core = resolver.loadFrom(sdk, '@opentelemetry/core')
  const Composite = constructorIn(core, 'CompositePropagator')
  const TraceContext = constructorIn(core, 'W3CTraceContextPropagator')
  const Baggage = constructorIn(core, 'W3CBaggagePropagator')
  if (!Composite || !TraceContext || !Baggage) return
  const propagators = [new TraceContext(), new Baggage()]
  propagation.setGlobalPropagator(new Composite({ propagators }) as TextMapPropagator)
}

/** Returns what says that spans are about to be flushed. */
function startTraces(setup: Setup): QflowSpanProcessor | undefined {
  const { sdk, environment, resource, log } = setup
  const exporter = exporterOf(setup, 'trace', 'OTLPTraceExporter')
  const Provider =
    constructorIn(sdk, 'TracerProvider') ??
    constructorIn(sdk, 'NodeTracerProvider') ??
    constructorIn(sdk, 'BasicTracerProvider')
  const Processor = constructorIn(sdk, 'BatchSpanProcessor')
  if (!exporter || !Provider || !Processor) {
    log.warn(`traces are not exported: an OTLP trace exporter is missing. ${INSTALL_HINT}`)
    return undefined
  }
  const options = batchOptions(environment, 'BSP')
  // Only `sdk-trace` exports a `TracerProvider`, and its processors take one options object.
  const takesOptions = constructorIn(sdk, 'TracerProvider') !== undefined
  const processor = takesOptions
    ? new Processor({ exporter, ...options })
    : new Processor(exporter, options)
  const sampler = samplerFrom(environment, sdk)
  const spanProcessor = new QflowSpanProcessor()
  const spanProcessors = [spanProcessor, processor]
  const settings = { spanProcessors, ...(resource ? { resource } : {}) }
  const provider = new Provider(sampler ? { ...settings, sampler } : settings)
  trace.setGlobalTracerProvider(provider as TracerProvider)
  return spanProcessor
}

/** Returns what step durations have to be summed in, for the reader that exports them. */
function startMetrics(setup: Setup): QflowMetricProducer | undefined {
  const { resolver, environment, resource } = setup
  const sdk = resolver.load('@opentelemetry/sdk-metrics')
  const exporter = sdk && exporterOf(setup, 'metrics', 'OTLPMetricExporter')
  const Provider = constructorIn(sdk, 'MeterProvider')
  const Reader = constructorIn(sdk, 'PeriodicExportingMetricReader')
  if (!exporter || !Provider || !Reader) return undefined
  const exportIntervalMillis = numberIn(environment, 'OTEL_METRIC_EXPORT_INTERVAL') ?? 60_000
  const timeout = numberIn(environment, 'OTEL_METRIC_EXPORT_TIMEOUT') ?? 30_000
  const exportTimeoutMillis = Math.min(timeout, exportIntervalMillis)
  const metricProducer = new QflowMetricProducer({ temporality: temporalityOf(exporter) })
  const metricProducers = [metricProducer]
  const reader = new Reader({
    exporter,
    exportIntervalMillis,
    exportTimeoutMillis,
    metricProducers,
  })
  const provider = new Provider({ readers: [reader], ...(resource ? { resource } : {}) })
  metrics.setGlobalMeterProvider(provider as MeterProvider)
  return metricProducer
}

/** What the exporter wants of histograms, from `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`: 0 is the SDK's number for delta. */
function temporalityOf(exporter: unknown): 'delta' | 'cumulative' {
  // The documented method of an exporter that pushes.
  const { selectAggregationTemporality } = exporter as {
    selectAggregationTemporality?: (instrument: string) => number
  }
  const isDelta = selectAggregationTemporality?.call(exporter, 'HISTOGRAM') === 0
  return isDelta ? 'delta' : 'cumulative'
}

function startLogs(setup: Setup): void {
  const { resolver, environment, resource } = setup
  const sdk = resolver.load('@opentelemetry/sdk-logs')
  const exporter = sdk && exporterOf(setup, 'logs', 'OTLPLogExporter')
  const Provider = constructorIn(sdk, 'LoggerProvider')
  const Processor = constructorIn(sdk, 'BatchLogRecordProcessor')
  if (!exporter || !Provider || !Processor) return
  const processor = new Processor({ exporter, ...batchOptions(environment, 'BLRP') })
  const provider = new Provider({ processors: [processor], ...(resource ? { resource } : {}) })
  globalLogs().setGlobalLoggerProvider(provider as LoggerProvider)
}

function exporterOf({ resolver, environment }: Setup, signal: string, name: string): unknown {
  const own =
    environment[`OTEL_EXPORTER_OTLP_${signal.toUpperCase().replace('TRACE', 'TRACES')}_PROTOCOL`]
  const protocol = (own ?? environment['OTEL_EXPORTER_OTLP_PROTOCOL'])?.trim()
  const [first, ...others] =
    protocol === 'http/json'
      ? ['http', 'proto']
      : protocol === 'grpc'
        ? ['grpc']
        : ['proto', 'http']
  const names = [first, ...others].map((kind) => `@opentelemetry/exporter-${signal}-otlp-${kind}`)
  const Exporter = constructorIn(resolver.load(...names), name)
  return Exporter && new Exporter()
}

/** Service name and attributes from the environment over the SDK's defaults. */
function resourceOf(resolver: Resolver, sdk: LoadedModule): unknown {
  const resources = resolver.loadFrom(sdk, '@opentelemetry/resources')?.exports
  const { defaultResource, detectResources, envDetector, serviceInstanceIdDetector } =
    // The documented functions of the package, absent in other versions.
    (resources ?? {}) as Record<string, ((...args: unknown[]) => unknown) | undefined>
  if (!defaultResource || !detectResources || !envDetector) return undefined
  const detectors = serviceInstanceIdDetector
    ? [serviceInstanceIdDetector, envDetector]
    : [envDetector]
  const base = defaultResource() as { merge(other: unknown): unknown }
  return base.merge(detectResources({ detectors }))
}

function batchOptions(environment: Environment, prefix: string): Record<string, number> {
  const options: Record<string, number> = {}
  const take = (option: string, variable: string) => {
    const value = numberIn(environment, `OTEL_${prefix}_${variable}`)
    if (value !== undefined) options[option] = value
  }
  take('scheduledDelayMillis', 'SCHEDULE_DELAY')
  take('maxQueueSize', 'MAX_QUEUE_SIZE')
  take('maxExportBatchSize', 'MAX_EXPORT_BATCH_SIZE')
  take('exportTimeoutMillis', 'EXPORT_TIMEOUT')
  return options
}

function numberIn(environment: Environment, name: string): number | undefined {
  const value = Number(environment[name]?.trim() || Number.NaN)
  return Number.isFinite(value) && value > 0 ? value : undefined
}

function constructorIn(module: LoadedModule | undefined, name: string): Constructor | undefined {
  const found = module?.exports[name]
  // A class of the SDK; its parameters are those of the documented version line.
  return typeof found === 'function' ? (found as Constructor) : undefined
}
