import type { ExecutionContext, FlowDefinition, FlowStep, TriggerType } from '@anarq/qflow'

/** Definitions and starts for the example engine. For tests. */

export function startOf(triggerType: TriggerType): ExecutionContext {
  return { triggeredBy: 'me', triggerType, inputData: {}, variables: {}, permissions: [] }
}

export function delay(id: string): FlowStep {
  return { id, type: 'task', action: 'qflow.action.delay', params: { ms: 2 } }
}

/** Steps one after the other. */
export function chain(id: string, steps: readonly FlowStep[]): FlowDefinition {
  const now = '2026-01-01T00:00:00.000Z'
  const metadata = {
    tags: [],
    category: 'test',
    visibility: 'public' as const,
    requiredPermissions: [],
  }
  const chained = steps.map((step, index) => {
    const next = steps[index + 1]?.id
    return next === undefined ? step : { ...step, onSuccess: next }
  })
  return {
    id,
    name: id,
    version: '1.0.0',
    owner: 'o',
    steps: chained,
    metadata,
    createdAt: now,
    updatedAt: now,
  }
}
