import { createQflow, initializeQflow, type QflowInstance } from '../core/QflowInstance.ts'
import { createVirtualTime, type VirtualTime } from '../core/VirtualTime.ts'
import { KeyRing } from '../crypto/KeyRing.ts'
import type { ExecutionContext, ExecutionState } from '../models/Execution.ts'
import type { FlowDefinition, FlowStep } from '../models/FlowDefinition.ts'

/** A flow of the steps that may run at once. */
export function flowOf(
  steps: readonly FlowStep[],
  changes: Partial<FlowDefinition> = {},
): FlowDefinition {
  return {
    id: 'flow',
    name: 'Flow',
    version: '1.0.0',
    owner: 'tests',
    steps,
    metadata: { tags: [], category: 'test', visibility: 'public', requiredPermissions: [] },
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  }
}

/** A task unless the changes say otherwise. */
export function stepOf(id: string, action: string, changes: Partial<FlowStep> = {}): FlowStep {
  return { id, type: 'task', action, params: {}, ...changes }
}

/** A task that waits. */
export function delayStep(id: string, ms: number, changes: Partial<FlowStep> = {}): FlowStep {
  return stepOf(id, 'qflow.action.delay', { params: { ms }, ...changes })
}

/** A caller without rights or input. */
export const manual: ExecutionContext = {
  triggeredBy: 'tester',
  triggerType: 'manual',
  inputData: {},
  variables: {},
  permissions: [],
}

/** An engine, its clock and what it emitted. */
export interface Bench {
  readonly time: VirtualTime
  readonly qflow: QflowInstance
  /** Names of the engine's events so far, without prefix and version. */
  readonly events: { readonly name: string; readonly data: unknown }[]
  readonly start: (
    flow: FlowDefinition,
    context?: Partial<ExecutionContext>,
  ) => Promise<ExecutionState>
}

/** An engine of its own under a clock that stands still. */
export async function createBench(): Promise<Bench> {
  const time = createVirtualTime()
  const qflow = createQflow({ ...time, keys: new KeyRing('test', Buffer.alloc(32, 7)) })
  await initializeQflow({ instance: qflow })
  const events: { name: string; data: unknown }[] = []
  const bus = qflow.services.events
  const emit = bus.emit.bind(bus)
  bus.emit = (type, data) => {
    events.push({ name: type.replace(/^q\.qflow\.|\.v1$/g, ''), data })
    return emit(type, data)
  }
  const { executionEngine } = qflow
  const start = async (flow: FlowDefinition, context: Partial<ExecutionContext> = {}) => {
    executionEngine.registerFlow(flow)
    const id = await executionEngine.startExecution(flow.id, { ...manual, ...context })
    const state = await executionEngine.getExecutionStatus(id)
    if (state === null) throw new Error(`Execution ${id} is gone`)
    return state
  }
  return { time, qflow, events, start }
}

/** Names of those events that belong to executions and steps. */
export function execEvents(bench: Bench): string[] {
  return bench.events.map(({ name }) => name).filter((name) => name.startsWith('exec.'))
}
