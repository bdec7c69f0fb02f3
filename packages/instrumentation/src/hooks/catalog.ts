import type { MethodHook, PatchSet } from '../patching/patch-set.ts'
import type { Telemetry } from '../telemetry.ts'
import type { QflowTargets } from '../types.ts'
import { checkHook } from './admission.ts'
import { attemptHook } from './attempt.ts'
import { runHook, startHook } from './execution.ts'
import { ledgerAppend, ledgerValidation } from './ledger.ts'
import { groupHook } from './parallel.ts'
import { phaseHook } from './phase-call.ts'
import { acquireHook, createPoolHook, type Holds, releaseHook, waitHook } from './pool.ts'
import { stepHook } from './step.ts'
import { createUnclaimedStarts } from './unclaimed-starts.ts'
import { layerHook, validationHook } from './validation.ts'
import { dequeueHook, receiveHook, type Senders } from './webhook.ts'

export type TargetName = keyof QflowTargets

export type HookCatalog = Readonly<Record<TargetName, readonly MethodHook[]>>

/** Every method that is wrapped, by the object that has it. Adding one is a line here, a hook and a test. */
export function createHookCatalog(
  telemetry: Telemetry,
  patches: PatchSet,
  holds: Holds,
): HookCatalog {
  const unclaimed = createUnclaimedStarts(telemetry)
  const senders: Senders = new WeakMap()
  const pool: readonly MethodHook[] = [
    { method: 'acquire', enter: acquireHook(telemetry, holds), phases: ['resource_wait'] },
    { method: 'release', enter: releaseHook(holds) },
  ]
  const attachPool = (one: object) => patches.attach(one, 'resourcePool', pool)
  const work = attemptHook(telemetry, { isParallel: false })
  const parallelWork = attemptHook(telemetry, { isParallel: true })
  const validate = validationHook(telemetry)
  return {
    executionEngine: [
      { method: 'startExecution', enter: startHook(telemetry, unclaimed) },
      { method: 'executeFlow', enter: runHook(telemetry, unclaimed) },
      { method: 'executeStep', enter: stepHook(telemetry) },
      { method: 'executeTask', enter: work, phases: ['work', 'retry_backoff'] },
      { method: 'executeCondition', enter: work },
      { method: 'executeParallel', enter: parallelWork, phases: ['queue'] },
      { method: 'executeEventTrigger', enter: work },
      { method: 'executeModuleCall', enter: work },
    ],
    universalValidationPipeline: [
      { method: 'validate', enter: validate, phases: ['validation'] },
      { method: 'validateStreaming', enter: validate },
      { method: 'executeLayer', enter: layerHook(telemetry) },
    ],
    executionLedger: [
      { method: 'appendRecord', enter: phaseHook(telemetry, ledgerAppend), phases: ['ledger'] },
      { method: 'validateLedger', enter: phaseHook(telemetry, ledgerValidation) },
    ],
    resourcePoolManager: [
      {
        method: 'createPool',
        enter: createPoolHook(telemetry, attachPool),
        phases: ['resource_wait'],
      },
    ],
    resourcePool: pool,
    parallelExecutionEngine: [
      { method: 'executeGroup', enter: groupHook(telemetry), phases: ['queue'] },
    ],
    wasmRuntimePoolManager: [{ method: 'acquireRuntime', enter: waitHook(telemetry) }],
    daoSubnetService: [
      { method: 'validateDAOExecution', enter: checkHook(telemetry, 'dao') },
      { method: 'allocateResources', enter: checkHook(telemetry, 'dao') },
    ],
    resourceBillingService: [
      { method: 'canAllocateResources', enter: checkHook(telemetry, 'billing') },
    ],
    webhookService: [
      { method: 'processWebhookEvent', enter: receiveHook(telemetry, senders) },
      { method: 'processQueuedEvent', enter: dequeueHook(telemetry, senders) },
    ],
  }
}
