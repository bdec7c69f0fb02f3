import { normalTail, normalTailPoint } from './normal-tail.ts'
import { SKETCH_BIN_LOG, type Sketch } from './sketch.ts'

/** How rare values are that lie above most others, learned from a sketch. Plain data of at most 300 bytes as JSON. */
export interface UpperTail {
  /** Logarithm of the value at which the tail begins. */
  readonly startLog: number
  /** Distance of the points behind it, in logarithms. */
  readonly stepLog: number
  /** `-ln P(X > x)` at the beginning and after each step, rounded to 0.001; ascending. */
  readonly surprises: readonly number[]
}

/** The values above the beginning of the tail, as distances of their logarithms from it. */
interface Excesses {
  readonly startLog: number
  /** Share of all values, that of the tail. */
  readonly ratio: number
  readonly count: number
  readonly meanLog: number
  readonly cells: Cells
  /** Of the largest values it counts only that they lie beyond this, so that outliers teach little. */
  readonly censored: { readonly log: number; readonly count: number }
}

/** Logarithms and how many values lie about each. Two flat lists: every shape and scale goes over them. */
interface Cells {
  readonly logs: Float64Array
  readonly counts: Float64Array
}

/** A shape that the tail may have and how likely it is. */
interface Candidate {
  readonly logWeight: number
  readonly survival: (log: number) => number
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
/** Logs of durations are mostly normal in their upper half; the rest is left to the generalised Pareto's shapes. */
const NORMAL_RATIO = 0.8
const SHAPES = [-0.4, -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]
const [SHAPE_MEAN, SHAPE_DEVIATION] = [-0.05, 0.1]
/** Scales tried on either side of the likeliest, in standard errors of its logarithm: 0.5 apart. */
const SCALE_STEP_COUNT = 6
/** In logarithms: a bin and a half. Of narrower tails nothing is known, and nobody minds them. */
const SMALLEST_SCALE = 0.03
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
  const candidates = weighed([...normalTails(excesses), ...paretoTails(excesses)])
  const stepLog = Math.max(excesses.meanLog, SMALLEST_SCALE) / POINTS_PER_MEAN
  const surprises = Array.from({ length: POINT_COUNT }, (_, point) => {
    let beyond = 0
    for (const { weight, survival } of candidates) beyond += weight * survival(point * stepLog)
    return rounded(Math.min(-Math.log(excesses.ratio * beyond), MAX_SURPRISE))
  })
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
function cellsOf(bins: readonly number[], first: number, end: number): Cells {
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

/** Logs are normal as far as the tail reaches; only their scale is unknown. */
function normalTails(excesses: Excesses): Candidate[] {
  const start = normalTailPoint(Math.min(excesses.ratio, 1 - 1e-9))
  const above = normalTail(start)
  // Mean of a standard normal beyond `start`, less `start`.
  const unitMean = Math.exp(-(start * start) / 2) / Math.sqrt(2 * Math.PI) / above - start
  return scalesAround(excesses, excesses.meanLog / unitMean).map((scale) => {
    const survival = (log: number) => normalTail(start + log / scale) / above
    const likelihood = normalLogLikelihood(excesses, { start, above, scale })
    return { logWeight: Math.log(NORMAL_RATIO) + likelihood, survival }
  })
}

function paretoTails(excesses: Excesses): Candidate[] {
  const density = SHAPES.map((shape) =>
    Math.exp(-(((shape - SHAPE_MEAN) / SHAPE_DEVIATION) ** 2) / 2),
  )
  const total = density.reduce((sum, one) => sum + one, 0)
  return SHAPES.flatMap((shape, index) =>
    scalesAround(excesses, excesses.meanLog * (1 - shape)).map((scale) => {
      const logPrior = Math.log(((1 - NORMAL_RATIO) * (density[index] as number)) / total)
      const survival = (log: number) => Math.exp(-paretoHazard(log / scale, shape))
      return { logWeight: logPrior + paretoLogLikelihood(excesses, { shape, scale }), survival }
    }),
  )
}

/** `-ln P(X > x)` of the generalised Pareto with scale 1: ln(1 + shape x) / shape. */
function paretoHazard(x: number, shape: number): number {
  if (shape === 0) return x
  const inner = 1 + shape * x
  return inner > 0 ? Math.log(inner) / shape : Number.POSITIVE_INFINITY
}

function scalesAround({ count, censored }: Excesses, likeliest: number): number[] {
  const error = 1.2 / Math.sqrt(count - censored.count)
  return Array.from({ length: 2 * SCALE_STEP_COUNT + 1 }, (_, index) =>
    Math.max(likeliest * Math.exp(((index - SCALE_STEP_COUNT) / 2) * error), SMALLEST_SCALE),
  )
}

/** Of values whose logarithms are normal, given that they lie `start` standard deviations and more above the mean. */
function normalLogLikelihood(
  { cells: { logs, counts }, censored }: Excesses,
  { start, above, scale }: { start: number; above: number; scale: number },
): number {
  const constant = -Math.log(scale * above * Math.sqrt(2 * Math.PI))
  let sum = 0
  if (censored.count > 0)
    sum = censored.count * Math.log(normalTail(start + censored.log / scale) / above)
  for (let cell = 0; cell < logs.length; cell += 1) {
    // Indices below the lengths, here and below.
    const distance = start + (logs[cell] as number) / scale
    sum += (counts[cell] as number) * (constant - distance ** 2 / 2)
  }
  return sum
}

/** Runs a hundred times in every fit, one of which is seldom: a loop of its own is compiled within the first. */
function paretoLogLikelihood(
  { cells: { logs, counts }, censored }: Excesses,
  { shape, scale }: { shape: number; scale: number },
): number {
  const constant = -Math.log(scale)
  let sum = 0
  if (censored.count > 0)
    sum = censored.count * Math.log(Math.exp(-paretoHazard(censored.log / scale, shape)))
  for (let cell = 0; cell < logs.length; cell += 1) {
    const hazard = paretoHazard((logs[cell] as number) / scale, shape)
    sum += (counts[cell] as number) * (constant - (1 + shape) * hazard)
  }
  return sum
}

/** Weights that sum to 1; those that do not matter are left out. */
function weighed(
  candidates: readonly Candidate[],
): { weight: number; survival: Candidate['survival'] }[] {
  const best = candidates.reduce((max, { logWeight }) => Math.max(max, logWeight), -Infinity)
  const likely = candidates.filter(({ logWeight }) => logWeight > best - 12)
  const weights = likely.map(({ logWeight }) => Math.exp(logWeight - best))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return likely.map(({ survival }, index) => ({
    survival,
    weight: (weights[index] as number) / total,
  }))
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
