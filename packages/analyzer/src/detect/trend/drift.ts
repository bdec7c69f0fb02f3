import { slopeOf } from './slope.ts'
import { addToTrend, emptyTrendSeries, type TrendSeries, trendPoints } from './trend-series.ts'

/** A slow change of a positive series, too small in each moment to be a change of level. */
export interface Drift {
  /** Relative change from the first point to the last on the line, with its 95 % interval and the points it rests on. */
  readonly change: Interval
  /** The same for an hour. */
  readonly perHour: Interval
  readonly fromUnixMs: number
  readonly toUnixMs: number
}

interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
  readonly n: number
}

/** One look in 1,000 goes beyond in either direction while nothing drifts. */
const MIN_Z = 3.3
/** Less over all that is known is nothing to tell. */
const MIN_CHANGE_RATIO = 0.05
const MS_PER_HOUR = 3_600_000

/** Adds a value > 0; others are left out, since they have no logarithm. */
export function addToDrift(
  series: TrendSeries,
  { unixMs, value }: { unixMs: number; value: number },
) {
  if (value > 0) addToTrend(series, { unixMs, value: Math.log(value) })
}

/** A series of these values. */
export function driftSeriesOf(values: Iterable<{ unixMs: number; value: number }>): TrendSeries {
  const series = emptyTrendSeries()
  for (const value of values) addToDrift(series, value)
  return series
}

/** What the series' logarithms say; absent while nothing drifts, or by less than 5 %. O(n^2) of 40 points. */
export function driftOf(series: TrendSeries): Drift | undefined {
  const points = trendPoints(series)
  const [first, last] = [points[0], points.at(-1)]
  const slope = slopeOf(points)
  if (first === undefined || last === undefined || slope === undefined) return undefined
  if (Math.abs(slope.test.z) < MIN_Z) return undefined
  const over = (ms: number): Interval => ({
    value: Math.expm1(slope.perMs * ms),
    low: Math.expm1(slope.low * ms),
    high: Math.expm1(slope.high * ms),
    n: slope.n,
  })
  const change = over(last.unixMs - first.unixMs)
  if (Math.abs(change.value) < MIN_CHANGE_RATIO) return undefined
  return { change, perHour: over(MS_PER_HOUR), fromUnixMs: first.unixMs, toUnixMs: last.unixMs }
}
