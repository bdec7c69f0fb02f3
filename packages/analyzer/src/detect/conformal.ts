import { countAround, emptySketch, insert, type Sketch } from '../stats/sketch.ts'

/**
 * Evidence that a series no longer comes from where its baseline came from. Plain data.
 *
 * Each bettor bets on the rank of the next value among all before it. Its Shiryaev-Roberts sum has mean n after n
 * values while nothing changes, whatever the distribution: see docs/math/regression.md.
 */
export interface ConformalSeries {
  /** Every value since the baseline began, in bins of 1 %. */
  readonly ranks: Sketch
  /** One Shiryaev-Roberts sum per bettor. */
  readonly sums: number[]
  /** Sequence number at which the run behind each sum began. */
  readonly starts: number[]
}

interface Bettor {
  readonly direction: 'up' | 'down'
  /** Bets on the rank being in this outermost share. */
  readonly tailRatio: number
  /** Share of the stake that is bet; the rest is kept. */
  readonly stakeRatio: number
}

/**
 * Tails from narrow to half, because the shift is unknown and because a growing number of shifted values widens
 * the tail in which they fall; a bold and a careful stake for strong and weak shifts. Measured: docs/math/regression.md.
 */
const BETTORS: readonly Bettor[] = (['up', 'down'] as const).flatMap((direction) =>
  [0.04, 0.12, 0.25, 0.5].flatMap((tailRatio) =>
    [0.4, 0.85].map((stakeRatio) => ({ direction, tailRatio, stakeRatio })),
  ),
)

/** Sums beyond this say nothing more, and stay finite. */
const MAX_SUM = 1e200

export function emptySeries(): ConformalSeries {
  return {
    ranks: emptySketch(),
    sums: BETTORS.map(() => 0),
    starts: BETTORS.map(() => 0),
  }
}

/** Takes a value into the baseline without betting on it. */
export function learn(series: ConformalSeries, value: number): void {
  insert(series.ranks, value)
}

/**
 * Bets on a value, then takes it into the baseline.
 *
 * `uniform` in (0, 1) places it among equal values, so that the rank is uniform whatever the ties. O(bins).
 */
export function bet(
  series: ConformalSeries,
  { value, uniform, sequence }: { value: number; uniform: number; sequence: number },
): void {
  if (!insert(series.ranks, value)) return
  const { below, equal } = countAround(series.ranks, value)
  const fromBelow = (below + uniform * equal) / series.ranks.count
  for (let index = 0; index < BETTORS.length; index += 1) {
    // An index below the length. The innermost loop of the detector: 16 bettors a series, some 20 series.
    const bettor = BETTORS[index] as Bettor
    const sum = series.sums[index] ?? 0
    // A run that has lost its stake begins anew here.
    if (sum < 1) series.starts[index] = sequence
    const tail = bettor.direction === 'down' ? fromBelow : 1 - fromBelow
    series.sums[index] = Math.min((sum + 1) * payout(bettor, tail), MAX_SUM)
  }
}

/** Mean of the bettors' sums: at most n on average after n bets while nothing changes. */
export function evidence(series: ConformalSeries): number {
  let total = 0
  for (const sum of series.sums) total += sum
  return total / BETTORS.length
}

/** Where the run of the bettor that won most began, and what it bet on. */
export function leadingRun(series: ConformalSeries): {
  start: number
  direction: 'up' | 'down'
} {
  const best = series.sums.indexOf(Math.max(...series.sums))
  return { start: series.starts[best] ?? 0, direction: BETTORS[best]?.direction ?? 'up' }
}

/** Mean 1 over a uniform tail. */
function payout({ tailRatio, stakeRatio }: Bettor, tail: number): number {
  return 1 - stakeRatio + (tail < tailRatio ? stakeRatio / tailRatio : 0)
}
