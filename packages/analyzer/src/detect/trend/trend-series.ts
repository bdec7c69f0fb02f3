import type { Point } from './point.ts'

/**
 * A series over time in bounded room: points that are means of equally many consecutive values each. Plain data; with the 40
 * points of `emptyTrendSeries` some 1 KB as JSON.
 */
export interface TrendSeries {
  /** Points that it has at most: an even number. */
  readonly capacity: number
  /** Values that make one point: 1, 2, 4, … */
  valuesPerPoint: number
  /** Times and values in turn, the oldest first; times are ms since `startUnixMs`. */
  readonly figures: number[]
  startUnixMs: number
  /** Values of the point to come, and their sums. */
  openCount: number
  openMsSum: number
  openSum: number
}

/** Points, in about 1 KB of plain data; their slopes are 780 pairs. */
const DEFAULT_CAPACITY = 40

export function emptyTrendSeries(capacity = DEFAULT_CAPACITY): TrendSeries {
  return {
    capacity,
    valuesPerPoint: 1,
    figures: [],
    startUnixMs: 0,
    openCount: 0,
    openMsSum: 0,
    openSum: 0,
  }
}

/**
 * Adds a value; false when it is no finite number. Values come in order of time. When all points are taken, neighbours are
 * joined, so that the series reaches back to its first value at half the resolution. O(1) amortised.
 */
export function addToTrend(series: TrendSeries, { unixMs, value }: Point): boolean {
  if (!Number.isFinite(value) || !Number.isFinite(unixMs)) return false
  if (series.figures.length === 0 && series.openCount === 0) series.startUnixMs = unixMs
  series.openCount += 1
  series.openMsSum += unixMs - series.startUnixMs
  series.openSum += value
  if (series.openCount < series.valuesPerPoint) return true
  if (series.figures.length >= 2 * series.capacity) joinNeighbours(series)
  // Joining doubled what a point takes: it stays open then.
  if (series.openCount >= series.valuesPerPoint) closePoint(series)
  return true
}

/** What is complete. */
export function trendPoints({ figures, startUnixMs }: TrendSeries): Point[] {
  const points: Point[] = []
  for (let at = 0; at + 1 < figures.length; at += 2)
    points.push({ unixMs: startUnixMs + (figures[at] ?? 0), value: figures[at + 1] ?? 0 })
  return points
}

function closePoint(series: TrendSeries): void {
  const { figures, openCount } = series
  figures.push(Math.round(series.openMsSum / openCount), rounded(series.openSum / openCount))
  series.openCount = 0
  series.openMsSum = 0
  series.openSum = 0
}

function joinNeighbours(series: TrendSeries): void {
  const { figures } = series
  const mean = (a: number | undefined, b: number | undefined) => ((a ?? 0) + (b ?? 0)) / 2
  for (let at = 0; at + 3 < figures.length; at += 4) {
    figures[at / 2] = Math.round(mean(figures[at], figures[at + 2]))
    figures[at / 2 + 1] = rounded(mean(figures[at + 1], figures[at + 3]))
  }
  figures.length /= 2
  series.valuesPerPoint *= 2
}

/** Six digits are more than a mean of noisy values has, and half the room. */
function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
