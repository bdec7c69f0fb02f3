import { OTHER_PLACE, type PathPlace } from '../baseline/place.ts'
import type { Contribution } from '../detect/finding.ts'

/** What moved by less than this part of the whole change is told together, as `_OTHER`. */
const MIN_CHANGE_RATIO = 0.01

/**
 * The mean change of the flow split over the places of its critical path, the largest first and the rest last.
 *
 * Means of parts that sum to each execution's duration, after less before: they sum to the change of the mean
 * duration.
 */
export function contributions(
  places: readonly PathPlace[],
  means: { readonly beforeMs: readonly number[]; readonly afterMs: readonly number[] },
): Contribution[] {
  const changes = places.map((place, index) => ({
    ...place,
    changeMs: (means.afterMs[index] ?? 0) - (means.beforeMs[index] ?? 0),
  }))
  const leastMs = MIN_CHANGE_RATIO * Math.abs(sumOf(changes))
  const isLarge = (one: Contribution) => !isRest(one) && Math.abs(one.changeMs) >= leastMs
  const large = changes
    .filter((one) => one.changeMs !== 0 && isLarge(one))
    .sort((a, b) => Math.abs(b.changeMs) - Math.abs(a.changeMs))
  const restMs = sumOf(changes.filter((one) => !isLarge(one)))
  return restMs === 0 ? large : [...large, { ...OTHER_PLACE, changeMs: restMs }]
}

export function sumOf(changes: readonly Contribution[]): number {
  return changes.reduce((sum, { changeMs }) => sum + changeMs, 0)
}

/** Also what found no room in the flow's table of places. */
function isRest({ stepId }: Contribution): boolean {
  return stepId === OTHER_PLACE.stepId
}

/** Where a change took place: what moved most in its direction. */
export function mainContribution(
  all: readonly Contribution[],
  direction: 'regression' | 'improvement',
): Contribution | undefined {
  return all.find(
    (one) => !isRest(one) && (direction === 'regression' ? one.changeMs > 0 : one.changeMs < 0),
  )
}
