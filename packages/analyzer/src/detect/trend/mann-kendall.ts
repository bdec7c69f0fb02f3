import type { Point } from './point.ts'

/** Whether values tend to rise or to fall over time, whatever the shape of the rise. */
export interface MannKendall {
  /** Pairs that rise less pairs that fall. */
  readonly score: number
  /** Of the score while nothing rises or falls; ties and autocorrelation are accounted for. */
  readonly deviation: number
  /** Standard normal while nothing rises or falls: beyond 1.96 in 2.5 % of cases. */
  readonly z: number
  /** Independent points that say as much. */
  readonly effectiveCount: number
}

/** A correlation beyond this is a walk, of which no length tells a trend. */
const MAX_CORRELATION = 0.95

/**
 * Mann's and Kendall's test. Points in order of time; `slopePerMs` is taken out before neighbours are compared, so that a trend is
 * not mistaken for correlation. O(n^2).
 *
 * Sources: Kendall, "Rank Correlation Methods" (1975), ch. 4 (ties); Hamed and Rao, J. Hydrol. 204 (1998) (variance under
 * autocorrelation). Departure: the autocorrelation is that of an AR(1) with the lag-1 rank correlation of the residuals, corrected
 * for its bias, positive only: the sample's own further lags are noise at these lengths.
 */
export function mannKendall(points: readonly Point[], slopePerMs: number): MannKendall {
  const n = points.length
  const score = scoreOf(points)
  const correlation = residualCorrelation(points, slopePerMs)
  const inflation = varianceInflation(n, correlation)
  const deviation = Math.sqrt(independentVariance(points) * inflation)
  // A step towards 0, since the score is an integer and z is not.
  const z = deviation > 0 ? (score - Math.sign(score)) / deviation : 0
  const effectiveCount = (n * (1 - correlation)) / (1 + correlation)
  return { score, deviation, z, effectiveCount }
}

function scoreOf(points: readonly Point[]): number {
  let score = 0
  for (const [index, later] of points.entries()) {
    for (let before = 0; before < index; before += 1)
      // An index below the length.
      score += Math.sign(later.value - (points[before] as Point).value)
  }
  return score
}

function independentVariance(points: readonly Point[]): number {
  const n = points.length
  const groups = new Map<number, number>()
  for (const { value } of points) groups.set(value, (groups.get(value) ?? 0) + 1)
  let ties = 0
  for (const size of groups.values()) ties += size * (size - 1) * (2 * size + 5)
  return (n * (n - 1) * (2 * n + 5) - ties) / 18
}

/** Lag-1 correlation of the ranks of what the slope leaves, 0 to 0.95. */
function residualCorrelation(points: readonly Point[], slopePerMs: number): number {
  const n = points.length
  const start = points[0]?.unixMs ?? 0
  const ranks = ranksOf(points.map(({ unixMs, value }) => value - slopePerMs * (unixMs - start)))
  const middle = (n + 1) / 2
  let [energy, lagged] = [0, 0]
  for (const [index, rank] of ranks.entries()) {
    energy += (rank - middle) ** 2
    lagged += (rank - middle) * ((ranks[index + 1] ?? middle) - middle)
  }
  if (energy === 0) return 0
  const raw = lagged / energy
  // Kendall and Stuart: the sample's is too small by about (1 + 4 r) / n once a line was fitted.
  return Math.min(Math.max(raw + (1 + 4 * raw) / n, 0), MAX_CORRELATION)
}

/** Mean ranks, from 1. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
  const ranks = values.map(() => 0)
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to += 1
    for (let at = from; at < to; at += 1) ranks[order[at] ?? 0] = (from + 1 + to) / 2
    from = to
  }
  return ranks
}

/** How much larger the score's variance is when neighbours resemble each other. */
function varianceInflation(n: number, correlation: number): number {
  let sum = 0
  for (let lag = 1; lag < n; lag += 1)
    sum += (n - lag) * (n - lag - 1) * (n - lag - 2) * correlation ** lag
  return n < 3 ? 1 : 1 + (2 * sum) / (n * (n - 1) * (n - 2))
}
