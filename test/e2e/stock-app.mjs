// An application on the stand-in for the published Qflow: it knows nothing of qflow-otel. It runs two flows and waits.
import {
  executionEngine,
  executionLedger,
  qflowEventEmitter,
  universalValidationPipeline,
} from '@anarq/qflow'
import { resourceBillingService } from '@anarq/qflow/dist/billing/ResourceBillingService.js'

const EXECUTIONS = 40
const STEPS = 50

const context = {
  triggeredBy: 'me',
  triggerType: 'manual',
  inputData: {},
  variables: {},
  permissions: [],
}

const chain = (id, types) => ({
  id,
  version: '1.0.0',
  metadata: {},
  steps: types.map((type, index) => ({
    id: `s${index}`,
    type,
    action: 'x',
    params: {},
    onSuccess: index + 1 < types.length ? `s${index + 1}` : undefined,
  })),
})

await executionLedger.initialize()
await universalValidationPipeline.initialize()
await resourceBillingService.initializeTenant('dao.public.default', 'enterprise')
executionEngine.registerFlow(chain('long', Array(STEPS).fill('condition')))
executionEngine.registerFlow(chain('mixed', ['task', 'condition', 'parallel', 'task']))

for (let index = 0; index < EXECUTIONS; index += 1) await run('long')
for (let index = 0; index < 3; index += 1) await run('mixed')
console.log('all done')

async function run(flowId) {
  let finish
  const done = new Promise((resolve) => {
    finish = resolve
  })
  qflowEventEmitter.on('q.qflow.exec.completed.v1', finish)
  const executionId = await executionEngine.startExecution(flowId, context)
  await done
  qflowEventEmitter.off('q.qflow.exec.completed.v1', finish)
  const { steps } = executionEngine.flowDefinitions.get(flowId)
  console.log(JSON.stringify({ flowId, executionId, stepIds: steps.map(({ id }) => id) }))
}
