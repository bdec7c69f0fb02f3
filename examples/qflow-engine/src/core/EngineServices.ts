import { actionRegistry } from '../actions/BuiltInActions.ts'
import {
  type ResourceBillingService,
  resourceBillingService,
} from '../billing/ResourceBillingService.ts'
import { type KeyRing, keyRing } from '../crypto/KeyRing.ts'
import { type QflowEventEmitter, qflowEventEmitter } from '../events/EventEmitter.ts'
import { type DAOSubnetService, daoSubnetService } from '../governance/DAOSubnetService.ts'
import {
  type UniversalValidationPipeline,
  universalValidationPipeline,
} from '../validation/UniversalValidationPipeline.ts'
import type { ActionRegistry } from './ActionRegistry.ts'
import { type ExecutionLedger, executionLedger } from './ExecutionLedger.ts'

/** What the engine works with. */
export interface EngineServices {
  readonly events: QflowEventEmitter
  readonly ledger: ExecutionLedger
  readonly pipeline: UniversalValidationPipeline
  readonly dao: DAOSubnetService
  readonly billing: ResourceBillingService
  readonly actions: ActionRegistry
  readonly keys: KeyRing
}

/** What is left out is the singleton of the process. */
export function resolveServices(options: Partial<EngineServices>): EngineServices {
  return {
    events: options.events ?? qflowEventEmitter,
    ledger: options.ledger ?? executionLedger,
    pipeline: options.pipeline ?? universalValidationPipeline,
    dao: options.dao ?? daoSubnetService,
    billing: options.billing ?? resourceBillingService,
    actions: options.actions ?? actionRegistry,
    keys: options.keys ?? keyRing,
  }
}
