import type { FlowStep } from '../../models/FlowDefinition.ts'
import { evaluateExpression } from '../Expression.ts'
import { resolveTemplates } from '../Template.ts'
import type { StepRun } from './StepRun.ts'

/** What a condition step results in. */
export interface ConditionResult {
  readonly condition: boolean
}

/** Evaluates `params.condition`: an expression, or a value that counts as true or false. */
export function runCondition(step: FlowStep, run: StepRun): ConditionResult {
  const { condition } = step.params
  if (typeof condition === 'string') {
    return { condition: Boolean(evaluateExpression(condition, run.scope)) }
  }
  return { condition: Boolean(resolveTemplates(condition, run.scope)) }
}

/** Where the flow goes after a step; undefined: nowhere. A branch that is not named falls back to onSuccess. */
export function nextStepId(step: FlowStep, success: boolean, result: unknown): string | undefined {
  if (!success) return step.onFailure
  if (step.type !== 'condition') return step.onSuccess
  const isTrue =
    typeof result === 'object' && result !== null && 'condition' in result && result.condition
  const branch = isTrue ? 'onTrue' : 'onFalse'
  const inParams = step.params[branch]
  return step[branch] ?? (typeof inParams === 'string' ? inParams : undefined) ?? step.onSuccess
}
