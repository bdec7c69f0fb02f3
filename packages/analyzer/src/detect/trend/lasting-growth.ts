import { medianOfSorted } from '../../stats/median-change.ts'
import type { Point } from './point.ts'
import { type Slope, slopeOf } from './slope.ts'

/** Values that rise, go on rising and never come back. */
export interface LastingGrowth {
  readonly slope: Slope
  /** The points that rose: all, the later half, or the last quarter. */
  readonly points: readonly Point[]
  /** By how much they rose on the line over their time, and what part that is of where the line began. */
  readonly grown: number
  readonly grownRatio: number
}

/** Fewer points say nothing that lasts: eight in each third. */
const MIN_POINT_COUNT = 24
/** A saw-tooth of an hour has come back twice by then. */
const MIN_SPAN_MS = 2 * 3_600_000
/** What will reach its limit before it has lasted as long again cannot be waited for, once the program is warm. */
const MIN_URGENT_SPAN_MS = 30 * 60_000
/** One in 2,000 series without trend goes beyond, for each look. */
const MIN_Z = 3.3
/** A logarithm's last third rises by 0.47 of what its middle third does, and a warm-up's by less. */
const MIN_KEPT_PACE_RATIO = 0.7
/** Of the mean rise from quarter to quarter: a step leaves all but one of them without. */
const MIN_QUARTER_RISE_RATIO = 0.3
/** Less is nothing to act on. */
const MIN_GROWN_RATIO = 0.2

/** Where the growth that lasts may have begun, as a share of the points: a leak that came with a change is not hidden by days of calm. */
const BEGINNINGS = [0, 0.5, 0.75]

/**
 * Finds growth that lasts, in all points, their later half or their last quarter; absent where there is none. O(n^2) of at most 256.
 *
 * Questions, each of which a healthy shape fails: does it rise at all (a plateau does not); does the last third rise at the pace
 * of the one before (a warm-up slows down); does the lower edge rise from quarter to quarter (a saw-tooth comes back, a step
 * stays); is it enough to matter; has it lasted, or will it reach `limit` before it has lasted as long again? Definitions:
 * docs/math/trend.md.
 */
export function lastingGrowth(
  points: readonly Point[],
  limit: number | undefined,
): LastingGrowth | undefined {
  for (const share of BEGINNINGS) {
    const from = Math.floor(points.length * share)
    const growth = growthIn(points.slice(from), limit)
    if (growth !== undefined && (from === 0 || isNews(points.slice(0, from), growth))) return growth
  }
  return undefined
}

/** What was known before, as height or as pace, is the slower end of something or another tooth of a saw. */
function isNews(earlier: readonly Point[], { points, slope }: LastingGrowth): boolean {
  const before = slopeOf(earlier)
  if (before === undefined || before.perMs > slope.perMs * MIN_KEPT_PACE_RATIO) return false
  const highest = sortedValues(earlier)[Math.floor(earlier.length * 0.9)] ?? 0
  return medianOf(parts(points, 4)[3] ?? []) > highest
}

function growthIn(points: readonly Point[], limit: number | undefined): LastingGrowth | undefined {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined || points.length < MIN_POINT_COUNT) return undefined
  const spanMs = last.unixMs - first.unixMs
  if (spanMs < MIN_URGENT_SPAN_MS || !keepsPace(points) || !neverComesBack(points)) return undefined
  const slope = slopeOf(points)
  if (slope === undefined || slope.test.z < MIN_Z) return undefined
  const grown = slope.perMs * spanMs
  const begin = slope.centreValue - slope.perMs * (slope.centreUnixMs - first.unixMs)
  const grownRatio = begin > 0 ? grown / begin : Number.POSITIVE_INFINITY
  if (grownRatio < MIN_GROWN_RATIO) return undefined
  const isUrgent = limit !== undefined && begin + 2 * grown > limit
  return spanMs >= MIN_SPAN_MS || isUrgent ? { slope, points, grown, grownRatio } : undefined
}

/** The medians of the thirds rise, and from the second to the last by hardly less. */
function keepsPace(points: readonly Point[]): boolean {
  const [first, middle, last] = parts(points, 3).map(medianOf)
  if (first === undefined || middle === undefined || last === undefined) return false
  const [before, now] = [middle - first, last - middle]
  return before > 0 && now >= MIN_KEPT_PACE_RATIO * before
}

/** The lower quartiles of the quarters rise, each by some of their mean rise. */
function neverComesBack(points: readonly Point[]): boolean {
  const edges = parts(points, 4).map((part) => sortedValues(part)[Math.floor(part.length / 4)] ?? 0)
  const [first = 0, second = 0, third = 0, fourth = 0] = edges
  const least = (MIN_QUARTER_RISE_RATIO * (fourth - first)) / 3
  return (
    fourth > first &&
    [second - first, third - second, fourth - third].every((rise) => rise >= least)
  )
}

function parts(points: readonly Point[], count: number): Point[][] {
  return Array.from({ length: count }, (_, part) =>
    points.slice(
      Math.floor((part * points.length) / count),
      Math.floor(((part + 1) * points.length) / count),
    ),
  )
}

function medianOf(points: readonly Point[]): number {
  return medianOfSorted(sortedValues(points))
}

function sortedValues(points: readonly Point[]): number[] {
  return points.map(({ value }) => value).sort((a, b) => a - b)
}
