import { textParam } from '../../actions/ParamReaders.ts'
import type { ExecutionContext, ExecutionState } from '../../models/Execution.ts'
import type { FlowStep } from '../../models/FlowDefinition.ts'
import { QflowError } from '../../models/QflowError.ts'
import type { ActionParams } from '../ActionRegistry.ts'
import { resolveTemplates } from '../Template.ts'
import type { StepRun } from './StepRun.ts'

/** The part of the engine that a sub-flow needs. */
export interface SubFlowEngine {
  startExecution(flowId: string, context: ExecutionContext): Promise<string>
  waitForExecution(executionId: string): Promise<ExecutionState>
}

/** The child execution and the results of its steps by id. */
export interface SubFlowResult {
  readonly executionId: string
  readonly status: string
  readonly results: Readonly<Record<string, unknown>>
}

/** A flow that calls itself stops here. */
const maxCallDepth = 16

/** Starts a flow as a child and awaits its end; fails when the child does. */
export async function runModuleCall(
  engine: SubFlowEngine,
  step: FlowStep,
  run: StepRun,
): Promise<SubFlowResult> {
  const params = resolveTemplates(step.params, run.scope) as ActionParams // An object stays an object.
  const flowId = textParam(params, 'flowId')
  const callDepth = Number(run.context.variables['callDepth'] ?? 0) + 1
  if (callDepth > maxCallDepth) {
    throw new QflowError(
      'resource_exhausted',
      `Flows call each other more than ${maxCallDepth} deep`,
    )
  }
  const executionId = await engine.startExecution(flowId, {
    ...run.context,
    inputData: objectOf(params['input']),
    variables: {
      ...objectOf(params['variables']),
      parentExecutionId: run.executionId,
      parentStepId: step.id,
      callDepth,
    },
  })
  const state = await engine.waitForExecution(executionId)
  if (state.status !== 'completed') {
    const { type = 'execution_error', message = state.status } = state.error ?? {}
    throw new QflowError(type, `Sub-flow ${flowId} ended ${state.status}: ${message}`)
  }
  const results = [...state.results].map(([id, stored]) => [id, stored.result] as const)
  return { executionId, status: state.status, results: Object.fromEntries(results) }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  // An object can be read by any key; what is absent is undefined.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
