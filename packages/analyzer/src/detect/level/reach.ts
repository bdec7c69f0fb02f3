/** The first values count as they are; then there is a scale. */
export const FIRST_COUNT = 8
/** Outliers are pulled in to so many standard deviations: they say little about level, echo and season. */
export const REACH = 3

/** How far a value may be from where it was expected to count in full, after `count` values that lie `scale` about their level. */
export function reachOf(count: number, scale: number): number {
  return count < FIRST_COUNT ? Number.POSITIVE_INFINITY : REACH * scale
}
