import type { ResourceBillingService } from '../billing/ResourceBillingService.ts'
import { type DAOSubnetService, publicSubnetId } from '../governance/DAOSubnetService.ts'
import type { DAOExecutionContext, ExecutionContext, ResourceRequest } from '../models/Execution.ts'
import type { FlowDefinition } from '../models/FlowDefinition.ts'
import { QflowError } from '../models/QflowError.ts'

/** Every execution asks for the same. */
const resourceRequest: ResourceRequest = { cpu: 1, memory: 128, storage: 10, network: 1 }

/** The subnet is the caller's, else the flow's, else the public one. */
export function daoContextOf(context: ExecutionContext, flow: FlowDefinition): DAOExecutionContext {
  const daoSubnet = context.daoSubnet ?? flow.metadata.daoSubnet ?? publicSubnetId
  return { ...context, daoSubnet, resourceRequest }
}

/** Policies, then billing, then a slot; the first refusal rejects and nothing stays reserved. */
export async function admit(
  services: { readonly dao: DAOSubnetService; readonly billing: ResourceBillingService },
  flowId: string,
  context: DAOExecutionContext,
): Promise<void> {
  const { daoSubnet } = context
  const policies = await services.dao.validateDAOExecution(flowId, context)
  const denied = policies.find(({ result }) => result === 'fail')
  if (denied !== undefined) {
    throw new QflowError('dao_policy_violation', `DAO policy violation: ${denied.message}`)
  }
  const { cpu, memory, storage } = context.resourceRequest
  const bill = await services.billing.canAllocateResources(daoSubnet, {
    cpu,
    memory,
    storage,
    executions: 1,
  })
  if (!bill.allowed) {
    throw new QflowError('resource_exhausted', `Billing limit exceeded: ${bill.reason}`)
  }
  const allocation = await services.dao.allocateResources(daoSubnet, context.resourceRequest)
  if (!allocation.allocated) {
    throw new QflowError('resource_exhausted', `Resource allocation failed: ${allocation.reason}`)
  }
}
