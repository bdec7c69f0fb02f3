import type { FlowDefinition, FlowStep } from '@anarq/qflow'
import type { Place, StepCosts, Workload } from './workload.ts'

/** More slots, more resources than anything here could use: nobody waits. */
const NO_LIMIT = 1_000

/** The same workload without its delay. */
export function withoutDelay(workload: Workload): Workload {
  return scaled(workload, workload.delay, 1 - workload.delay.ratio)
}

/** The same workload with what a place takes multiplied. Waiting for a slot or a resource can only be taken away whole. */
export function scaled(workload: Workload, place: Place, factor: number): Workload {
  if ('spanName' in place) return scaledSpan(workload, place, factor)
  const { stepId, phase } = place
  const change = (by: (costs: StepCosts) => Partial<StepCosts>) =>
    withCosts(workload, (id) => stepId === undefined || id === stepId, by)
  switch (phase) {
    case 'work':
      return change(({ workMs, cpuMs, calls }) => ({
        workMs: workMs * factor,
        cpuMs: cpuMs * factor,
        calls: calls.map((call) => ({ ...call, ms: call.ms * factor })),
      }))
    case 'validation':
      return change(({ validationMs }) => ({ validationMs: validationMs * factor }))
    case 'ledger':
      return change(({ ledgerMs }) => ({ ledgerMs: ledgerMs * factor }))
    case 'engine':
      if (stepId === undefined) return { ...workload, admissionMs: workload.admissionMs * factor }
      return change(({ listenerMs }) => ({ listenerMs: listenerMs * factor }))
    case 'retry_backoff':
      return withSteps(workload, (step) => (step.id === stepId ? slowerRetry(step, factor) : step))
    case 'queue':
      return withSteps(workload, (step) => (factor === 0 ? unlimited(step) : step))
    case 'resource_wait':
      return withPools(workload, factor)
  }
}

function scaledSpan(
  workload: Workload,
  { spanName, stepId }: Extract<Place, { spanName: string }>,
  factor: number,
): Workload {
  const child = workload.flows.find(({ id }) => spanName === `execute_flow ${id}`)
  if (child !== undefined) {
    const inside = new Set(child.steps.flatMap(idsIn))
    return withCosts(
      workload,
      (id) => inside.has(id),
      (costs) => everything(costs, factor),
    )
  }
  return withCosts(
    workload,
    (id) => stepId === undefined || id === stepId,
    ({ calls }) => ({
      calls: calls.map((call) =>
        spanName === `GET ${call.peer}` ? { ...call, ms: call.ms * factor } : call,
      ),
    }),
  )
}

/** The step's own, and those of steps nested in it. */
function idsIn(step: FlowStep): string[] {
  return [step.id, ...nestedIn(step).flatMap(idsIn)]
}

/** The generator nests step definitions only, never ids. */
function nestedIn({ params }: FlowStep): readonly FlowStep[] {
  return Array.isArray(params['steps']) ? (params['steps'] as FlowStep[]) : []
}

function everything(costs: StepCosts, factor: number): Partial<StepCosts> {
  return {
    workMs: costs.workMs * factor,
    cpuMs: costs.cpuMs * factor,
    calls: costs.calls.map((call) => ({ ...call, ms: call.ms * factor })),
    validationMs: costs.validationMs * factor,
    ledgerMs: costs.ledgerMs * factor,
    listenerMs: costs.listenerMs * factor,
  }
}

function withCosts(
  workload: Workload,
  isMeant: (stepId: string) => boolean,
  change: (costs: StepCosts) => Partial<StepCosts>,
): Workload {
  const costs = Object.entries(workload.costs).map(
    ([id, before]) => [id, isMeant(id) ? { ...before, ...change(before) } : before] as const,
  )
  return { ...workload, costs: Object.fromEntries(costs) }
}

function withPools(workload: Workload, factor: number): Workload {
  const pools = Object.entries(workload.pools).map(([name, { size, acquireMs }]) => {
    const pool = { size: factor === 0 ? NO_LIMIT : size, acquireMs: acquireMs * factor }
    return [name, pool] as const
  })
  return { ...workload, pools: Object.fromEntries(pools) }
}

/** Steps nested in groups too. */
function withSteps(workload: Workload, change: (step: FlowStep) => FlowStep): Workload {
  const changed = (step: FlowStep): FlowStep => {
    const steps = nestedIn(step)
    if (steps.length === 0) return change(step)
    return change({ ...step, params: { ...step.params, steps: steps.map(changed) } })
  }
  const flows = workload.flows.map(
    (flow): FlowDefinition => ({ ...flow, steps: flow.steps.map(changed) }),
  )
  return { ...workload, flows }
}

function slowerRetry(step: FlowStep, factor: number): FlowStep {
  const { retryPolicy } = step
  if (retryPolicy === undefined) return step
  const initialDelay = retryPolicy.initialDelay * factor
  const maxDelay = retryPolicy.maxDelay * factor
  return { ...step, retryPolicy: { ...retryPolicy, initialDelay, maxDelay } }
}

function unlimited(step: FlowStep): FlowStep {
  if (step.type !== 'parallel') return step
  return { ...step, params: { ...step.params, maxConcurrency: NO_LIMIT } }
}
