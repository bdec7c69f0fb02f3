/** What the scores do beside their levels. */
export interface Noise {
  /** Of one score. */
  readonly variance: number
  /** Lag-1 correlation, 0 to 0.9. */
  readonly correlation: number
}

const MAX_CORRELATION = 0.9
/** So many differences of neighbours, and this share of them, may be steps. */
const STEP_SHARE = 0.05
const STEP_COUNT = 4
/** A larger difference than this many deviations counts as this. */
const REACH_DEVIATIONS = 3.2
/** The correlation of few scores is known badly, and too little of it costs more than too much. */
const CORRELATION_MARGIN = 0.3
/** Constants have no noise; a division by it must stay finite. */
const MIN_VARIANCE = 1e-24

/**
 * Variance and correlation from differences of neighbours and of every second score, which steps hardly touch.
 *
 * For AR(1) noise they have the mean squares 2 v (1 - r) and 2 v (1 - r^2), whose quotient is 1 + r. Differences are
 * pulled in to 3.2 of their deviations, or to the largest that is no step where the noise itself reaches further.
 * Source: Chakar, Lebarbier, Levy-Leduc, Robin, "A robust approach for estimating change-points in the mean of an AR(1)
 * process", Bernoulli 23 (2017). Departures: mean squares instead of quantiles, never below 0, a margin of
 * 0.3 / sqrt(n).
 */
export function noiseOf(scores: readonly number[]): Noise {
  const [near, far] = [meanSquare(scores, 1), meanSquare(scores, 2)]
  const margin = CORRELATION_MARGIN / Math.sqrt(scores.length)
  const measured = near > 0 ? far / near - 1 + margin : 0
  const correlation = Math.min(Math.max(measured, 0), MAX_CORRELATION)
  return { variance: Math.max(near / 2 / (1 - correlation), MIN_VARIANCE), correlation }
}

function meanSquare(scores: readonly number[], lag: number): number {
  const squares = new Float64Array(Math.max(0, scores.length - lag))
  // An index of `squares` has a score `lag` after it.
  for (let index = 0; index < squares.length; index += 1)
    squares[index] = ((scores[index + lag] as number) - (scores[index] as number)) ** 2
  if (squares.length === 0) return 0
  squares.sort()
  const stepCount = lag * (STEP_COUNT + Math.floor(STEP_SHARE * scores.length))
  const largest = squares[Math.max(0, squares.length - 1 - stepCount)] ?? 0
  const middle = squares[squares.length >> 1] ?? 0
  const limit = Math.max(largest, (middle * REACH_DEVIATIONS ** 2) / 0.67449 ** 2)
  let sum = 0
  for (const square of squares) sum += Math.min(square, limit)
  return sum / squares.length
}

/** By how much the variance of a mean of `count` scores exceeds that of independent ones. */
export function varianceInflation({ correlation }: Noise, count: number): number {
  if (correlation === 0) return 1
  const rest = 1 - correlation
  return (
    (1 + correlation) / rest -
    (2 * correlation * (1 - correlation ** count)) / (count * rest * rest)
  )
}
