import type { StepRun } from '../trace/execution.ts'
import { siblingSteps } from './sibling-steps.ts'
import { type SpanForest, stepIdAt } from './span-forest.ts'

/** A step of a parallel group waited for its turn, and meanwhile another of the group ran. */
export interface QueueHolder {
  /** The step around the group. */
  readonly containerId: string | undefined
  readonly waiterId: string
  /** Absent where the waiter's whole queue is told. */
  readonly holderId: string | undefined
  readonly ns: number
}

export interface QueueHolders {
  readonly holders: readonly QueueHolder[]
  /** Steps that queued and of which only that is told, not behind whom. */
  readonly untoldCount: number
}

const NONE: QueueHolders = { holders: [], untoldCount: 0 }
/**
 * Of more in one execution only the whole queues are told: who held them would take as long as all else of it, and
 * more room. Enough for one group of 200.
 */
const MAX_COMPARED_COUNT = 40_000

/**
 * Who ran while steps of a parallel group queued: first what each waited in all, then, of that, what each other of the
 * group ran. With two slots two of them ran at once, so that the parts may sum to more than the whole.
 *
 *   a  ├────────┤
 *   b  ┄┄┄┄┄┄┄┄┄├─────┤             queued 10 behind a
 *   c  ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄├─────┤      queued 16: 10 behind a, 6 behind b
 *
 * O(steps) where nobody queued, else quadratic in the members of a group, up to `MAX_COMPARED_COUNT` in all.
 */
export function queueHolders(forest: SpanForest): QueueHolders {
  if (!forest.steps.some(isQueued)) return NONE
  const holders: QueueHolder[] = []
  let untoldCount = 0
  let leftCount = MAX_COMPARED_COUNT
  for (const [parent, members] of siblingSteps(forest)) {
    const containerId = stepIdAt(forest, parent)
    const runs = members.map(({ run }) => run)
    for (const run of runs) {
      if (!isQueued(run)) continue
      const who = { containerId, waiterId: run.stepId }
      holders.push({ ...who, holderId: undefined, ns: turnNsOf(run) - run.startNs })
      if (runs.length > leftCount) {
        untoldCount += 1
        continue
      }
      leftCount -= runs.length
      for (const other of runs) {
        const ns = overlapNs(run, other)
        if (other !== run && ns > 0) holders.push({ ...who, holderId: other.stepId, ns })
      }
    }
  }
  return { holders, untoldCount }
}

/** How long another ran while a step queued. */
function overlapNs(waiter: StepRun, other: StepRun): number {
  return Math.min(turnNsOf(waiter), other.endNs) - Math.max(waiter.startNs, turnNsOf(other))
}

function isQueued({ phasesNs }: StepRun): boolean {
  return (phasesNs.queue ?? 0) > 0
}

/** When it had waited long enough; a step of a group is dated back to the group's start. */
function turnNsOf({ startNs, endNs, phasesNs }: StepRun): number {
  return Math.min(startNs + (phasesNs.queue ?? 0), endNs)
}
