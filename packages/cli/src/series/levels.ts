import type { DetectedSeries } from './detected.ts'

/** The values between two changes and their median. */
export interface Level {
  readonly start: number
  /** Index after the last. */
  readonly end: number
  readonly level: number
}

/** The levels of a series from its first value to its last; a level without any value is left out. */
export function levelsOf({ series: { points }, changes }: DetectedSeries): readonly Level[] {
  const ends = [...changes.map(({ index }) => index), points.length]
  return ends.flatMap((end, at) => {
    const start = at === 0 ? 0 : (ends[at - 1] ?? 0)
    const level = quantileOf(sortedValues(points.slice(start, end)), 0.5)
    return level === undefined ? [] : [{ start, end, level }]
  })
}

/** Share of the values at either end that may lie outside what is drawn: one outlier must not flatten the rest. */
const OUTSIDE_RATIO = 0.01

/** What is drawn of the values: nearly all, and every level; nothing where there is no value. */
export function shownRange(detected: DetectedSeries): { low: number; high: number } | undefined {
  const values = sortedValues(detected.series.points)
  const [low, high] = [quantileOf(values, OUTSIDE_RATIO), quantileOf(values, 1 - OUTSIDE_RATIO)]
  if (low === undefined || high === undefined) return undefined
  const levels = levelsOf(detected).map(({ level }) => level)
  const range = { low: Math.min(low, ...levels), high: Math.max(high, ...levels) }
  // A constant has a range, too.
  const margin = range.high > range.low ? 0 : Math.abs(range.low) / 10 || 1
  return { low: range.low - margin, high: range.high + margin }
}

function sortedValues(points: DetectedSeries['series']['points']): Float64Array {
  return Float64Array.from(
    points.flatMap(({ value }) => (Number.isFinite(value) ? [value] : [])),
  ).sort()
}

function quantileOf(sorted: Float64Array, ratio: number): number | undefined {
  return sorted[Math.round(ratio * (sorted.length - 1))]
}
