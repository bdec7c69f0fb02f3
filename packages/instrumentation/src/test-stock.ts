import { setImmediate } from 'node:timers/promises'
import { vi } from 'vitest'
import { instrumentQflow } from './by-hand.ts'
import type { InstrumentQflowConfig, QflowHandle } from './types.ts'

/** The stand-in for the published engine, as far as these tests use it. */
export interface Stock {
  readonly executionEngine: {
    registerFlow(flow: object): void
    startExecution(flowId: string, context: object): Promise<string>
    pauseExecution(id: string): Promise<void>
    resumeExecution(id: string): Promise<void>
    abortExecution(id: string): Promise<void>
    executeFlow(id: string): Promise<void>
    executeTask(step: { readonly id: string }): Promise<unknown>
    readonly resourcePoolManager: {
      createPool(name: string, factory: object, config: object): Pool
    }
  }
  readonly qflowEventEmitter: {
    on(name: string, listener: (event: { executionId: string }) => void): void
  }
  readonly webhookService: {
    registerWebhook(config: object): Promise<void>
    processQueuedEvent(event: object): Promise<void>
  }
  readonly executionLedger: { initialize(): Promise<void> }
  readonly universalValidationPipeline: { initialize(): Promise<void> }
  readonly daoSubnetService: object
  readonly resourceBillingService: { initializeTenant(id: string, tier: string): Promise<void> }
}

interface Pool {
  acquire(): Promise<object>
  release(resource: object): Promise<void>
}

const home = '../../../test/fixtures/qflow-stock/dist'

export const startContext = {
  triggeredBy: 'me',
  triggerType: 'manual',
  inputData: {},
  variables: {},
  permissions: [],
} as const

/** Fresh singletons, ready to run flows: the engine keeps its subnet's slots for as long as the process lives. */
export async function createStock(): Promise<StockRuns> {
  vi.resetModules()
  const main = await import(`${home}/index.js`)
  const billing = await import(`${home}/billing/ResourceBillingService.js`)
  const dao = await import(`${home}/governance/DAOSubnetService.js`)
  const webhooks = await import(`${home}/webhooks/WebhookService.js`)
  // The files are plain JavaScript; this is the part of them that is used here.
  const stock = { ...main, ...billing, ...dao, ...webhooks } as Stock
  await stock.executionLedger.initialize()
  await stock.universalValidationPipeline.initialize()
  await stock.resourceBillingService.initializeTenant('dao.public.default', 'enterprise')
  const runs = followRuns(stock.executionEngine)
  return { stock, runs, idle: () => idle(runs) }
}

export interface StockRuns {
  readonly stock: Stock
  /** Of each `executeFlow`, in order. */
  readonly runs: readonly Promise<void>[]
  idle(): Promise<void>
}

/** Instruments everything the stand-in has. */
export function instrumentStock(stock: Stock, config: InstrumentQflowConfig): QflowHandle {
  return instrumentQflow(
    {
      executionEngine: stock.executionEngine,
      executionLedger: stock.executionLedger,
      universalValidationPipeline: stock.universalValidationPipeline,
      daoSubnetService: stock.daoSubnetService,
      resourceBillingService: stock.resourceBillingService,
      webhookService: stock.webhookService,
    },
    config,
  )
}

/** The engine tells nobody when a run is over, so its runs are collected below the instrumentation. */
function followRuns(engine: Stock['executionEngine']): Promise<void>[] {
  const runs: Promise<void>[] = []
  const prototype: Stock['executionEngine'] = Object.getPrototypeOf(engine)
  const { executeFlow } = prototype
  prototype.executeFlow = function (id) {
    const run = executeFlow.call(this, id)
    runs.push(run)
    return run
  }
  return runs
}

async function idle(runs: readonly Promise<void>[]): Promise<void> {
  for (let count = -1; count !== runs.length; ) {
    count = runs.length
    await Promise.allSettled(runs)
    await setImmediate()
  }
}
