import { emptySketch, insert, rankOf, type Sketch } from '../stats/sketch.ts'

/**
 * Evidence that a series no longer comes from where its baseline came from. Plain data.
 *
 * Each bettor bets on the rank of the next value among all before it. Its Shiryaev-Roberts sum has mean n after n
 * values while nothing changes, whatever the distribution: see docs/math/regression.md.
 */
export interface LevelSeries {
  readonly kind: SeriesKind
  /** Every value since the baseline began, in bins of 1 %. */
  readonly ranks: Sketch
  /** One Shiryaev-Roberts sum per bettor. */
  readonly sums: number[]
  /** Sequence number at which the run behind each sum began. */
  readonly starts: number[]
  /** Values that were no finite numbers >= 0 and changed nothing. */
  refusedCount: number
}

/**
 * What the values of a series are: positive amounts (ms, bytes) that change by factors, 0 or 1 (did it fail), or whole
 * counts (executions per bucket of time).
 */
export type SeriesKind = 'positive' | 'rate' | 'count'

/** The next value of a series. */
export interface SeriesInput {
  readonly value: number
  /** In (0, 1): places the value among equal ones, so that ties are no obstacle. */
  readonly uniform: number
  /** Position in the flow's history: what `leadingRun` answers in. */
  readonly sequence: number
  /** When it came. */
  readonly unixMs: number
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
const TAIL_RATIOS = [0.04, 0.12, 0.25, 0.5]
const BETTORS: readonly Bettor[] = (['up', 'down'] as const).flatMap((direction) =>
  TAIL_RATIOS.flatMap((tailRatio) =>
    [0.4, 0.85].map((stakeRatio) => ({ direction, tailRatio, stakeRatio })),
  ),
)

/**
 * What every bettor is paid, by the region in which a rank falls: regions lie between the borders of the tails, from
 * below. A rank falls into one of nine, so that nothing is computed per bet.
 */
const BORDERS: readonly number[] = [
  ...TAIL_RATIOS,
  ...TAIL_RATIOS.map((ratio) => 1 - ratio).reverse(),
]
const PAYOUTS: readonly Float64Array[] = [0, ...BORDERS].map((border, region) => {
  const middle = (border + (BORDERS[region] ?? 1)) / 2
  return Float64Array.from(BETTORS, (bettor) =>
    payout(bettor, bettor.direction === 'down' ? middle : 1 - middle),
  )
})

/** Sums beyond this say nothing more, and stay finite. */
const MAX_SUM = 1e200

export function emptySeries(kind: SeriesKind): LevelSeries {
  return {
    kind,
    ranks: emptySketch(),
    sums: BETTORS.map(() => 0),
    starts: BETTORS.map(() => 0),
    refusedCount: 0,
  }
}

/** Takes a value into the baseline without betting on it. */
export function learn(series: LevelSeries, { value }: SeriesInput): void {
  if (!insert(series.ranks, value)) series.refusedCount += 1
}

/**
 * Bets on a value, then takes it into the baseline. Returns the evidence after it.
 *
 * In control its mean is at most n after n bets, so evidences of several series can be averaged by weight under one budget.
 * O(bins).
 */
export function bet(series: LevelSeries, { value, uniform, sequence }: SeriesInput): number {
  if (!insert(series.ranks, value)) {
    series.refusedCount += 1
    return evidence(series)
  }
  const rank = rankOf(series.ranks, value, uniform)
  const payouts = PAYOUTS[regionOf(rank)] as Float64Array
  const { sums, starts } = series
  let total = 0
  // The innermost loop of the detector: 16 bettors a series, some 20 series a flow. Indices are below the lengths.
  for (let index = 0; index < payouts.length; index += 1) {
    const sum = sums[index] as number
    // A run that has lost its stake begins anew here.
    if (sum < 1) starts[index] = sequence
    const next = Math.min((sum + 1) * (payouts[index] as number), MAX_SUM)
    sums[index] = next
    total += next
  }
  return total / payouts.length
}

/** Which stretch between two borders. */
function regionOf(rank: number): number {
  let region = 0
  while (region < BORDERS.length && rank >= (BORDERS[region] as number)) region += 1
  return region
}

/** Mean of the bettors' sums: at most n on average after n bets while nothing changes. */
export function evidence(series: LevelSeries): number {
  let total = 0
  for (const sum of series.sums) total += sum
  return total / BETTORS.length
}

/** Where the run of the bettor that won most began, and what it bet on. */
export function leadingRun(series: LevelSeries): {
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
