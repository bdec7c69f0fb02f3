import { ascending } from './ascending.ts'
import type { Interval } from './mean-interval.ts'
import { studentT95 } from './mean-interval.ts'

/** Median after over median before, less 1. */
export interface MedianChange {
  readonly ratio: Interval
  readonly medianBefore: number
  readonly medianAfter: number
}

/** An effect larger than this is stated as this: a median that was next to nothing has no meaningful ratio. */
const MAX_RATIO = 1e6

/**
 * The relative change of the median with a 95 % interval; absent without at least four positive medians' worth
 * of values on each side.
 *
 * The standard error of each log median comes from the distance of two order statistics (McKean and Schrader,
 * Commun. Stat. Simul. 13, 1984); the two are independent, so their squares add. `inflation` widens the
 * interval for samples that follow each other (see `autocorrelationInflation`).
 */
export function medianChange(samples: {
  readonly before: readonly number[]
  readonly after: readonly number[]
  readonly inflation?: number
}): MedianChange | undefined {
  const before = logMedian(samples.before)
  const after = logMedian(samples.after)
  if (before === undefined || after === undefined) return undefined
  const n = samples.after.length
  const freedom = Math.min(samples.before.length, n) - 1
  const half =
    studentT95(freedom) * Math.hypot(before.error, after.error) * (samples.inflation ?? 1)
  const change = after.logMedian - before.logMedian
  return {
    ratio: {
      value: toRatio(change),
      low: toRatio(change - half),
      high: toRatio(change + half),
      n,
    },
    medianBefore: Math.exp(before.logMedian),
    medianAfter: Math.exp(after.logMedian),
  }
}

/**
 * How much wider a mean's interval must be when neighbours resemble each other: sqrt((1 + r) / (1 - r)) with the
 * lag-1 autocorrelation r of the logs, at least 1 and at most 4.
 */
export function autocorrelationInflation(values: readonly number[]): number {
  const logs = logsOf(values)
  if (logs.length < 10) return 1
  const middle = medianOfSorted(ascending(logs))
  // Outliers are pulled in to three median deviations, so that a single one cannot hide the correlation.
  const deviations = logs.map((value) => Math.abs(value - middle))
  const limit = 4.4 * medianOfSorted(deviations.sort())
  if (limit === 0) return 1
  let energy = 0
  let lagged = 0
  let last = 0
  for (const log of logs) {
    const centred = Math.min(Math.max(log - middle, -limit), limit)
    energy += centred * centred
    lagged += last * centred
    last = centred
  }
  const correlation = Math.min(Math.max(lagged / energy, 0), 0.88)
  return Math.sqrt((1 + correlation) / (1 - correlation))
}

/** Of those that have one. */
function logsOf(values: readonly number[]): Float64Array {
  const logs = new Float64Array(values.length)
  let count = 0
  for (const value of values) if (value > 0) logs[count++] = Math.log(value)
  return logs.subarray(0, count)
}

function logMedian(values: readonly number[]): { logMedian: number; error: number } | undefined {
  const sorted = ascending(values)
  const n = sorted.length
  const median = medianOfSorted(sorted)
  if (n < 4 || median <= 0) return undefined
  const reach = Math.max(0, Math.round((n + 1) / 2 - 0.98 * Math.sqrt(n)))
  const low = sorted[Math.max(0, reach - 1)] ?? median
  const high = sorted[Math.min(n - 1, n - Math.max(1, reach))] ?? median
  const logLow = low > 0 ? Math.log(low) : Math.log(median) - Math.log(MAX_RATIO)
  return { logMedian: Math.log(median), error: (Math.log(high) - logLow) / (2 * 1.959964) }
}

/** Of values in ascending order; NaN without values. */
export function medianOfSorted(sorted: ArrayLike<number>): number {
  const half = sorted.length >> 1
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2
}

export function median(values: readonly number[]): number {
  return medianOfSorted(ascending(values))
}

function toRatio(logChange: number): number {
  return Math.min(Math.expm1(logChange), MAX_RATIO)
}
