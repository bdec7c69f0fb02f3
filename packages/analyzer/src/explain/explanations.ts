import { entriesBetween } from '../baseline/history.ts'
import type { Cause } from '../detect/cause.ts'
import type { Change } from '../detect/change/change.ts'
import { causesOf } from './causes.ts'
import { changeContributions } from './regression-finding.ts'
import type { Background } from './shift.ts'

/** Why a change is, as it was last looked at. Plain data. */
export interface Explanation {
  readonly changeId: string
  /** Executions on the new level when it was looked at. */
  readonly executionCount: number
  readonly causes: readonly Cause[]
}

/**
 * Looks at open changes: when they are new, and whenever their executions have doubled, while most executions of before are
 * remembered. Each look can name something by chance, so there are few. The explanations of all open changes.
 */
export function explainChanges(
  known: readonly Explanation[],
  changes: readonly Change[],
  background: Background,
): readonly Explanation[] {
  if (changes.length === 0) return NONE
  return changes.map((change) => {
    const last = known.find(({ changeId }) => changeId === change.id)
    const { effect } = change
    const executionCount = effect.ratio.n
    const isDue = last === undefined || executionCount >= 2 * last.executionCount
    if (!isDue || (last !== undefined && !isRemembered(change, background)))
      return last ?? empty(change)
    const causes = causesOf(change, changeContributions(change, background.history), background)
    return { changeId: change.id, executionCount, causes }
  })
}

const NONE: readonly Explanation[] = []

function empty({ id, effect }: Change): Explanation {
  return { changeId: id, executionCount: effect.ratio.n, causes: [] }
}

/** Half of the executions that it was compared with. */
function isRemembered(change: Change, { history }: Background): boolean {
  const before = entriesBetween(history, change.beforeFrom, change.onset.sequence)
  return before.length >= change.before.length / 2
}
