import type { KeyRing } from '../crypto/KeyRing.ts'
import type { DAOExecutionContext } from '../models/Execution.ts'
import type { FlowDefinition, FlowStep } from '../models/FlowDefinition.ts'
import type { StepRegistration, ValidationRequest } from '../models/Validation.ts'
import { signStep, stepDigest, stepLayers } from '../validation/DefaultLayers.ts'
import type { ActionRegistry } from './ActionRegistry.ts'
import { stepsById } from './steps/Parallel.ts'

/** A flow as it was when it was registered: what the signature and integrity layers compare with. */
export interface FlowRegistration {
  readonly flow: FlowDefinition
  readonly steps: ReadonlyMap<string, StepRegistration>
}

/** Digest and signature of every step, those inside parallel steps too. */
export function registerSteps(flow: FlowDefinition, keys: KeyRing): FlowRegistration {
  const key = keys.currentKey()
  const steps = new Map<string, StepRegistration>()
  for (const [id, step] of stepsById(flow)) {
    const digest = stepDigest(step)
    steps.set(id, { digest, signature: signStep(key, flow, digest), keyId: keys.currentId })
  }
  return { flow, steps }
}

/** What the engine asks of the validation pipeline before a step. */
export function stepValidationRequest(input: {
  readonly executionId: string
  readonly step: FlowStep
  readonly context: DAOExecutionContext
  readonly registration: FlowRegistration | undefined
  readonly actions: ActionRegistry
  readonly timestamp: string
}): ValidationRequest {
  const { executionId, step, context, registration, actions, timestamp } = input
  const { action, params } = step
  return {
    context: {
      requestId: `${executionId}-${step.id}`,
      timestamp,
      source: 'qflow-execution-engine',
      metadata: {
        actor: context.triggeredBy,
        stepId: step.id,
        daoSubnet: context.daoSubnet,
        permissions: context.permissions,
        flowId: registration?.flow.id ?? '',
        flowVersion: registration?.flow.version ?? '',
        requiredPermissions: registration?.flow.metadata.requiredPermissions ?? [],
        step,
        actionSpec: actions.actions.get(action)?.spec,
        registration: registration?.steps.get(step.id),
      },
    },
    data: { action, params },
    layers: stepLayers,
  }
}
