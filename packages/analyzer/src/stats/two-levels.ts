import { medianOfSorted } from './median-change.ts'

/** Every way to describe a series by two levels, one after the other. */
export interface TwoLevels {
  /** Of the least sum of squares: index of the first value on the new level. */
  readonly split: number
  /** Sum of squares about the two means. */
  readonly squares: number
  /** How much worse each candidate is, see `logRatio`; the first belongs to index `firstSplit`. */
  readonly logRatios: readonly number[]
  readonly firstSplit: number
}

/** All splits with at least `minCount` values on each side; absent for a shorter series. O(n). */
export function twoLevels(values: readonly number[], minCount: number): TwoLevels | undefined {
  const n = values.length
  if (n < 2 * minCount) return undefined
  const total = values.reduce((sum, value) => sum + value, 0)
  const squared = values.reduce((sum, value) => sum + value * value, 0)
  const squaresAt: number[] = []
  let before = 0
  for (let split = 0; split <= n - minCount; split += 1) {
    if (split >= minCount) {
      const fitted = before ** 2 / split + (total - before) ** 2 / (n - split)
      squaresAt.push(Math.max(0, squared - fitted))
    }
    before += values[split] ?? 0
  }
  const least = Math.min(...squaresAt)
  return {
    split: minCount + squaresAt.indexOf(least),
    squares: least,
    logRatios: squaresAt.map((squares) => logRatio({ squares, least, n })),
    firstSplit: minCount,
  }
}

/** Sum of squares about the means of two groups of values. */
export function squaresBetween(
  values: readonly number[],
  isNew: (index: number) => boolean,
): number {
  const sums = { old: 0, new: 0 }
  const counts = { old: 0, new: 0 }
  for (const [index, value] of values.entries()) {
    const side = isNew(index) ? 'new' : 'old'
    sums[side] += value
    counts[side] += 1
  }
  const means = {
    old: sums.old / Math.max(1, counts.old),
    new: sums.new / Math.max(1, counts.new),
  }
  return values.reduce(
    (sum, value, index) => sum + (value - means[isNew(index) ? 'new' : 'old']) ** 2,
    0,
  )
}

/** How much worse a description is than the best one, as twice the difference of Gaussian log likelihoods. */
export function logRatio({
  squares,
  least,
  n,
}: {
  readonly squares: number
  readonly least: number
  readonly n: number
}): number {
  if (squares <= least) return least === 0 ? 0 : n * Math.log(Math.max(squares, 1e-12) / least)
  return least === 0 ? Number.POSITIVE_INFINITY : n * Math.log(squares / least)
}

/** Logs with outliers pulled in to four median deviations beyond the medians of both sides of `split`. O(n log n). */
export function pulledInLogs(values: readonly number[], split: number): number[] {
  const ascending = (some: readonly number[]) => some.slice().sort((a, b) => a - b)
  const positive = values.filter((value) => value > 0)
  const offset = (positive.length === 0 ? 1 : medianOfSorted(ascending(positive))) / 10
  const logs = values.map((value) => Math.log(Math.max(0, value) + offset))
  const sides = [logs.slice(0, split), logs.slice(split)]
  const middles = sides.map((side) => medianOfSorted(ascending(side)))
  const deviations = sides.flatMap((side, at) =>
    side.map((value) => Math.abs(value - (middles[at] ?? 0))),
  )
  const reach = 4 * 1.4826 * medianOfSorted(ascending(deviations))
  const [low, high] = [Math.min(...middles) - reach, Math.max(...middles) + reach]
  // Half a side without values has no median.
  if (!(low <= high)) return logs
  return logs.map((value) => Math.min(Math.max(value, low), high))
}
