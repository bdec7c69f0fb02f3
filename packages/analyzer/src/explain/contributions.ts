import type { PathPlace } from '../baseline/place.ts'
import type { Contribution } from '../detect/finding.ts'

/**
 * The mean change of the flow split over the places of its critical path, the largest first.
 *
 * Means of parts that sum to each execution's duration, after less before: they sum to the change of the mean
 * duration. Places that did not change are left out.
 */
export function contributions(
  places: readonly PathPlace[],
  means: { readonly beforeMs: readonly number[]; readonly afterMs: readonly number[] },
): Contribution[] {
  return places
    .map((place, index) => ({
      ...place,
      changeMs: (means.afterMs[index] ?? 0) - (means.beforeMs[index] ?? 0),
    }))
    .filter(({ changeMs }) => changeMs !== 0)
    .sort((a, b) => Math.abs(b.changeMs) - Math.abs(a.changeMs))
}

/** Where a change took place: what moved most in its direction. */
export function mainContribution(
  all: readonly Contribution[],
  direction: 'regression' | 'improvement',
): Contribution | undefined {
  return all.find(({ changeMs }) => (direction === 'regression' ? changeMs > 0 : changeMs < 0))
}
