import type { Interval } from './mean-interval.ts'
import { autocorrelationInflation } from './median-change.ts'
import { normalTail } from './normal-tail.ts'
import { quantileRanks } from './quantile-interval.ts'

/** How a quantile differs between two samples. */
export interface QuantileShift {
  readonly quantileRatio: number
  readonly before: number
  readonly after: number
  /** After less before, with its 95 % interval; `n` is that of the smaller sample. */
  readonly difference: Interval
  /** After over before, less 1; absent where a value of the intervals is not positive. */
  readonly ratio: Interval | undefined
  /** How likely chance alone gives a difference as far from none, on either side. */
  readonly p: number
}

/** Normal deviations of a 95 % interval. */
const REACH = 1.959964

/**
 * The shift of a quantile between two independent samples in the order in which they were measured; absent where one
 * is too small for a distribution-free interval (of the median 6 values, of the 99th percentile 368).
 *
 * Each side has its interval between order statistics (`quantileRanks`), widened about the estimate for values that
 * resemble their neighbours and never narrower than half a step between ties; the two are joined by the recovery of variances, of logs where all ends are positive.
 * Source: Zou and Donner, "Construction of confidence limits about effect measures", Statistics in Medicine 27 (2008).
 */
export function quantileShift(
  before: readonly number[],
  after: readonly number[],
  quantileRatio: number,
): QuantileShift | undefined {
  const sides = [before, after].map((values) => sideOf(values, quantileRatio))
  const [a, b] = sides
  if (a === undefined || b === undefined) return undefined
  const n = Math.min(before.length, after.length)
  const plain = recovered(a, b)
  const isPositive = Math.min(a.low, b.low, a.value, b.value) > 0
  const logs = isPositive ? recovered(mapped(a, Math.log), mapped(b, Math.log)) : undefined
  return {
    quantileRatio,
    before: a.value,
    after: b.value,
    difference: { ...plain, n },
    ratio: logs && { ...mapped(logs, Math.expm1), n },
    p: pOf(logs ?? plain),
  }
}

/** By how much the logs of a quantile (else its values) are uncertain, in normal deviations of the difference. */
export function shiftError({ ratio, difference }: QuantileShift): number {
  const [low, high] =
    ratio === undefined
      ? [difference.low, difference.high]
      : [Math.log1p(ratio.low), Math.log1p(ratio.high)]
  return (high - low) / (2 * REACH)
}

interface Side {
  readonly value: number
  readonly low: number
  readonly high: number
}

function sideOf(values: readonly number[], quantileRatio: number): Side | undefined {
  const sorted = Float64Array.from(values).sort()
  const { lowRank, highRank } = quantileRanks(sorted.length, quantileRatio)
  if (lowRank === undefined || highRank === undefined) return undefined
  const rank = Math.max(1, Math.ceil(quantileRatio * sorted.length))
  // Ranks count from 1 and lie within.
  const value = sorted[rank - 1] as number
  const low = Math.min(sorted[lowRank - 1] as number, halfway(sorted, value, 'below'))
  const high = Math.max(sorted[highRank - 1] as number, halfway(sorted, value, 'above'))
  const inflation = autocorrelationInflation(values)
  // In logs where they are taken, so that a positive end stays positive.
  const widened = (end: number) =>
    low > 0 ? value * (end / value) ** inflation : value + inflation * (end - value)
  return { value, low: widened(low), high: widened(high) }
}

/**
 * Half of the way to the nearest value that differs, the value itself without one: whole milliseconds that are all alike
 * are known to half of one.
 */
function halfway(sorted: Float64Array, value: number, side: 'below' | 'above'): number {
  const other =
    side === 'below' ? sorted[sorted.indexOf(value) - 1] : sorted[sorted.lastIndexOf(value) + 1]
  return other === undefined ? value : (value + other) / 2
}

/** The difference of two estimates from their own intervals. */
function recovered(a: Side, b: Side): Side {
  const value = b.value - a.value
  return {
    value,
    low: value - Math.hypot(b.value - b.low, a.high - a.value),
    high: value + Math.hypot(b.high - b.value, a.value - a.low),
  }
}

/** From how many half intervals lie between the estimate and none, on the side of none. */
function pOf({ value, low, high }: Side): number {
  if (value === 0) return 1
  const half = value > 0 ? value - low : high - value
  return half === 0 ? 0 : Math.min(1, 2 * normalTail((REACH * Math.abs(value)) / half))
}

function mapped({ value, low, high }: Side, map: (value: number) => number): Side {
  return { value: map(value), low: map(low), high: map(high) }
}
