import type { Interval } from './mean-interval.ts'
import { shareInterval } from './share-interval.ts'

/** So many of n. */
export interface Share {
  readonly count: number
  readonly n: number
}

/**
 * Share after less share before with a 95 % interval; absent when either is of nothing.
 *
 * Source: Newcombe, "Interval Estimation for the Difference Between Independent Proportions", Stat. Med. 17 (1998), method 10:
 * it joins the two Wilson intervals, and is honest for shares at or near 0 and 1.
 */
export function shareDifference(before: Share, after: Share): Interval | undefined {
  const a = shareInterval(before.count, before.n)
  const b = shareInterval(after.count, after.n)
  if (a === undefined || b === undefined) return undefined
  const value = b.value - a.value
  return {
    value,
    low: value - Math.hypot(b.value - b.low, a.high - a.value),
    high: value + Math.hypot(b.high - b.value, a.value - a.low),
    n: after.n,
  }
}

/** Counts of equally long buckets of time. */
export interface Counts {
  readonly sum: number
  readonly n: number
  /** Variance over mean of a bucket, at least 1: executions come in bunches. */
  readonly dispersion: number
}

/**
 * The mean count after over that before, less 1, with a 95 % interval; absent when either is of nothing.
 *
 * Logs of Poisson means with their variances multiplied by the dispersion (McCullagh and Nelder, "Generalized Linear Models",
 * 2nd ed., section 6.2.3), half a count added to each sum so that none is 0. At least -1, and -1 when nothing came.
 */
export function countRatio(before: Counts, after: Counts): Interval | undefined {
  if (before.n === 0 || after.n === 0 || before.sum === 0) return undefined
  const logRatio = Math.log((after.sum + 0.5) / after.n) - Math.log((before.sum + 0.5) / before.n)
  const dispersion = Math.max(before.dispersion, after.dispersion)
  const half = Z95 * Math.sqrt(dispersion * (1 / (before.sum + 0.5) + 1 / (after.sum + 0.5)))
  const isNothing = after.sum === 0
  return {
    value: isNothing ? -1 : Math.expm1(logRatio),
    low: isNothing ? -1 : Math.expm1(logRatio - half),
    high: Math.expm1(logRatio + half),
    n: after.n,
  }
}

const Z95 = 1.959964

/**
 * The counts with their dispersion, from the differences of neighbours: a slow trend is no bunch. Source: von Neumann, Ann.
 * Math. Stat. 12 (1941), whose mean square successive difference is twice the variance without a trend.
 */
export function countsOf(values: readonly number[]): Counts {
  const n = values.length
  const sum = values.reduce((total, value) => total + value, 0)
  if (n < 2 || sum === 0) return { sum, n, dispersion: 1 }
  let squares = 0
  for (let index = 1; index < n; index++)
    squares += ((values[index] ?? 0) - (values[index - 1] ?? 0)) ** 2
  return { sum, n, dispersion: Math.max(1, squares / (2 * (n - 1)) / (sum / n)) }
}

/**
 * The split that makes the values of either side most likely about their own mean: index of the first value after it, within
 * [from, to]; absent without any. `logLikelihood` is that of a side by its sum and size. O(n).
 * Source: Hinkley and Hinkley, "Inference about the change-point in a sequence of binomial variables", Biometrika 57 (1970).
 */
export function likeliestSplit(
  values: readonly number[],
  { from, to }: { readonly from: number; readonly to: number },
  logLikelihood: (side: { readonly sum: number; readonly n: number }) => number,
): number | undefined {
  const total = values.reduce((sum, value) => sum + value, 0)
  let before = 0
  let best: { index: number; fit: number } | undefined
  for (let index = 0; index < values.length; index++) {
    if (index >= from && index <= to) {
      const fit =
        logLikelihood({ sum: before, n: index }) +
        logLikelihood({ sum: total - before, n: values.length - index })
      if (best === undefined || fit > best.fit) best = { index, fit }
    }
    before += values[index] ?? 0
  }
  return best?.index
}

/** Of `sum` ones among n, at the likeliest share. */
export function bernoulliLogLikelihood({ sum, n }: { sum: number; n: number }): number {
  return entropyTerm(sum, n) + entropyTerm(n - sum, n)
}

/** Of counts that sum to `sum` in n buckets, at the likeliest mean; terms that no split changes are left out. */
export function poissonLogLikelihood({ sum, n }: { sum: number; n: number }): number {
  return entropyTerm(sum, n)
}

function entropyTerm(count: number, n: number): number {
  return count > 0 && n > 0 ? count * Math.log(count / n) : 0
}
