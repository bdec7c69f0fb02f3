import {
  addKey,
  countAt,
  countBetween,
  emptyHistogram,
  fadeHistogram,
  type Histogram,
} from '../../stats/histogram.ts'
import { overstatement } from './leftover.ts'
import { payoutsAt, RANK_BETTOR_COUNT, RANK_PAYOUTS } from './rank-payouts.ts'
import {
  drawShape,
  isUpward,
  ownCount,
  regionOf,
  SHAPE_BETTOR_COUNT,
  type Shape,
  STAKE_RATIO,
} from './shape.ts'
import { emptyWhitening, isTuneDue, tune, type Whitening, whiten } from './whitening.ts'

/**
 * Evidence that a series left the level of its baseline. Plain data.
 *
 * Season and echo are taken out of the values (`whitening.ts`); bettors then bet on where the next one falls among those
 * of the baseline: on its rank (`rank-payouts.ts`) and on the shape of the baseline (`shape.ts`). While nothing changes,
 * no bet is worth more than it costs. Each bettor's Shiryaev-Roberts sum grows when his belief is true: docs/math/level.md.
 */
export interface LevelSeries {
  readonly kind: SeriesKind
  readonly whitening: Whitening
  /** What whitening left of the values, in steps of 2 %. */
  readonly baseline: Histogram
  /** The newest keys, which join the baseline when they are old enough not to be under test. */
  readonly young: number[]
  /** Absent before the first bet. */
  shape: Shape | undefined
  /** One Shiryaev-Roberts sum per bettor: those on ranks first. */
  readonly sums: number[]
  /** Sequence number at which the run behind each sum began. */
  readonly starts: number[]
  /** Values that were no finite numbers >= 0, or of a rate not 0 or 1, and changed nothing. */
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

const BETTOR_COUNT = RANK_BETTOR_COUNT + SHAPE_BETTOR_COUNT
/** What is on ranks: more than half, since most baselines have one mode, and their tails are told best by ranks. */
const RANK_STAKE = 0.65
const RANK_WEIGHT = RANK_STAKE / RANK_BETTOR_COUNT
const SHAPE_WEIGHT = (1 - RANK_STAKE) / SHAPE_BETTOR_COUNT
/** Evidence jumps over the budget rather than reaching it; this gives back what the jumps waste. Measured: docs/math/level.md. */
const CALIBRATION = 0.8
/** Sums beyond this say nothing more. */
const MAX_SUM = 1e12
/** Sums are kept in parts of this, a power of 2: nobody needs more, and snapshots stay short. */
const SUM_PARTS = 64

/** A value is under test for so many more; not at all while the baseline is so small that it needs every value. */
const MAX_YOUNG_COUNT = 16
const NEEDY_COUNT = 100
const BASELINE_PER_YOUNG = 6
/** With less evidence nothing is under test: a new level must not be taken for an echo of the old one, or for a season. */
const CALM = 20
/** With that much evidence a change is under test: the baseline stays as it is. */
const UNDER_TEST = 1_000
/** The shape is drawn anew when the baseline has doubled. */
const SHAPE_GROWTH = 2
/** Beyond this many values the older half fades: levels drift. */
const MAX_BASELINE_COUNT = 4_096
/** What is left of a baseline whose season came or went: enough to bet on, too little to mislead for long. */
const FORGOTTEN_DIVISOR = 8

/** A key is so much of a logarithm: 2 %. */
const STEP = Math.log(1.01 / 0.99)
/** In place of a key: these are whole numbers >= 0. */
const REFUSED = -1
/** Amounts below are nothing: 1 ns, or a millionth of a byte. */
const SMALLEST_AMOUNT = 1e-6

export function emptySeries(kind: SeriesKind): LevelSeries {
  return {
    kind,
    whitening: emptyWhitening(),
    baseline: emptyHistogram(),
    young: [],
    shape: undefined,
    sums: new Array<number>(BETTOR_COUNT).fill(0),
    starts: new Array<number>(BETTOR_COUNT).fill(0),
    refusedCount: 0,
  }
}

/** Takes a value into the baseline without betting on it. */
export function learn(series: LevelSeries, input: SeriesInput): void {
  const key = takeIn(series, input)
  if (key !== REFUSED) addKey(series.baseline, key)
}

/**
 * Bets on a value, then lets it grow old enough to join the baseline. Returns the evidence after it.
 *
 * In control its mean is at most about n after n bets, so evidences of several series can be averaged by weight under one
 * budget. O(bettors + span of a region), rarely O(span).
 */
export function bet(series: LevelSeries, input: SeriesInput): number {
  const key = takeIn(series, input)
  if (key === REFUSED) return evidence(series)
  const canBet = series.baseline.total > 0
  const after = canBet ? told(series, settle(series, key, input)) : evidence(series)
  if (after < UNDER_TEST) growOld(series, key)
  return after
}

/** The mean of the bettors' sums, calibrated; less by what neighbours still share. */
export function evidence(series: LevelSeries): number {
  const { sums } = series
  let mean = 0
  // Indices below the length.
  for (let bettor = 0; bettor < RANK_BETTOR_COUNT; bettor += 1)
    mean += RANK_WEIGHT * (sums[bettor] as number)
  for (let bettor = RANK_BETTOR_COUNT; bettor < BETTOR_COUNT; bettor += 1)
    mean += SHAPE_WEIGHT * (sums[bettor] as number)
  return told(series, mean)
}

/** What a mean of sums says. */
function told({ whitening }: LevelSeries, mean: number): number {
  const calibrated = CALIBRATION * mean
  const factor = calibrated > 1 ? overstatement(whitening.leftover) : 1
  return factor === 1 ? calibrated : calibrated ** (1 / factor)
}

/** Where the run of the bettor that won most began, and what it bet on; of equals the youngest run. */
export function leadingRun({ sums, starts }: LevelSeries): {
  start: number
  direction: 'up' | 'down'
} {
  const most = Math.max(...sums)
  let best = sums.indexOf(most)
  for (let bettor = best + 1; bettor < BETTOR_COUNT; bettor += 1) {
    const isYounger = (starts[bettor] ?? 0) > (starts[best] ?? 0)
    if (sums[bettor] === most && isYounger) best = bettor
  }
  const isUp =
    best < RANK_BETTOR_COUNT ? best < RANK_BETTOR_COUNT / 2 : isUpward(best - RANK_BETTOR_COUNT)
  return { start: starts[best] ?? 0, direction: isUp ? 'up' : 'down' }
}

/** The key of a value, without season and echo; `REFUSED` when there is none. */
function takeIn(series: LevelSeries, { value, unixMs }: SeriesInput): number {
  const { kind, whitening } = series
  if (!isValue(kind, value)) {
    series.refusedCount += 1
    return REFUSED
  }
  if (kind === 'rate') return value
  if (kind === 'positive' && value < SMALLEST_AMOUNT) return 0
  if (isTuneDue(whitening) && evidence(series) < CALM && tune(whitening, unixMs)) forget(series)
  const log = kind === 'count' ? Math.log1p(value) : Math.log(value / SMALLEST_AMOUNT)
  return Math.max(1, Math.round(whiten(whitening, log, unixMs) / STEP))
}

function isValue(kind: SeriesKind, value: number): boolean {
  if (kind === 'rate') return value === 0 || value === 1
  return value >= 0 && value < Number.POSITIVE_INFINITY
}

/**
 * Pays the bettors for where the key fell; the weighted mean of their sums, added up as `evidence` does. The innermost loop of
 * the detector: 14 bettors a series, some 20 series a flow.
 */
function settle(series: LevelSeries, key: number, { uniform, sequence }: SeriesInput): number {
  const { baseline, sums, starts } = series
  const { borders, counts, shares } = shapeOf(series)
  let region = 0
  let below = 0
  // `regionOf` and what lies below the region in one walk. Indices below the lengths, here and below.
  for (; region < borders.length && key >= (borders[region] as number); region += 1)
    below += counts[region] as number
  below += countBetween(baseline, borders[region - 1] ?? 0, key)
  const own = ownCount(baseline.total)
  const total = baseline.total + own
  const equal = countAt(baseline, key) + own
  const rankAt = payoutsAt((below + uniform * equal) / total)
  const perShare = (STAKE_RATIO * total) / ((counts[region] as number) + own) / 1_000
  const shareAt = region * SHAPE_BETTOR_COUNT - RANK_BETTOR_COUNT
  let mean = 0
  for (let bettor = 0; bettor < BETTOR_COUNT; bettor += 1) {
    const sum = sums[bettor] as number
    // A run that has lost its stake begins anew here.
    if (sum < 1) starts[bettor] = sequence
    if (bettor < RANK_BETTOR_COUNT) {
      const next = paid(sum, RANK_PAYOUTS[rankAt + bettor] as number)
      sums[bettor] = next
      mean += RANK_WEIGHT * next
    } else {
      const share = shares[shareAt + bettor] as number
      const next = paid(sum, 1 - STAKE_RATIO + perShare * share)
      sums[bettor] = next
      mean += SHAPE_WEIGHT * next
    }
  }
  return mean
}

/** What a bettor has once the sum and 1 that he is given were staked: more than a part, since some of it is kept back. */
function paid(sum: number, payout: number): number {
  const next = Math.min((sum + 1) * payout, MAX_SUM)
  // From 1 on that is `Math.round`, which branches on a fraction that nothing can predict and took half of all betting.
  return Math.floor(SUM_PARTS * next + 0.5) * (1 / SUM_PARTS)
}

/** The shape of the baseline, drawn anew where it has grown a lot. */
function shapeOf(series: LevelSeries): Shape {
  const { shape, baseline, kind } = series
  if (shape !== undefined && baseline.total < SHAPE_GROWTH * shape.total) return shape
  const drawn = drawShape(baseline, kind === 'rate')
  series.shape = drawn
  return drawn
}

function growOld(series: LevelSeries, key: number): void {
  const { young, baseline } = series
  young.push(key)
  if (
    young.length <= Math.min(MAX_YOUNG_COUNT, (baseline.total - NEEDY_COUNT) / BASELINE_PER_YOUNG)
  )
    return
  const old = young.shift() ?? key
  addKey(baseline, old)
  const { shape } = series
  if (shape !== undefined) {
    const region = regionOf(shape, old)
    shape.counts[region] = (shape.counts[region] ?? 0) + 1
  }
  if (baseline.total > MAX_BASELINE_COUNT) {
    fadeHistogram(baseline, 2)
    series.shape = undefined
  }
}

/** The values will look otherwise from now on. */
function forget(series: LevelSeries): void {
  fadeHistogram(series.baseline, FORGOTTEN_DIVISOR)
  series.young.length = 0
  series.shape = undefined
}
