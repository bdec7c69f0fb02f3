import type { DAOExecutionContext, ExecutionState } from '../../models/Execution.ts'
import type { TemplateScope } from '../PathWalker.ts'

/** One attempt of one step, as its type handler sees it. */
export interface StepRun {
  readonly executionId: string
  readonly context: DAOExecutionContext
  /** From 1. */
  readonly attempt: number
  /** Aborted when the step's timeout is over. */
  readonly signal: AbortSignal
  /** What templates and conditions may name. */
  readonly scope: TemplateScope
}

/** `data`, `variables`, `steps` and `execution`. */
export function scopeOf(
  executionId: string,
  context: DAOExecutionContext,
  state: ExecutionState | undefined,
): TemplateScope {
  return {
    data: context.inputData,
    variables: context.variables,
    steps: state?.results ?? new Map(),
    execution: { id: executionId, flowId: state?.flowId },
  }
}
