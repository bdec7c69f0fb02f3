import type { History } from './history.ts'
import { stepIdsOf } from './history.ts'
import type { Observation } from './observation.ts'

/** The last failed executions of a flow, which its history of judged ones leaves out. Plain data. */
export interface Failures {
  /** Failures that ever entered. */
  count: number
  readonly last: Failure[]
}

/** One failed execution. */
export interface Failure {
  /** Judged executions that entered before it: its place among them. */
  readonly position: number
  readonly executionId: string
  readonly traceId: string
  readonly startUnixNs: bigint
  readonly endUnixNs: bigint
  /** Steps that ran, one entry a run; failures share the list while the same steps run. */
  readonly stepIds: readonly string[]
  /** Those of them of which a run failed. */
  readonly failedStepIds: readonly string[]
}

/** As many as a flow has entries at most: a flow that only fails is known as well as one that never does. */
const MAX_FAILURE_COUNT = 256

export function noFailures(): Failures {
  return { count: 0, last: [] }
}

/** Appends a failed execution, forgetting the oldest. */
export function noteFailure(
  failures: Failures,
  observation: Observation,
  { nextSequence }: Pick<History, 'nextSequence'>,
): Failure {
  const { executionId, traceId, startUnixNs, endUnixNs, steps } = observation
  const failed = steps.filter(({ isFailed }) => isFailed).map(({ stepId }) => stepId)
  const failure = {
    position: nextSequence,
    executionId,
    traceId,
    startUnixNs,
    endUnixNs,
    stepIds: stepIdsOf(steps, failures.last.at(-1)?.stepIds),
    failedStepIds: [...new Set(failed)],
  }
  failures.count += 1
  failures.last.push(failure)
  if (failures.last.length > MAX_FAILURE_COUNT) failures.last.shift()
  return failure
}
