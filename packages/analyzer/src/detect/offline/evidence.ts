import { type Noise, varianceInflation } from './noise.ts'
import type { SegmentSums } from './segment-sums.ts'

/** A series to be cut into levels. */
export interface Levels {
  readonly sums: SegmentSums
  readonly noise: Noise
}

/** A change and the levels on its sides. */
export interface Split {
  readonly start: number
  readonly split: number
  readonly end: number
}

/** The noise of the whole series weighs as so many values of the sides. */
const NOISE_WEIGHT_COUNT = 20
/** Sides quieter than the series by more than this are luck. */
const LEAST_VARIANCE_SHARE = 0.5
/**
 * Evidence per e-fold of places where a change of this scale could lie: 2 is what normal noise gives a scan of them;
 * the tails of real noise are heavier on short sides.
 */
const SCALE_WEIGHT = 3

/**
 * How much a change speaks for itself beyond what chance gives somewhere in the series at its scale: the square of the
 * standardised step (Student's t made normal), less 3 log(n / shorter side).
 * Source of the scale term: Frick, Munk, Sieling, "Multiscale change point inference", JRSS B 76 (2014), section 2.
 */
export function evidenceOf({ sums, noise }: Levels, { start, split, end }: Split): number {
  const [before, after] = [split - start, end - split]
  if (before < 1 || after < 1) return Number.NEGATIVE_INFINITY
  const { error, freedom } = stepError({ sums, noise }, { start, split, end })
  const t = sums.step(start, split, end) / error
  return freedom * Math.log1p((t * t) / freedom) - scaleTerm(sums.count, { start, split, end })
}

/** A split with less gain than this cannot have the evidence. */
export function leastGain({ sums, noise }: Levels, place: Split, minEvidence: number): number {
  return LEAST_VARIANCE_SHARE * noise.variance * (minEvidence + scaleTerm(sums.count, place))
}

function scaleTerm(count: number, { start, split, end }: Split): number {
  return SCALE_WEIGHT * Math.log(count / Math.min(split - start, end - split))
}

/** Standard error of a step, correlation included, and the degrees of freedom behind it. */
export function stepError(
  { sums, noise }: Levels,
  { start, split, end }: Split,
): { readonly error: number; readonly freedom: number } {
  const [before, after] = [split - start, end - split]
  const squares = sums.squares(start, split) + sums.squares(split, end)
  const freedom = NOISE_WEIGHT_COUNT + before + after - 2
  const mixed = (NOISE_WEIGHT_COUNT * noise.variance + squares) / freedom
  const variance = Math.max(mixed, LEAST_VARIANCE_SHARE * noise.variance)
  const inflated =
    varianceInflation(noise, before) / before + varianceInflation(noise, after) / after
  return { error: Math.sqrt(variance * inflated), freedom }
}

/** Whether a straight line over both sides explains them as well as two levels do: a drift, then. */
export function isDrift(sums: SegmentSums, { start, split, end }: Split): boolean {
  return sums.lineGain(start, end) >= sums.stepGain(start, split, end)
}
