import type { BatchObservableResult, Observable } from '@opentelemetry/api'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import {
  MeterProvider,
  MetricReader,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { type AnalyzerChange, findingEvent, type MetricPoint } from '@qflow-otel/analyzer'
import { registry, SCHEMA_URL } from '@qflow-otel/semconv'

export interface TelemetryOptions {
  readonly version: string
  readonly instanceId: string
  /** Everything that is measured, read at each collection. */
  readonly points: () => readonly MetricPoint[]
  /** Where metrics and events go; without it they are only at /metrics and in the answers. */
  readonly backend: TelemetryBackend | undefined
}

interface TelemetryBackend {
  readonly baseUrl: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly metricIntervalMs: number
}

/** Exports of our own telemetry, by what became of them. */
export interface OwnExports {
  readonly sentCount: number
  readonly failedCount: number
  /** Why the last one failed; absent once one succeeds again. */
  readonly failure: string | undefined
}

export interface Telemetry {
  emit(changes: readonly AnalyzerChange[]): void
  /** All metrics in Prometheus text. */
  prometheus(): Promise<string>
  exports(): OwnExports
  /** Sends what is left, at most for `timeoutMs`. */
  close(timeoutMs: number): Promise<void>
}

const scope = '@qflow-otel/collector'

/** The collector's and the analyzer's metrics and events through the OpenTelemetry SDK. */
export function startTelemetry(options: TelemetryOptions): Telemetry {
  const counts: Counts = { sentCount: 0, failedCount: 0, failure: undefined }
  const resource = resourceFromAttributes({
    'service.name': 'qflow-otel-collector',
    'service.version': options.version,
    'service.instance.id': options.instanceId,
  })
  const pull = new PullReader()
  const { backend } = options
  const meters = new MeterProvider({
    resource,
    readers: backend === undefined ? [pull] : [pull, pushReader(backend, counts)],
  })
  const loggers = new LoggerProvider({
    resource,
    processors: backend === undefined ? [] : [logProcessor(backend, counts)],
  })
  observe(meters, options)
  const logger = loggers.getLogger(scope, options.version, { schemaUrl: SCHEMA_URL })
  // Host names and ids are of no use to one scraper of one process.
  const serializer = new PrometheusSerializer(undefined, false, undefined, false, true)
  return {
    emit: (changes) => {
      for (const change of changes) logger.emit(recordOf(change))
    },
    prometheus: async () => serializer.serialize((await pull.collect()).resourceMetrics),
    exports: () => ({ ...counts }),
    close: (timeoutMs) => shutDown([meters, loggers], timeoutMs),
  }
}

interface Counts {
  sentCount: number
  failedCount: number
  failure: string | undefined
}

function recordOf(change: AnalyzerChange) {
  const { name, timeUnixNs, severityNumber, body, attributes } = findingEvent(change)
  const timestamp: [number, number] = [
    Number(timeUnixNs / 1_000_000_000n),
    Number(timeUnixNs % 1_000_000_000n),
  ]
  return { eventName: name, timestamp, severityNumber, body, attributes: { ...attributes } }
}

/** One instrument per registered name; one callback reads all points at once, so that they agree. */
function observe(meters: MeterProvider, { version, points }: TelemetryOptions): void {
  const meter = meters.getMeter(scope, version, { schemaUrl: SCHEMA_URL })
  const instruments = new Map<string, Observable>()
  for (const [name, { instrument, unit, brief }] of Object.entries(registry.metrics)) {
    if (!isOurs(name)) continue
    const options = { unit, description: brief }
    const create = {
      counter: () => meter.createObservableCounter(name, options),
      updowncounter: () => meter.createObservableUpDownCounter(name, options),
      gauge: () => meter.createObservableGauge(name, options),
    }[instrument]
    if (create !== undefined) instruments.set(name, create())
  }
  const read = (result: BatchObservableResult) => {
    for (const { name, value, attributes } of points()) {
      const instrument = instruments.get(name)
      if (instrument !== undefined) result.observe(instrument, value, { ...attributes })
    }
  }
  meter.addBatchObservableCallback(read, [...instruments.values()])
}

/** What this process measures; the rest of the registry is measured by the instrumentation. */
function isOurs(name: string): boolean {
  return /^(otelcol_|qflow\.(collector|analyzer|bottleneck|regression|recommendation|detector)\.)/.test(
    name,
  )
}

/** Collects when it is asked, for /metrics. */
class PullReader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

function pushReader(backend: TelemetryBackend, counts: Counts): MetricReader {
  return new PeriodicExportingMetricReader({
    exporter: counting(new OTLPMetricExporter(exporterConfig(backend, '/v1/metrics')), counts),
    exportIntervalMillis: backend.metricIntervalMs,
    exportTimeoutMillis: Math.min(backend.timeoutMs, backend.metricIntervalMs),
  })
}

function logProcessor(backend: TelemetryBackend, counts: Counts): BatchLogRecordProcessor {
  const exporter = counting(new OTLPLogExporter(exporterConfig(backend, '/v1/logs')), counts)
  return new BatchLogRecordProcessor({ exporter, exportTimeoutMillis: backend.timeoutMs })
}

function exporterConfig({ baseUrl, headers, timeoutMs }: TelemetryBackend, path: string) {
  const url = baseUrl.replace(/\/+$/, '') + path
  return { url, headers: { ...headers }, timeoutMillis: timeoutMs }
}

interface Exporter<Items> {
  export(items: Items, done: (result: { code: number; error?: Error }) => void): void
}

/** Counts what becomes of each export; the SDK would only say it to a diagnostic logger. */
function counting<Items, E extends Exporter<Items>>(exporter: E, counts: Counts): E {
  const send = exporter.export.bind(exporter)
  exporter.export = (items, done) =>
    send(items, (result) => {
      const isSent = result.code === 0
      counts.sentCount += isSent ? 1 : 0
      counts.failedCount += isSent ? 0 : 1
      counts.failure = isSent ? undefined : (result.error?.message ?? 'the export failed')
      done(result)
    })
  return exporter
}

async function shutDown(
  providers: readonly { shutdown(): Promise<void> }[],
  timeoutMs: number,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const bound = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs)
  })
  // A failed last export is counted by its exporter.
  const ended = Promise.allSettled(providers.map((provider) => provider.shutdown()))
  await Promise.race([ended, bound])
  clearTimeout(timer)
}
