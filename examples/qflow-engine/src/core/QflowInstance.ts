import { createActionRegistry } from '../actions/BuiltInActions.ts'
import { type BillingTier, ResourceBillingService } from '../billing/ResourceBillingService.ts'
import { KeyRing } from '../crypto/KeyRing.ts'
import { QflowEventEmitter } from '../events/EventEmitter.ts'
import { DAOSubnetService, publicSubnetId } from '../governance/DAOSubnetService.ts'
import { SignedValidationCache } from '../validation/SignedValidationCache.ts'
import { UniversalValidationPipeline } from '../validation/UniversalValidationPipeline.ts'
import { WebhookService, webhookService } from '../webhooks/WebhookService.ts'
import type { EngineServices } from './EngineServices.ts'
import { type EngineOptions, ExecutionEngine, executionEngine } from './ExecutionEngine.ts'
import { ExecutionLedger } from './ExecutionLedger.ts'
import { type Runtime, resolveRuntime } from './Runtime.ts'

/** An engine with everything it works with. */
export interface QflowInstance {
  readonly executionEngine: ExecutionEngine
  readonly services: EngineServices
  readonly webhookService: WebhookService
}

/** The engine of the process with its singletons. */
const processInstance: QflowInstance = {
  executionEngine,
  services: executionEngine.services,
  webhookService,
}

/** An engine with services of its own that share nothing with those of the process: for tests and virtual time. */
export function createQflow(
  options: Partial<Runtime> & Pick<EngineOptions, 'keys'> = {},
): QflowInstance {
  const runtime = resolveRuntime(options)
  const events = new QflowEventEmitter()
  const keys = options.keys ?? new KeyRing()
  const shared = { ...runtime, events, keys }
  const services: EngineServices = {
    events,
    keys,
    ledger: new ExecutionLedger(shared),
    pipeline: new UniversalValidationPipeline({
      ...shared,
      cache: new SignedValidationCache(shared),
    }),
    dao: new DAOSubnetService(shared),
    billing: new ResourceBillingService(shared),
    actions: createActionRegistry(),
  }
  const engine = new ExecutionEngine(true, { ...runtime, ...services })
  return { executionEngine: engine, services, webhookService: new WebhookService(engine) }
}

/** What must be done before a flow can start: the ledger, the layers, and a billing tenant for each subnet. */
export async function initializeQflow(
  options: {
    readonly instance?: QflowInstance
    readonly subnets?: readonly string[]
    readonly tier?: BillingTier
  } = {},
): Promise<void> {
  const { instance = processInstance, subnets = [publicSubnetId], tier = 'enterprise' } = options
  const { ledger, pipeline, billing } = instance.services
  await ledger.initialize()
  await pipeline.initialize()
  for (const subnet of subnets) await billing.initializeTenant(subnet, tier)
}

/** Stops every timer of an instance. */
export async function shutdownQflow(instance: QflowInstance = processInstance): Promise<void> {
  instance.webhookService.stop()
  await instance.executionEngine.cleanup()
}
