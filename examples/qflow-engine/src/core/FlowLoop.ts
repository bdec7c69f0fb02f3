import type { ExecutionState, StepResult } from '../models/Execution.ts'
import type { FlowDefinition } from '../models/FlowDefinition.ts'
import { QflowError } from '../models/QflowError.ts'
import type { ExecutionEngine } from './ExecutionEngine.ts'
import { isoTime } from './Runtime.ts'

/**
 * Runs steps from where the execution stands until none is left or it is no longer running. Rejects when a step fails
 * that names no onFailure, or when a step is named that the flow does not hold.
 */
export async function runSteps(
  engine: ExecutionEngine,
  state: ExecutionState,
  flow: FlowDefinition,
): Promise<void> {
  const byId = new Map(flow.steps.map((step) => [step.id, step]))
  let stepId = hasBegun(state) ? state.currentStep : flow.steps[0]?.id
  while (stepId !== undefined && state.status === 'running') {
    const step = byId.get(stepId)
    if (step === undefined) {
      throw new QflowError('validation_error', `Step ${stepId} is not in flow ${flow.id}`)
    }
    state.currentStep = stepId
    const result: StepResult = await engine.executeStep(state.executionId, step, state.context)
    const list = result.success ? state.completedSteps : state.failedSteps
    list.push(stepId)
    if (!result.success && result.nextStep === undefined) return failFlow(state, result)
    stepId = result.nextStep
    state.currentStep = stepId
  }
  // Paused in its last step, it is completed by the loop that resumes it.
  if (state.status === 'running') complete(engine, state)
}

function hasBegun({ completedSteps, failedSteps }: ExecutionState): boolean {
  return completedSteps.length + failedSteps.length > 0
}

/** What was aborted meanwhile stays aborted. */
function failFlow(state: ExecutionState, { stepId, error }: StepResult): void {
  if (state.status === 'aborted') return
  if (error !== undefined) state.error = error
  throw new QflowError('execution_error', `Step ${stepId} failed`)
}

function complete(engine: ExecutionEngine, state: ExecutionState): void {
  const { executionId, flowId } = state
  state.status = 'completed'
  state.endTime = isoTime(engine.runtime.clock)
  engine.emit('exec.completed', {
    executionId,
    flowId,
    duration: engine.register.elapsedMs(executionId, engine.runtime.clock),
    completedSteps: state.completedSteps.length,
  })
}
