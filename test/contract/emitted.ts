import { context, SpanKind } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import type { EmittedEvent, EmittedMetric, EmittedSpan } from './check-telemetry.ts'

/** Providers whose telemetry stays in memory, and what came out of them in the words of the registry. */
export interface Recorder {
  readonly providers: {
    readonly tracerProvider: BasicTracerProvider
    readonly meterProvider: MeterProvider
    readonly loggerProvider: LoggerProvider
  }
  emitted(): Promise<{ spans: EmittedSpan[]; metrics: EmittedMetric[]; events: EmittedEvent[] }>
}

/** Sets the global context manager too: without one no span has a parent. */
export function createRecorder(): Recorder {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const spans = new InMemorySpanExporter()
  const logs = new InMemoryLogRecordExporter()
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  // Collected by hand: the interval is longer than any test.
  const reader = new PeriodicExportingMetricReader({
    exporter: metrics,
    exportIntervalMillis: 3_600_000,
  })
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(spans)],
  })
  const loggerProvider = new LoggerProvider({
    processors: [new SimpleLogRecordProcessor({ exporter: logs })],
  })
  return {
    providers: {
      tracerProvider,
      meterProvider: new MeterProvider({ readers: [reader] }),
      loggerProvider,
    },
    async emitted() {
      await reader.forceFlush()
      const last = metrics.getMetrics().at(-1)
      return {
        spans: spans.getFinishedSpans().map((span) => ({
          name: span.name,
          kind: (SpanKind[span.kind] ?? '').toLowerCase(),
          attributes: span.attributes,
        })),
        metrics: (last?.scopeMetrics ?? []).flatMap((scope) => scope.metrics.map(emittedMetric)),
        events: logs.getFinishedLogRecords().map((record) => ({
          name: record.eventName ?? '(no event name)',
          attributes: record.attributes,
        })),
      }
    },
  }
}

function emittedMetric(metric: MetricData): EmittedMetric {
  return {
    name: metric.descriptor.name,
    unit: metric.descriptor.unit,
    instrument: instrumentOf(metric),
    points: metric.dataPoints.map((point) => point.attributes),
  }
}

function instrumentOf(metric: MetricData): string {
  if (metric.dataPointType === DataPointType.GAUGE) return 'gauge'
  if (metric.dataPointType !== DataPointType.SUM) return 'histogram'
  return metric.isMonotonic ? 'counter' : 'updowncounter'
}
