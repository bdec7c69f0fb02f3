import { type Attributes, context, type HrTime } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { instrumentQflow } from './by-hand.ts'
import type { TestEngine } from './test-engine.ts'
import type { InstrumentQflowConfig, QflowHandle } from './types.ts'

/** In-memory exporters of all three signals and an engine instrumented into them. For tests. */
export interface TestTelemetry {
  readonly providers: InstrumentQflowConfig & { readonly tracerProvider: BasicTracerProvider }
  readonly logs: InMemoryLogRecordExporter
  spans(): ReadableSpan[]
  /** The only span of this name. */
  span(name: string): ReadableSpan
  metric(name: string): Promise<readonly { attributes: Attributes; value: unknown }[]>
}

export function useContextManager(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
}

export function createTestTelemetry(): TestTelemetry {
  const exporter = new InMemorySpanExporter()
  const logs = new InMemoryLogRecordExporter()
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({
    exporter: metricExporter,
    exportIntervalMillis: 3_600_000,
  })
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const loggerProvider = new LoggerProvider({
    processors: [new SimpleLogRecordProcessor({ exporter: logs })],
  })
  const spans = () => exporter.getFinishedSpans()
  return {
    providers: { tracerProvider, meterProvider, loggerProvider },
    logs,
    spans,
    span(name) {
      const [found, ...others] = spans().filter((span) => span.name === name)
      if (!found || others.length > 0) {
        const names = spans().map((span) => span.name)
        throw new Error(`expected one span ${name}, found ${names.join(', ')}`)
      }
      return found
    },
    async metric(name) {
      await reader.forceFlush()
      const last = metricExporter.getMetrics().at(-1)
      const metrics = last?.scopeMetrics.flatMap((scope) => scope.metrics) ?? []
      const found = metrics.find((metric) => metric.descriptor.name === name)
      return (found?.dataPoints ?? []).map(({ attributes, value }) => ({ attributes, value }))
    },
  }
}

/** Instruments everything the test engine has. */
export function instrument(
  engine: TestEngine,
  telemetry: TestTelemetry,
  config: InstrumentQflowConfig = {},
): QflowHandle {
  return instrumentQflow(
    {
      executionEngine: engine,
      executionLedger: engine.ledger,
      universalValidationPipeline: engine.pipeline,
      daoSubnetService: engine.dao,
    },
    { ...telemetry.providers, ...config },
  )
}

export function nsOf([seconds, nanos]: HrTime): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos)
}

/** Length of a span in ns, exactly. */
export function durationNs(span: ReadableSpan): number {
  return Number(nsOf(span.endTime) - nsOf(span.startTime))
}

/** Phases of a step span in whole ns, by name. */
export function phasesOf(span: ReadableSpan): Record<string, number> {
  const prefix = 'qflow.step.phase.'
  const phases: Record<string, number> = {}
  for (const [name, value] of Object.entries(span.attributes)) {
    if (name.startsWith(prefix)) phases[name.slice(prefix.length)] = Math.round(Number(value) * 1e9)
  }
  return phases
}

export function sumOf(phases: Record<string, number>): number {
  return Object.values(phases).reduce((sum, ns) => sum + ns, 0)
}
