import type { Execution, StepRun } from '../trace/execution.ts'
import { siblingSteps, stepIdAround } from './sibling-steps.ts'

/** A step of a parallel group waited for its turn, and meanwhile another of the group ran. */
export interface QueueHolder {
  /** The step around the group. */
  readonly containerId: string | undefined
  readonly waiterId: string
  /** Absent where the waiter's whole queue is told. */
  readonly holderId: string | undefined
  readonly ns: number
}

const NONE: readonly QueueHolder[] = []
/** Of a larger group only the whole queues are told: who held them would take as long as all else of an execution. */
const MAX_MEMBER_COUNT = 200

/**
 * Who ran while steps of a parallel group queued: first what each waited in all, then, of that, what each other of the
 * group ran. With two slots two of them ran at once, so that the parts may sum to more than the whole.
 *
 *   a  ├────────┤
 *   b  ┄┄┄┄┄┄┄┄┄├─────┤             queued 10 behind a
 *   c  ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄├─────┤      queued 16: 10 behind a, 6 behind b
 *
 * O(steps) where nobody queued, else quadratic in the members of a group, up to `MAX_MEMBER_COUNT` of them.
 */
export function queueHolders(execution: Execution): readonly QueueHolder[] {
  if (!execution.steps.some(isQueued)) return NONE
  return [...siblingSteps(execution)].flatMap(([parent, members]) => {
    const containerId = stepIdAround(execution, parent)
    const runs = members.map(({ run }) => run)
    return runs.filter(isQueued).flatMap((run) => {
      const who = { containerId, waiterId: run.stepId }
      const turnNs = turnNsOf(run)
      const others = runs.length > MAX_MEMBER_COUNT ? [] : runs
      const holders = others.flatMap((other) => {
        const ns = Math.min(turnNs, other.endNs) - Math.max(run.startNs, turnNsOf(other))
        return other === run || ns <= 0 ? [] : [{ ...who, holderId: other.stepId, ns }]
      })
      return [{ ...who, holderId: undefined, ns: turnNs - run.startNs }, ...holders]
    })
  })
}

function isQueued({ phasesNs }: StepRun): boolean {
  return (phasesNs.queue ?? 0) > 0
}

/** When it had waited long enough; a step of a group is dated back to the group's start. */
function turnNsOf({ startNs, endNs, phasesNs }: StepRun): number {
  return Math.min(startNs + (phasesNs.queue ?? 0), endNs)
}
