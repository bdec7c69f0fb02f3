import { normalTail, normalTailPoint } from './normal-tail.ts'

/** The values above the beginning of a tail, as distances of their logarithms from it. */
export interface Excesses {
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

/** Logs of durations are mostly normal in their upper half; the rest is left to the generalised Pareto's shapes. */
const NORMAL_RATIO = 0.8
const SHAPES = [-0.4, -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]
const [SHAPE_MEAN, SHAPE_DEVIATION] = [-0.05, 0.1]
/** Scales tried on either side of the likeliest, in standard errors of its logarithm: 0.5 apart. */
const SCALE_STEP_COUNT = 6
/** In logarithms: a bin and a half. Of narrower tails nothing is known, and nobody minds them. */
export const SMALLEST_SCALE = 0.03
const SCALE_COUNT: number = 2 * SCALE_STEP_COUNT + 1
/** Candidates less likely than the likeliest by this factor, as a logarithm, do not matter. */
const NEGLIGIBLE_LOG = 12
/** Of each of the shapes. */
const LOG_PRIORS: readonly number[] = logPriors()

/**
 * Shapes that a tail may have, each in several scales: those of a normal's first, then those of each generalised Pareto's. Columns,
 * since all of them are looked at for each estimate.
 */
interface Candidates {
  readonly scales: Float64Array
  readonly logWeights: Float64Array
  /** Where the tail begins in standard deviations, and the share of a standard normal that lies above. */
  readonly start: number
  readonly above: number
}

/**
 * The shares of a tail's values that lie beyond its beginning, beyond one step, beyond two, …: those of all shapes and scales, by how
 * likely each is.
 */
export function sharesBeyond(
  excesses: Excesses,
  { stepLog, pointCount }: { readonly stepLog: number; readonly pointCount: number },
): Float64Array {
  const candidates = candidatesOf(excesses)
  const { logWeights, scales } = candidates
  const best = logWeights.reduce((max, one) => Math.max(max, one), Number.NEGATIVE_INFINITY)
  const isLikely = (one: number) => one > best - NEGLIGIBLE_LOG
  let total = 0
  for (const one of logWeights) if (isLikely(one)) total += Math.exp(one - best)
  const shares = new Float64Array(pointCount)
  for (const [index, one] of logWeights.entries()) {
    if (!isLikely(one)) continue
    const own = { weight: Math.exp(one - best) / total, scale: scales[index] as number, stepLog }
    const shape = SHAPES[Math.floor(index / SCALE_COUNT) - 1]
    if (shape === undefined) addNormal(shares, candidates, own)
    else addPareto(shares, shape, own)
  }
  return shares
}

function candidatesOf(excesses: Excesses): Candidates {
  const start = normalTailPoint(Math.min(excesses.ratio, 1 - 1e-9))
  const above = normalTail(start)
  const count = SCALE_COUNT * (1 + SHAPES.length)
  const logWeights = new Float64Array(count)
  const scales = new Float64Array(count)
  const candidates = { scales, logWeights, start, above }
  // Mean of a standard normal beyond `start`, less `start`.
  const unitMean = Math.exp(-(start * start) / 2) / Math.sqrt(2 * Math.PI) / above - start
  const error = 1.2 / Math.sqrt(excesses.count - excesses.censored.count)
  for (let index = 0; index < SCALE_COUNT; index += 1) {
    const factor = Math.exp(((index - SCALE_STEP_COUNT) / 2) * error)
    scales[index] = Math.max((excesses.meanLog / unitMean) * factor, SMALLEST_SCALE)
    for (const [at, shape] of SHAPES.entries()) {
      const scale = Math.max(excesses.meanLog * (1 - shape) * factor, SMALLEST_SCALE)
      scales[SCALE_COUNT * (1 + at) + index] = scale
    }
  }
  weighNormals(excesses, candidates)
  weighParetos(excesses, candidates)
  return candidates
}

/** Logs are normal as far as the tail reaches; only their scale is unknown. */
function weighNormals(
  { cells: { logs, counts }, censored }: Excesses,
  { start, above, scales, logWeights }: Candidates,
): void {
  for (let index = 0; index < SCALE_COUNT; index += 1) {
    // Indices below the lengths, here and below.
    const scale = scales[index] as number
    const constant = -Math.log(scale * above * Math.sqrt(2 * Math.PI))
    let sum = 0
    if (censored.count > 0)
      sum = censored.count * Math.log(normalTail(start + censored.log / scale) / above)
    for (let cell = 0; cell < logs.length; cell += 1) {
      const distance = start + (logs[cell] as number) / scale
      sum += (counts[cell] as number) * (constant - distance ** 2 / 2)
    }
    logWeights[index] = Math.log(NORMAL_RATIO) + sum
  }
}

/** All in one loop: it runs a hundred times in every estimate, and a call would make objects of its numbers. */
function weighParetos(
  { cells: { logs, counts }, censored }: Excesses,
  { scales, logWeights }: Candidates,
): void {
  for (let index = SCALE_COUNT; index < scales.length; index += 1) {
    const at = Math.floor(index / SCALE_COUNT) - 1
    const shape = SHAPES[at] as number
    const scale = scales[index] as number
    const constant = -Math.log(scale)
    let sum = 0
    if (censored.count > 0)
      sum = censored.count * Math.log(Math.exp(-paretoHazard(censored.log / scale, shape)))
    for (let cell = 0; cell < logs.length; cell += 1) {
      const hazard = paretoHazard((logs[cell] as number) / scale, shape)
      sum += (counts[cell] as number) * (constant - (1 + shape) * hazard)
    }
    logWeights[index] = (LOG_PRIORS[at] as number) + sum
  }
}

interface Own {
  readonly weight: number
  readonly scale: number
  readonly stepLog: number
}

function addNormal(
  shares: Float64Array,
  { start, above }: Candidates,
  { weight, scale, stepLog }: Own,
): void {
  for (let point = 0; point < shares.length; point += 1) {
    const survival = normalTail(start + (point * stepLog) / scale) / above
    shares[point] = (shares[point] as number) + weight * survival
  }
}

function addPareto(shares: Float64Array, shape: number, { weight, scale, stepLog }: Own): void {
  for (let point = 0; point < shares.length; point += 1) {
    const survival = Math.exp(-paretoHazard((point * stepLog) / scale, shape))
    shares[point] = (shares[point] as number) + weight * survival
  }
}

/** `-ln P(X > x)` of the generalised Pareto with scale 1: ln(1 + shape x) / shape. */
function paretoHazard(x: number, shape: number): number {
  if (shape === 0) return x
  const inner = 1 + shape * x
  return inner > 0 ? Math.log(inner) / shape : Number.POSITIVE_INFINITY
}

function logPriors(): number[] {
  const density = SHAPES.map((shape) =>
    Math.exp(-(((shape - SHAPE_MEAN) / SHAPE_DEVIATION) ** 2) / 2),
  )
  const total = density.reduce((sum, one) => sum + one, 0)
  return density.map((one) => Math.log(((1 - NORMAL_RATIO) * one) / total))
}
