import type { FlowDefinition, FlowStep } from '../../models/FlowDefinition.ts'
import { QflowError, toQflowError } from '../../models/QflowError.ts'
import type {
  FailureStrategy,
  ParallelContext,
  ParallelExecutionEngine,
} from '../../optimization/ParallelExecutionEngine.ts'
import { resolveTemplates } from '../Template.ts'
import type { StepRun } from './StepRun.ts'

/** What a parallel step results in. */
export interface ParallelStepResult {
  /** By step id; a failed step has none. */
  readonly results: Readonly<Record<string, unknown>>
}

/** Runs the named or nested steps; fails when one of them failed, unless `allowFailures`. */
export async function runParallel(
  engine: ParallelExecutionEngine,
  flow: FlowDefinition,
  step: FlowStep,
  run: StepRun,
): Promise<ParallelStepResult> {
  const { maxConcurrency, failureStrategy, allowFailures } = step.params
  const limit = resolveTemplates(maxConcurrency, run.scope)
  const context: ParallelContext = {
    ...run.context,
    executionId: run.executionId,
    signal: run.signal,
    ...(typeof limit === 'number' && { maxConcurrency: Math.max(1, Math.floor(limit)) }),
    ...(isFailureStrategy(failureStrategy) && { failureStrategy }),
  }
  const outcome = await engine.executeParallel(childrenOf(flow, step), context)
  const [failure] = outcome.errors
  if (failure !== undefined && allowFailures !== true) {
    const [stepId, error] = failure
    const { type, message } = toQflowError(error)
    throw new QflowError(type, `Parallel step ${stepId} failed: ${message}`, { cause: error })
  }
  const results = [...outcome.results].map(([id, result]) => [id, result.result] as const)
  return { results: Object.fromEntries(results) }
}

/** All steps of a flow by id, those nested in parallel steps too. */
export function stepsById(flow: FlowDefinition): Map<string, FlowStep> {
  const byId = new Map<string, FlowStep>()
  const open: FlowStep[] = [...flow.steps]
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    byId.set(step.id, step)
    open.push(...nestedSteps(step).filter((child) => typeof child === 'object'))
  }
  return byId
}

function childrenOf(flow: FlowDefinition, step: FlowStep): FlowStep[] {
  const byId = stepsById(flow)
  return nestedSteps(step).map((child) => {
    const found = typeof child === 'string' ? byId.get(child) : child
    if (found !== undefined) return found
    throw new QflowError('validation_error', `Step ${String(child)} is not in flow ${flow.id}`)
  })
}

function nestedSteps(step: FlowStep): readonly (string | FlowStep)[] {
  const { steps } = step.params
  // registerFlow admits only ids and step definitions in the list of a parallel step.
  return step.type === 'parallel' && Array.isArray(steps) ? (steps as (string | FlowStep)[]) : []
}

function isFailureStrategy(value: unknown): value is FailureStrategy {
  return value === 'continue-on-error' || value === 'fail-fast'
}
