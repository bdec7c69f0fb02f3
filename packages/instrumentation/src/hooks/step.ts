import { nowNs } from '../clock.ts'
import type { Call, Enter } from '../patching/wrap.ts'
import { findState, isStep, type StepSurface } from '../qflow-surface.ts'
import { type FlowScope, isDetailed } from '../records/flow-scope.ts'
import { type Owner, ownerOf } from '../records/owner.ts'
import { StepRecord } from '../records/step-record.ts'
import type { Telemetry } from '../telemetry.ts'

/** `executeStep`: one span per step, from validation through the last ledger check. The record is the call itself. */
export function stepHook(telemetry: Telemetry): Enter {
  return (engine, args): Call | undefined => {
    const executionId = args[0]
    const step = args[1]
    // Qflow's dead code calls it with its arguments in another order.
    if (typeof executionId !== 'string' || !isStep(step)) return undefined
    const active = telemetry.carrier.active()
    const owner = ownerOf(active)
    if (owner?.kind === 'ignored') return undefined
    const scope = scopeOf(telemetry, owner, engine, executionId)
    const facts = scope.facts.step(step)
    if (facts.isIgnored || scope.facts.isIgnored) return undefined
    const startNs = nowNs()
    const group = groupOf(owner, step)
    const queueNs = group === undefined ? 0 : startNs - group.sinceNs
    const record = new StepRecord({
      telemetry,
      scope,
      facts,
      step,
      executionId,
      parent: active,
      startNs,
      queueNs,
      groupId: group?.id,
    })
    if (!telemetry.isHeard(record, active)) return undefined
    record.begin()
    return record
  }
}

/** The flow that owns the step; one seen for the first time here (enabled while it ran) is known by its id alone. */
function scopeOf(
  telemetry: Telemetry,
  owner: Owner | undefined,
  engine: unknown,
  executionId: string,
): FlowScope {
  const scope = owner?.kind === 'flow' ? owner : ownedScope(owner)
  if (scope?.executionId === executionId) return scope
  const facts = telemetry.flows.factsOf(engine, findState(engine, executionId)?.flowId)
  const detailed = isDetailed(executionId, telemetry.settings)
  return { facts, executionId, isDetailed: detailed, isSeen: false, failure: undefined }
}

function ownedScope(owner: Owner | undefined): FlowScope | undefined {
  return owner?.kind === 'step' || owner?.kind === 'group' ? owner.scope : undefined
}

interface GroupStart {
  readonly id: string
  readonly sinceNs: number
}

/** The parallel group a step runs in, unless it ran in it before: a repetition does not wait again. */
function groupOf(owner: Owner | undefined, step: StepSurface): GroupStart | undefined {
  if (owner?.kind === 'group') {
    return isFirst(owner.started, step) ? { id: owner.groupId, sinceNs: owner.startNs } : undefined
  }
  if (owner?.kind !== 'step' || owner.parallelSinceNs === undefined) return undefined
  owner.startedChildren ??= new Set()
  const sinceNs = owner.parallelSinceNs
  return isFirst(owner.startedChildren, step) ? { id: owner.facts.id, sinceNs } : undefined
}

function isFirst(started: Set<string>, step: StepSurface): boolean {
  if (started.has(step.id)) return false
  started.add(step.id)
  return true
}
