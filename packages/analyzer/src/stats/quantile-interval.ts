import { gammaln } from 'simple-statistics'
import { type Sketch, valueOfRank } from './sketch.ts'

/** A quantile with its 95 % interval; an end is absent when there are too few values for it. */
export interface QuantileEstimate {
  readonly value: number
  readonly low: number | undefined
  readonly high: number | undefined
}

export interface QuantileSummary {
  readonly n: number
  readonly p50: QuantileEstimate | undefined
  readonly p95: QuantileEstimate | undefined
  readonly p99: QuantileEstimate | undefined
}

/** Share of intervals that may miss on each side. */
const TAIL_RATIO = 0.025

/** The quantiles that reports show. Absent without values. */
export function summarizeQuantiles(sketch: Sketch): QuantileSummary {
  return {
    n: sketch.count,
    p50: estimateQuantile(sketch, 0.5),
    p95: estimateQuantile(sketch, 0.95),
    p99: estimateQuantile(sketch, 0.99),
  }
}

export function estimateQuantile(
  sketch: Sketch,
  quantileRatio: number,
): QuantileEstimate | undefined {
  const value = valueOfRank(sketch, quantileRank(sketch.count, quantileRatio))
  if (value === undefined) return undefined
  const { lowRank, highRank } = quantileRanks(sketch.count, quantileRatio)
  return {
    value,
    low: lowRank === undefined ? undefined : valueOfRank(sketch, lowRank),
    high: highRank === undefined ? undefined : valueOfRank(sketch, highRank),
  }
}

/**
 * The 1-based ranks between which the quantile of the distribution lies with at least 95 %, whatever the
 * distribution.
 *
 * With B ~ Binomial(n, q) counting values at or below the quantile: the largest l with P(B < l) <= 2.5 % and
 * the smallest u with P(B >= u) <= 2.5 %; a rank outside 1..n is absent. O(sqrt n).
 * Source: David and Nagaraja, "Order Statistics", 3rd ed., section 7.1.
 */
export function quantileRanks(
  n: number,
  quantileRatio: number,
): { lowRank: number | undefined; highRank: number | undefined } {
  if (n < 1) return { lowRank: undefined, highRank: undefined }
  // Outside ten standard deviations of the mean the mass is below 1e-20.
  const spread = 10 * Math.sqrt(n * quantileRatio * (1 - quantileRatio)) + 10
  const from = Math.max(0, Math.floor(n * quantileRatio - spread))
  const to = Math.min(n, Math.ceil(n * quantileRatio + spread))
  const odds = quantileRatio / (1 - quantileRatio)
  let mass = binomialMass(n, from, quantileRatio)
  let cumulative = 0
  let lowRank: number | undefined
  for (let successes = from; successes <= to; successes += 1) {
    if (cumulative <= TAIL_RATIO && successes >= 1) lowRank = successes
    if (1 - cumulative <= TAIL_RATIO && successes >= 1) return { lowRank, highRank: successes }
    cumulative += mass
    // Each mass from the one before it: a report asks for a thousand ranks, and logarithms of factorials are slow.
    mass *= ((n - successes) / (successes + 1)) * odds
  }
  return { lowRank, highRank: undefined }
}

function quantileRank(n: number, quantileRatio: number): number {
  return Math.max(1, Math.ceil(n * quantileRatio))
}

function binomialMass(n: number, successes: number, probability: number): number {
  const logWays = gammaln(n + 1) - gammaln(successes + 1) - gammaln(n - successes + 1)
  return Math.exp(
    logWays + successes * Math.log(probability) + (n - successes) * Math.log1p(-probability),
  )
}
