/** The applications of the loading matrix: each runs one flow of two steps and is then asked to stop. */

const flow = `
const step = (id, onSuccess) => ({ id, type: 'condition', action: 'x', params: {}, onSuccess })
async function runFlow(q, billing) {
  await q.executionLedger.initialize()
  await q.universalValidationPipeline.initialize()
  await billing.initializeTenant('dao.public.default', 'enterprise')
  q.executionEngine.registerFlow({ id: 'f', version: '1', steps: [step('a', 'b'), step('b')], metadata: {} })
  const done = new Promise((resolve) => q.qflowEventEmitter.on('q.qflow.exec.completed.v1', resolve))
  await q.executionEngine.startExecution('f', { triggeredBy: 'me', triggerType: 'manual', inputData: {}, variables: {}, permissions: [] })
  await done
}
// The engine's timers keep the process alive, as in production; a signal ends it.
const stop = (afterMs = 0) => setTimeout(() => process.kill(process.pid, 'SIGTERM'), afterMs)
`

const billing = '@anarq/qflow/dist/billing/ResourceBillingService.js'

export const esmApp = `
import * as q from '@anarq/qflow'
import { resourceBillingService } from '${billing}'
${flow}
await runFlow(q, resourceBillingService)
stop()
`

/** With an engine whose timers do not keep the process alive, as a fork may have it. */
export const endingApp = `
import './background-timers.mjs'
import * as q from '@anarq/qflow'
import { resourceBillingService } from '${billing}'
${flow}
await runFlow(q, resourceBillingService)
`

export const backgroundTimers = `
const { setInterval } = globalThis
globalThis.setInterval = (...args) => setInterval(...args).unref()
`

export const deepImportFirst = `
import { resourceBillingService } from '${billing}'
import * as q from '@anarq/qflow'
${flow}
await runFlow(q, resourceBillingService)
stop()
`

export const cjsApp = `
const q = require('@anarq/qflow')
const { resourceBillingService } = require('${billing}')
${flow}
runFlow(q, resourceBillingService).then(() => stop())
`

/** Stays long enough to hear what could not be reached. */
export const lateApp = `
import * as q from '@anarq/qflow'
import { resourceBillingService } from '${billing}'
${flow}
await import('@qflow-otel/instrumentation/register')
await runFlow(q, resourceBillingService)
stop(5_500)
`

/** Engine files inside the application, as a bundle or a fork has them. */
export const byHandApp = `
import * as q from './vendor/dist/index.js'
import { resourceBillingService } from './vendor/dist/billing/ResourceBillingService.js'
import { daoSubnetService } from './vendor/dist/governance/DAOSubnetService.js'
import { instrumentQflow } from '@qflow-otel/instrumentation'
${flow}
instrumentQflow({
  executionEngine: q.executionEngine,
  executionLedger: q.executionLedger,
  universalValidationPipeline: q.universalValidationPipeline,
  daoSubnetService,
  resourceBillingService,
})
await runFlow(q, resourceBillingService)
stop()
`

/** What follows the README's snippet for engines that no loader sees, in the same file. */
export const byHandFlow = `
${flow}
await runFlow(qflow, resourceBillingService)
stop()
`

/** \`registerInstrumentations\` in code, before the engine is imported. */
export const registeredInCode = `
import { register } from 'node:module'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { QflowInstrumentation } from '@qflow-otel/instrumentation'
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)
registerInstrumentations({ instrumentations: [new QflowInstrumentation()] })
const q = await import('@anarq/qflow')
const { resourceBillingService } = await import('${billing}')
${flow}
await runFlow(q, resourceBillingService)
stop()
`
