import type { QflowInstance, Timers } from '@anarq/qflow'
import type { Tracer } from '@opentelemetry/api'
import { hashText, uniformFrom } from '../../packages/analyzer/src/stats/hash-uniform.ts'
import { runTask, sleep, TASK_ACTION } from './task.ts'
import type { StepCosts, Workload } from './workload.ts'
import type { World } from './world.ts'

/** A payment lies this far around its mean, so that executions differ and now one branch is the longest, now another. */
const SPREAD_RATIO = 0.3

const NO_COSTS: StepCosts = {
  workMs: 0,
  cpuMs: 0,
  calls: [],
  callsAtOnce: false,
  failureCount: 0,
  validationMs: 0,
  ledgerMs: 0,
  listenerMs: 0,
}

interface Bill {
  readonly costsOf: (stepId: string | undefined) => StepCosts
  /** The number of an execution, which says what it draws. */
  readonly orderOf: (executionId: string) => unknown
  /** The same for the same payment in every run of a workload. */
  readonly drawn: (meanMs: number, ...payment: readonly unknown[]) => number
  readonly pause: (ms: number) => Promise<void>
}

/** Lets everything in the engine take what the workload says. Before it is instrumented, so that it is seen as the engine's. */
export function charge(
  qflow: QflowInstance,
  workload: Workload,
  { world, tracer }: { readonly world: World; readonly tracer: Tracer },
): void {
  const { timers } = qflow.executionEngine.runtime
  const bill = billOf(qflow, workload, timers)
  qflow.services.actions.registerAction(TASK_ACTION, (_params, call) => {
    const payment = [call.context.inputData['order'], call.stepId, call.attempt]
    const drawn = (meanMs: number, what: string) => bill.drawn(meanMs, what, ...payment)
    return runTask(bill.costsOf(call.stepId), call, { timers, drawn, burn: world.burn, tracer })
  })
  chargeValidation(qflow, workload, bill)
  chargeLedger(qflow, bill)
  chargeAdmission(qflow, workload, bill)
  qflow.services.events.on('q.qflow.exec.step.completed.v1', (data) => {
    // As the engine emits it.
    const { executionId, stepId } = data as { executionId: string; stepId: string }
    const { listenerMs } = bill.costsOf(stepId)
    world.burn(bill.drawn(listenerMs, 'listener', bill.orderOf(executionId), stepId))
  })
  createPools(qflow, workload, bill)
}

function billOf(
  { executionEngine }: QflowInstance,
  { seed, costs }: Workload,
  timers: Timers,
): Bill {
  return {
    costsOf: (stepId) => costs[stepId ?? ''] ?? NO_COSTS,
    orderOf: (id) => executionEngine.executions.get(id)?.context.inputData['order'],
    drawn(meanMs, ...payment) {
      const uniform = uniformFrom(seed, hashText(payment.join(' ')))
      return meanMs * (1 + SPREAD_RATIO * (2 * uniform - 1))
    },
    pause: (ms) => sleep(timers, ms),
  }
}

/** A layer that asks somebody else, unless its verdict is in the cache. */
function chargeValidation({ services }: QflowInstance, workload: Workload, bill: Bill): void {
  const { pipeline } = services
  const permission = pipeline.getLayers().find(({ layerId }) => layerId === 'permission')
  if (permission === undefined) throw new Error('the pipeline has no layer permission')
  pipeline.registerLayer(permission, async (_data, { requestId, metadata: { stepId = '' } }) => {
    const executionId = requestId.slice(0, -`-${stepId}`.length)
    const { validationMs } = bill.costsOf(stepId)
    await bill.pause(bill.drawn(validationMs, 'validation', bill.orderOf(executionId), stepId))
    return { status: 'passed', message: 'ok' }
  })
  pipeline.updatePipelinePolicy({ cacheEnabled: workload.forgetEvery > 0 })
}

function chargeLedger({ services: { ledger } }: QflowInstance, bill: Bill): void {
  const append = ledger.appendRecord.bind(ledger)
  ledger.appendRecord = async (entry) => {
    const { ledgerMs } = bill.costsOf(entry.stepId)
    await bill.pause(bill.drawn(ledgerMs, 'ledger', bill.orderOf(entry.execId), entry.stepId))
    return append(entry)
  }
}

function chargeAdmission(
  { services: { dao } }: QflowInstance,
  { admissionMs }: Workload,
  bill: Bill,
) {
  const validate = dao.validateDAOExecution.bind(dao)
  dao.validateDAOExecution = async (flowId, context) => {
    await bill.pause(bill.drawn(admissionMs, 'admission', flowId, context.inputData['order']))
    return validate(flowId, context)
  }
}

/** Pools that check a resource before they hand it out. */
function createPools({ executionEngine }: QflowInstance, { pools }: Workload, bill: Bill): void {
  for (const [name, { size, acquireMs }] of Object.entries(pools)) {
    const check = () => bill.pause(acquireMs)
    const factory = {
      create: () => check().then(() => ({})),
      validate: () => check().then(() => true),
      destroy: () => {},
    }
    const sizes = { minSize: 0, maxSize: size }
    executionEngine.resourcePoolManager?.createPool(name, factory, sizes)
  }
}
