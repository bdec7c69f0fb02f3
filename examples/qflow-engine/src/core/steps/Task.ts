import type { QflowEventEmitter } from '../../events/EventEmitter.ts'
import type { FlowStep } from '../../models/FlowDefinition.ts'
import { QflowError } from '../../models/QflowError.ts'
import type { ResourcePool } from '../../optimization/ResourcePool.ts'
import type { ResourcePoolManager } from '../../optimization/ResourcePoolManager.ts'
import type { ActionParams, ActionRegistry } from '../ActionRegistry.ts'
import type { Runtime } from '../Runtime.ts'
import { resolveTemplates } from '../Template.ts'
import type { StepRun } from './StepRun.ts'

/** What a task is run with. */
export interface TaskServices {
  readonly actions: ActionRegistry
  readonly events: QflowEventEmitter
  readonly pools: ResourcePoolManager | undefined
  readonly runtime: Runtime
}

/** Resolves the params and calls the action; with `params.pool` it holds a resource of that pool meanwhile. */
export async function runTask(
  services: TaskServices,
  step: FlowStep,
  run: StepRun,
): Promise<unknown> {
  const { pool: poolName, ...raw } = step.params
  const params = resolveTemplates(raw, run.scope) as ActionParams // An object stays an object.
  if (poolName === undefined)
    return callAction(services, step, run, { params, resource: undefined })
  const pool = poolOf(services, resolveTemplates(poolName, run.scope))
  const resource = await pool.acquire()
  try {
    run.signal.throwIfAborted()
    return await callAction(services, step, run, { params, resource })
  } finally {
    await pool.release(resource)
  }
}

function callAction(
  services: TaskServices,
  step: FlowStep,
  run: StepRun,
  input: { readonly params: ActionParams; readonly resource: unknown },
): unknown {
  const { actions, events, runtime } = services
  const { executionId, context, attempt, signal } = run
  const { functions } = actions
  return actions.action(step.action).handler(input.params, {
    executionId,
    stepId: step.id,
    attempt,
    signal,
    context,
    resource: input.resource,
    runtime,
    events,
    functions,
  })
}

function poolOf({ pools }: TaskServices, name: unknown): ResourcePool<unknown> {
  const pool = typeof name === 'string' ? pools?.getPool(name) : undefined
  if (pool !== undefined) return pool
  throw new QflowError('validation_error', `params.pool: there is no pool ${String(name)}`)
}
