// One process with an SDK, its global providers and the profiler: executions whose step `charge` waits for a bank.
// Runs on either SDK line; prints what arrived at the exporters as one JSON line.
// Usage: node story.mjs esm|cjs
import { createRequire } from 'node:module'
import * as api from '@opentelemetry/api'
import * as apiLogs from '@opentelemetry/api-logs'
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { TracerProvider } from '@opentelemetry/sdk-trace'

const EXECUTION_COUNT = 60
const NS_PER_MS = 1_000_000

const require = createRequire(import.meta.url)
const { QflowProfiler } =
  process.argv[2] === 'cjs' ? require('@qflow-otel/profiler') : await import('@qflow-otel/profiler')

class PullReader extends MetricReader {
  async onShutdown() {}
  async onForceFlush() {}
}

const heard = []
const profiler = new QflowProfiler({
  onFinding: ({ change, finding }) => heard.push(`${finding.kind}.${change}`),
})
const tracerProvider = new TracerProvider({ spanProcessors: [profiler] })
const logExporter = new InMemoryLogRecordExporter()
const loggerProvider = new LoggerProvider({
  processors: [new SimpleLogRecordProcessor({ exporter: logExporter })],
})
const reader = new PullReader()
const logsGlobal = 'logs' in api ? api.logs : apiLogs.logs
logsGlobal.setGlobalLoggerProvider(loggerProvider)
api.metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))

const tracer = tracerProvider.getTracer('story')
const firstMs = Date.now() - 1_000 * EXECUTION_COUNT - 60_000
for (let index = 0; index < EXECUTION_COUNT; index += 1) runExecution(index)
await profiler.forceFlush()
const answer = profiler.why({ flowId: 'checkout' })

// All providers shut down in one turn, as NodeSDK does.
const tracesDone = tracerProvider.shutdown()
const { resourceMetrics } = await reader.collect()
await tracesDone

const events = logExporter
  .getFinishedLogRecords()
  .map(({ eventName, attributes, body, severityNumber }) => ({
    eventName,
    attributes,
    body,
    severityNumber,
  }))
const metrics = resourceMetrics.scopeMetrics.flatMap(({ metrics: found }) =>
  found.flatMap(({ descriptor, dataPoints }) =>
    dataPoints.map(({ value, attributes }) => ({
      name: descriptor.name,
      unit: descriptor.unit,
      value,
      attributes,
    })),
  ),
)
const { losses } = profiler.report()
console.log(
  JSON.stringify({ node: process.version, events, metrics, heard, answer, losses }, bigintAsText),
)

/**
 *     execute_flow   ├──────────────────────────┤
 *       reserve      ├───┤
 *       charge           ├────────────────┤
 *         GET bank         ├─────────────┤
 *       ship                              ├─────┤
 */
function runExecution(index) {
  const jitterMs = (index * 7) % 5
  const ids = {
    'qflow.flow.id': 'checkout',
    'qflow.flow.version': '1.0.0',
    'qflow.execution.id': `exec_${index}`,
  }
  const startMs = firstMs + index * 1_000
  const bankMs = 60 + jitterMs
  const root = open(api.ROOT_CONTEXT, 'execute_flow checkout', startMs, {
    ...ids,
    'qflow.execution.status': 'completed',
  })
  step(root, ids, { id: 'reserve', startMs, lengthMs: 10 })
  const charge = step(root, ids, { id: 'charge', startMs: startMs + 10, lengthMs: bankMs + 2 })
  const bank = open(charge, 'GET bank.example', startMs + 11, {}, api.SpanKind.CLIENT)
  close(bank, startMs + 11 + bankMs)
  step(root, ids, { id: 'ship', startMs: startMs + 12 + bankMs, lengthMs: 10 })
  close(root, startMs + 22 + bankMs)
}

function step(parent, ids, { id, startMs, lengthMs }) {
  const opened = open(parent, `execute_step ${id}`, startMs, {
    ...ids,
    'qflow.step.id': id,
    'qflow.step.type': 'task',
    'qflow.step.phase.work': lengthMs / 1_000,
  })
  close(opened, startMs + lengthMs)
  return opened
}

function open(parent, name, startMs, attributes, kind = api.SpanKind.INTERNAL) {
  const span = tracer.startSpan(name, { kind, startTime: at(startMs), attributes }, parent)
  return api.trace.setSpan(parent, span)
}

function close(opened, endMs) {
  api.trace.getSpan(opened).end(at(endMs))
}

/** HrTime: the SDK's own reading of a number would depend on when the process started. */
function at(timeMs) {
  return [Math.floor(timeMs / 1_000), (timeMs % 1_000) * NS_PER_MS]
}

function bigintAsText(_name, value) {
  return typeof value === 'bigint' ? String(value) : value
}
