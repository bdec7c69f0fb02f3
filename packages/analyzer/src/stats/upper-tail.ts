import { SKETCH_BIN_LOG, type Sketch } from './sketch.ts'
import { type Excesses, SMALLEST_SCALE, sharesBeyond } from './tail-candidates.ts'

/** How rare values are that lie above most others, learned from a sketch. Plain data of at most 300 bytes as JSON. */
export interface UpperTail {
  /** Logarithm of the value at which the tail begins. */
  readonly startLog: number
  /** Distance of the points behind it, in logarithms. */
  readonly stepLog: number
  /** `-ln P(X > x)` at the beginning and after each step, rounded to 0.001; ascending. */
  readonly surprises: readonly number[]
}

/** Of few values the upper 60 % is the tail, of many only as much as tells of its end: no shape holds everywhere. */
const TAIL_RATIO_AT_200 = 0.6
const SMALLEST_TAIL_RATIO = 0.05
/** Values beyond the tail's beginning without which nothing is said of its shape. */
const MIN_EXCESS_COUNT = 10
/**
 * A gap below the tail of 12 % and half its mean excess: beneath 20 values of an exponential tail one is as wide in one case of
 * 20,000.
 */
const [MIN_GAP_BINS, MIN_GAP_COUNT, GAP_RATIO] = [6, 20, 0.5]
/** Of the largest values only the number counts. */
const CENSORED_RATIO = 0.01
/** Bins are joined until the tail has at most so many cells: what a fit costs. */
const MAX_CELL_COUNT = 64
/** The table reaches 12 mean excesses beyond the tail's beginning and is continued as a straight line. */
const [POINT_COUNT, POINTS_PER_MEAN] = [25, 2]
/** Nothing is told apart beyond e^-60. */
export const MAX_SURPRISE = 60

/**
 * Estimates the upper tail; absent while fewer than 10 values are positive. Takes some 0.3 ms: at most 64 cells times some
 * hundred shapes and scales.
 *
 * The logarithms beyond a high quantile are held to be a normal's or a generalised Pareto's; scale and shape are not chosen
 * but averaged by likelihood and prior (Bayesian predictive), so that little data says "rare" only cautiously.
 * Sources: Pickands, Ann. Stat. 3 (1975); Coles, "An Introduction to Statistical Modeling of Extreme Values", chapters 4
 * and 9. Departures: docs/math/anomaly.md.
 */
export function fitUpperTail(sketch: Sketch): UpperTail | undefined {
  const excesses = excessesOf(sketch)
  if (excesses === undefined) return undefined
  const stepLog = Math.max(excesses.meanLog, SMALLEST_SCALE) / POINTS_PER_MEAN
  const beyond = sharesBeyond(excesses, { stepLog, pointCount: POINT_COUNT })
  const surprises = Array.from(beyond, (share) =>
    rounded(Math.min(-Math.log(excesses.ratio * share), MAX_SURPRISE)),
  )
  return { startLog: excesses.startLog, stepLog, surprises }
}

/** `-ln P(X >= value)`: 0 below the tail, 7 where one in 1,100 lies. */
export function surpriseOf({ startLog, stepLog, surprises }: UpperTail, value: number): number {
  const steps = (Math.log(value) - startLog) / stepLog
  if (!(steps > 0)) return 0
  const point = Math.min(Math.floor(steps), surprises.length - 2)
  // Two points at least, and `point` is none behind the last but one.
  const low = surprises[point] as number
  const high = surprises[point + 1] as number
  return Math.min(low + (steps - point) * (high - low), MAX_SURPRISE)
}

/** The value that has a surprise: the inverse of `surpriseOf` within the tail, its beginning below it. */
export function valueOfSurprise(
  { startLog, stepLog, surprises }: UpperTail,
  surprise: number,
): number {
  let point = 0
  while (point < surprises.length - 2 && (surprises[point + 1] as number) < surprise) point += 1
  const low = surprises[point] as number
  const rise = (surprises[point + 1] as number) - low
  const part = rise > 0 ? Math.max((surprise - low) / rise, 0) : 0
  return Math.exp(startLog + (point + part) * stepLog)
}

function excessesOf({ bins, firstKey, count: total }: Sketch): Excesses | undefined {
  const { first, count } = beginningOf(bins, total * tailRatio(total))
  if (count < MIN_EXCESS_COUNT) return undefined
  let end = bins.length
  let censoredCount = 0
  const mayCensor = CENSORED_RATIO * total
  while (end > first + 1 && censoredCount + (bins[end - 1] as number) <= mayCensor)
    censoredCount += bins[--end] as number
  const cells = cellsOf(bins, first, end)
  const censored = { log: (end - first) * SKETCH_BIN_LOG, count: censoredCount }
  const sum = cells.logs.reduce((total, log, cell) => total + log * (cells.counts[cell] ?? 0), 0)
  return {
    startLog: (firstKey + first - 1) * SKETCH_BIN_LOG,
    ratio: count / total,
    count,
    meanLog: (sum + censored.log * censored.count) / (count - censoredCount),
    cells,
    censored,
  }
}

/**
 * The lowest bin of the tail: where it holds `wanted` values, or above a gap that no single tail would leave, for below it
 * other executions begin.
 */
function beginningOf(bins: readonly number[], wanted: number): { first: number; count: number } {
  let first = bins.length
  let count = 0
  // Sum of the values' distances above bin `first`, in bins.
  let distance = 0
  let gap = 0
  for (let bin = bins.length - 1; bin >= 0 && count < wanted; bin -= 1) {
    const own = bins[bin] as number
    gap = own > 0 ? 0 : gap + 1
    if (own > 0) {
      distance += count * (first - bin) + own / 2
      count += own
      first = bin
    } else if (gap >= MIN_GAP_BINS && count >= MIN_GAP_COUNT && gap * count >= distance * GAP_RATIO)
      break
  }
  return { first, count }
}

function tailRatio(count: number): number {
  const ratio = TAIL_RATIO_AT_200 * Math.sqrt(200 / count)
  return Math.min(Math.max(ratio, SMALLEST_TAIL_RATIO), TAIL_RATIO_AT_200)
}

/** Counts at the middles of bins, neighbours joined. */
function cellsOf(bins: readonly number[], first: number, end: number): Excesses['cells'] {
  const width = Math.ceil((end - first) / MAX_CELL_COUNT)
  const logs: number[] = []
  const counts: number[] = []
  for (let from = first; from < end; from += width) {
    const to = Math.min(from + width, end)
    let count = 0
    for (let bin = from; bin < to; bin += 1) count += bins[bin] as number
    if (count === 0) continue
    logs.push(((from + to) / 2 - first) * SKETCH_BIN_LOG)
    counts.push(count)
  }
  return { logs: Float64Array.from(logs), counts: Float64Array.from(counts) }
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
