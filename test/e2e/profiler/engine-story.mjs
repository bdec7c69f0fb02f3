// One process: the example engine, the instrumentation by hand and the profiler. The step `charge` waits 100 ms, the
// others 2 ms. Prints what the profiler said as one JSON line.
import { context, metrics, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { logs } from '@opentelemetry/api-logs'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { instrumentQflow } from '@qflow-otel/instrumentation'
import { QflowProfiler } from '@qflow-otel/profiler'

const EXECUTION_COUNT = 60
const TOGETHER_COUNT = 6

const profiler = new QflowProfiler()
const tracerProvider = new BasicTracerProvider({ spanProcessors: [profiler] })
const logExporter = new InMemoryLogRecordExporter()
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
trace.setGlobalTracerProvider(tracerProvider)
metrics.setGlobalMeterProvider(new MeterProvider())
logs.setGlobalLoggerProvider(
  new LoggerProvider({
    processors: [new SimpleLogRecordProcessor({ exporter: logExporter })],
  }),
)

const qflow = await import('../../../examples/qflow-engine/dist/index.js')
const { executionEngine, executionLedger, universalValidationPipeline } = qflow
instrumentQflow({ executionEngine, executionLedger, universalValidationPipeline })

await qflow.initializeQflow()
executionEngine.registerFlow(paymentFlow())
for (let started = 0; started < EXECUTION_COUNT; started += TOGETHER_COUNT) {
  await Promise.all(Array.from({ length: TOGETHER_COUNT }, runOne))
}
const whileRunning = profiler.executions({ flowId: 'payment' }).length
await tracerProvider.shutdown()
await qflow.shutdownQflow()

const events = logExporter
  .getFinishedLogRecords()
  .filter(({ instrumentationScope }) => instrumentationScope.name === '@qflow-otel/profiler')
  .map(({ eventName, attributes, body }) => ({ eventName, attributes, body }))
console.log(JSON.stringify({ events, whileRunning, report: profiler.report() }, bigintAsText))

async function runOne() {
  const id = await context.with(ROOT_CONTEXT, () =>
    executionEngine.startExecution('payment', {
      triggeredBy: 'test',
      triggerType: 'manual',
      inputData: {},
      variables: {},
      permissions: [],
    }),
  )
  await executionEngine.waitForExecution(id)
}

function paymentFlow() {
  const wait = (id, ms, onSuccess) => ({
    id,
    type: 'task',
    action: 'qflow.action.delay',
    params: { ms },
    ...(onSuccess && { onSuccess }),
  })
  return {
    id: 'payment',
    name: 'payment',
    version: '1.0.0',
    owner: 'test',
    steps: [wait('reserve', 2, 'charge'), wait('charge', 100, 'ship'), wait('ship', 2)],
    metadata: { tags: [], category: 'test', visibility: 'public', requiredPermissions: [] },
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
  }
}

function bigintAsText(_name, value) {
  return typeof value === 'bigint' ? String(value) : value
}
