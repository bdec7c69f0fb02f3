// Runs a flow of the example engine 60 times, instrumented, and exports to the OTLP/HTTP address given. Prints how
// many spans it sent.

import {
  executionEngine,
  executionLedger,
  initializeQflow,
  shutdownQflow,
  universalValidationPipeline,
} from '@anarq/qflow'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { instrumentQflow } from '@qflow-otel/instrumentation'

const EXECUTION_COUNT = 60
let spanCount = 0
const counter = {
  onStart() {},
  onEnd: () => (spanCount += 1),
  forceFlush: async () => {},
  shutdown: async () => {},
}
const exporter = new OTLPTraceExporter({ url: `${process.argv[2]}/v1/traces` })
const provider = new BasicTracerProvider({
  spanProcessors: [counter, new BatchSpanProcessor(exporter)],
})
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
trace.setGlobalTracerProvider(provider)
instrumentQflow({ executionEngine, executionLedger, universalValidationPipeline })

const step = (id, ms, onSuccess) => ({
  id,
  type: 'task',
  action: 'qflow.action.delay',
  params: { ms },
  ...(onSuccess !== undefined && { onSuccess }),
})
await initializeQflow()
executionEngine.registerFlow({
  id: 'invoice',
  name: 'invoice',
  version: '1.0.0',
  owner: 'shop',
  steps: [step('collect', 2, 'render'), step('render', 20, 'send'), step('send', 2)],
  metadata: { tags: [], category: 'test', visibility: 'public', requiredPermissions: [] },
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
})
for (let i = 0; i < EXECUTION_COUNT; i++) {
  const id = await executionEngine.startExecution('invoice', {
    triggeredBy: 'shop',
    triggerType: 'manual',
    inputData: {},
    variables: {},
    permissions: [],
  })
  await executionEngine.waitForExecution(id)
}
await shutdownQflow()
await provider.shutdown()
console.log(`sent ${spanCount} spans`)
