import { studentT95 } from '../../stats/mean-interval.ts'
import { medianOfSorted } from '../../stats/median-change.ts'
import { type MannKendall, mannKendall } from './mann-kendall.ts'
import { type Point, thinned } from './point.ts'

/** The straight line through points, by medians. */
export interface Slope {
  /** Change of the value per ms. */
  readonly perMs: number
  /** Its 95 % interval. */
  readonly low: number
  readonly high: number
  /** The line passes here: the middle of the time. */
  readonly centreUnixMs: number
  readonly centreValue: number
  /** Half of the 95 % interval of the value at the centre. */
  readonly centreHalf: number
  /** Points it rests on. */
  readonly n: number
  readonly test: MannKendall
}

/** Ranks of fewer points hardly tell a trend from chance at 5 %. */
const MIN_POINT_COUNT = 8

/**
 * The median of all pairs' slopes with the interval of ranks that Mann's and Kendall's test gives, with Student's t for
 * as many points as are independent; absent with fewer than 8 points or no time between them. Points in order of time; more than 256 are joined first. O(n^2 log n) of at most 256.
 *
 * A value in four may be anything without moving the line arbitrarily (breakdown 29 %).
 * Sources: Theil, Proc. KNAW 53 (1950); Sen, J. Am. Stat. Assoc. 63 (1968).
 */
export function slopeOf(all: readonly Point[]): Slope | undefined {
  const points = thinned(all)
  const slopes = pairSlopes(points)
  if (points.length < MIN_POINT_COUNT || slopes.length === 0) return undefined
  const perMs = medianOfSorted(slopes)
  const test = mannKendall(points, perMs)
  const reach = studentT95(test.effectiveCount - 2) * test.deviation
  const lowRank = Math.floor((slopes.length - reach) / 2)
  const highRank = Math.ceil((slopes.length + reach) / 2)
  const centreUnixMs = medianOf(points.map(({ unixMs }) => unixMs))
  const levels = points.map(({ unixMs, value }) => value - perMs * (unixMs - centreUnixMs))
  return {
    perMs,
    low: slopes[Math.max(lowRank - 1, 0)] ?? perMs,
    high: slopes[Math.min(highRank, slopes.length - 1)] ?? perMs,
    centreUnixMs,
    centreValue: medianOf(levels),
    centreHalf: medianHalf(levels, test),
    n: points.length,
    test,
  }
}

/** In ascending order. */
function pairSlopes(points: readonly Point[]): Float64Array {
  const slopes = new Float64Array((points.length * (points.length - 1)) / 2)
  let count = 0
  for (const [index, later] of points.entries()) {
    for (let before = 0; before < index; before += 1) {
      // An index below the length.
      const earlier = points[before] as Point
      const ms = later.unixMs - earlier.unixMs
      if (ms > 0) slopes[count++] = (later.value - earlier.value) / ms
    }
  }
  return slopes.subarray(0, count).sort()
}

/** Half the distance of the order statistics between which the median lies in 95 % of cases, widened by autocorrelation. */
function medianHalf(values: readonly number[], { effectiveCount }: MannKendall): number {
  const n = values.length
  const sorted = values.slice().sort((a, b) => a - b)
  const reach = (studentT95(effectiveCount - 1) / 2) * (n / Math.sqrt(effectiveCount))
  const low = sorted[Math.max(0, Math.floor((n + 1) / 2 - reach) - 1)] ?? 0
  const high = sorted[Math.min(n - 1, Math.ceil((n + 1) / 2 + reach) - 1)] ?? 0
  return (high - low) / 2
}

function medianOf(values: readonly number[]): number {
  return medianOfSorted(values.slice().sort((a, b) => a - b))
}
