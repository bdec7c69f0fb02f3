import { fadeHistogram } from '../../stats/histogram.ts'
import { addToBaseline, baselineOf, countOfRow, putBaseline } from './baselines.ts'
import { beginLeftover, overstatement } from './leftover.ts'
import {
  BETTOR_COUNT,
  FIGURE_COUNT,
  KIND,
  type LevelRows,
  REFUSED_COUNT,
  REGIONS,
  reserveRows,
  SHAPE_TOTAL,
  SHARES,
  STARTS,
  SUMS,
  TOTAL,
  WHOLE_COUNT,
  YOUNG,
  YOUNG_COUNT,
  YOUNG_FIRST,
  YOUNG_ROOM,
} from './level-rows.ts'
import { payoutsAt, RANK_BETTOR_COUNT, RANK_PAYOUTS } from './rank-payouts.ts'
import { countInRegion, putShape } from './regions.ts'
import { drawShape, isUpward, ownCount, SHAPE_BETTOR_COUNT, STAKE_RATIO } from './shape.ts'
import { isTuneDue, tune, whiten } from './whitening.ts'

/**
 * What the values of a series are: positive amounts (ms, bytes) that change by factors, 0 or 1 (did it fail), or whole
 * counts (executions per bucket of time).
 */
export type SeriesKind = (typeof KINDS)[number]

export const KINDS = ['positive', 'rate', 'count'] as const
const [POSITIVE, RATE] = [0, 1]

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
const MAX_YOUNG_COUNT: number = YOUNG_ROOM - 1
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

/** Adds a series that knows nothing; its row. */
export function addSeries(rows: LevelRows, kind: SeriesKind): number {
  reserveRows(rows, 1)
  const row = rows.count
  rows.count += 1
  rows.wholes[row * WHOLE_COUNT + KIND] = KINDS.indexOf(kind)
  beginLeftover(rows.figures, row * FIGURE_COUNT)
  return row
}

/** Takes a value into the baseline without betting on it. */
export function learn(rows: LevelRows, row: number, input: SeriesInput): void {
  const key = takeIn(rows, row, input)
  if (key !== REFUSED) addToBaseline(rows, row, key)
}

/**
 * Evidence that a series left the level of its baseline: bets on a value, then lets it grow old enough to join the baseline.
 * Returns the evidence after it.
 *
 * Season and echo are taken out of the values (`whitening.ts`); bettors then bet on where the next one falls among those
 * of the baseline: on its rank (`rank-payouts.ts`) and on the shape of the baseline (`shape.ts`). While nothing changes,
 * no bet is worth more than it costs. Each bettor's Shiryaev-Roberts sum grows when his belief is true: docs/math/level.md.
 *
 * In control the mean of the evidence is at most about n after n bets, so evidences of several series can be averaged by weight
 * under one budget. O(bettors + span of a region), rarely O(span).
 */
export function bet(rows: LevelRows, row: number, input: SeriesInput): number {
  const key = takeIn(rows, row, input)
  if (key === REFUSED) return evidence(rows, row)
  const canBet = totalOf(rows, row) > 0
  const after = canBet ? told(rows, row, settle(rows, row, key, input)) : evidence(rows, row)
  if (after < UNDER_TEST) growOld(rows, row, key)
  return after
}

/** The mean of the bettors' sums, calibrated; less by what neighbours still share. */
export function evidence(rows: LevelRows, row: number): number {
  const { figures } = rows
  const sumsAt = row * FIGURE_COUNT + SUMS
  let mean = 0
  // Indices below the lengths, here and below.
  for (let bettor = 0; bettor < RANK_BETTOR_COUNT; bettor += 1)
    mean += RANK_WEIGHT * (figures[sumsAt + bettor] as number)
  for (let bettor = RANK_BETTOR_COUNT; bettor < BETTOR_COUNT; bettor += 1)
    mean += SHAPE_WEIGHT * (figures[sumsAt + bettor] as number)
  return told(rows, row, mean)
}

/** What a mean of sums says. */
function told({ figures }: LevelRows, row: number, mean: number): number {
  const calibrated = CALIBRATION * mean
  const factor = calibrated > 1 ? overstatement(figures, row * FIGURE_COUNT) : 1
  return factor === 1 ? calibrated : calibrated ** (1 / factor)
}

/** Where the run of the bettor that won most began, and what it bet on; of equals the youngest run. */
export function leadingRun(
  { figures }: LevelRows,
  row: number,
): { start: number; direction: 'up' | 'down' } {
  const at = row * FIGURE_COUNT
  const sums = figures.subarray(at + SUMS, at + SUMS + BETTOR_COUNT)
  const starts = figures.subarray(at + STARTS, at + STARTS + BETTOR_COUNT)
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
function takeIn(rows: LevelRows, row: number, { value, unixMs }: SeriesInput): number {
  const { figures } = rows
  const at = row * FIGURE_COUNT
  const kind = rows.wholes[row * WHOLE_COUNT + KIND]
  const isValue =
    kind === RATE ? value === 0 || value === 1 : value >= 0 && value < Number.POSITIVE_INFINITY
  if (!isValue) {
    figures[at + REFUSED_COUNT] = (figures[at + REFUSED_COUNT] as number) + 1
    return REFUSED
  }
  if (kind === RATE) return value
  if (kind === POSITIVE && value < SMALLEST_AMOUNT) return 0
  if (isTuneDue(figures, at) && evidence(rows, row) < CALM && tune(figures, at, unixMs))
    forget(rows, row)
  const log = kind === POSITIVE ? Math.log(value / SMALLEST_AMOUNT) : Math.log1p(value)
  // From 1 on that is `Math.round`, which branches on a fraction that nothing can predict.
  return Math.max(1, Math.floor(whiten(figures, at, log, unixMs) / STEP + 0.5))
}

/**
 * Pays the bettors for where the key fell; the weighted mean of their sums, added up as `evidence` does. The innermost loops of
 * the detector: 14 bettors a series, some 20 series a flow.
 */
function settle(
  rows: LevelRows,
  row: number,
  key: number,
  { uniform, sequence }: SeriesInput,
): number {
  const { figures, wholes } = rows
  drawWhenDue(rows, row)
  const regions = row * WHOLE_COUNT + REGIONS
  let at = regions
  let below = 0
  // The key's region and what lies below it in one walk; no key lies above the last region.
  for (; key >= (wholes[at] as number); at += 2) below += wholes[at + 1] as number
  below += countOfRow(rows, row, at === regions ? 0 : (wholes[at - 2] as number), key)
  const ofBaseline = totalOf(rows, row)
  const own = ownCount(ofBaseline)
  const total = ofBaseline + own
  const equal = countOfRow(rows, row, key, key + 1) + own
  const payouts = payoutsAt((below + uniform * equal) / total)
  const perShare = (STAKE_RATIO * total) / ((wholes[at + 1] as number) + own) / 1_000
  const shares = row * WHOLE_COUNT + SHARES + ((at - regions) / 2) * SHAPE_BETTOR_COUNT
  const sums = row * FIGURE_COUNT + SUMS
  let mean = 0
  for (let bettor = 0; bettor < RANK_BETTOR_COUNT; bettor += 1) {
    const sum = figures[sums + bettor] as number
    // A run that has lost its stake begins anew here.
    if (sum < 1) figures[sums + BETTOR_COUNT + bettor] = sequence
    const next = paid(sum, RANK_PAYOUTS[payouts + bettor] as number)
    figures[sums + bettor] = next
    mean += RANK_WEIGHT * next
  }
  for (let bettor = 0; bettor < SHAPE_BETTOR_COUNT; bettor += 1) {
    const own = sums + RANK_BETTOR_COUNT + bettor
    const sum = figures[own] as number
    if (sum < 1) figures[own + BETTOR_COUNT] = sequence
    const next = paid(sum, 1 - STAKE_RATIO + perShare * (wholes[shares + bettor] as number))
    figures[own] = next
    mean += SHAPE_WEIGHT * next
  }
  return mean
}

/** What a bettor has once the sum and 1 that he is given were staked: more than a part, since some of it is kept back. */
function paid(sum: number, payout: number): number {
  const next = Math.min((sum + 1) * payout, MAX_SUM)
  // From 1 on that is `Math.round`, which branches on a fraction that nothing can predict and took half of all betting.
  return Math.floor(SUM_PARTS * next + 0.5) * (1 / SUM_PARTS)
}

/** Draws the shape of the baseline anew where that has grown a lot. */
function drawWhenDue(rows: LevelRows, row: number): void {
  const { wholes } = rows
  const at = row * WHOLE_COUNT
  const drawnTotal = wholes[at + SHAPE_TOTAL] as number
  if (drawnTotal > 0 && totalOf(rows, row) < SHAPE_GROWTH * drawnTotal) return
  putShape(rows, row, drawShape(baselineOf(rows, row), wholes[at + KIND] === RATE))
}

function growOld(rows: LevelRows, row: number, key: number): void {
  const { wholes } = rows
  const at = row * WHOLE_COUNT
  const total = totalOf(rows, row)
  const first = wholes[at + YOUNG_FIRST] as number
  const count = (wholes[at + YOUNG_COUNT] as number) + 1
  wholes[at + YOUNG + ((first + count - 1) % YOUNG_ROOM)] = key
  if (count <= Math.min(MAX_YOUNG_COUNT, (total - NEEDY_COUNT) / BASELINE_PER_YOUNG)) {
    wholes[at + YOUNG_COUNT] = count
    return
  }
  wholes[at + YOUNG_FIRST] = (first + 1) % YOUNG_ROOM
  wholes[at + YOUNG_COUNT] = count - 1
  const old = wholes[at + YOUNG + first] as number
  addToBaseline(rows, row, old)
  countInRegion(rows, row, old)
  if (total >= MAX_BASELINE_COUNT) fade(rows, row, 2)
}

/** The values will look otherwise from now on. */
function forget(rows: LevelRows, row: number): void {
  fade(rows, row, FORGOTTEN_DIVISOR)
  rows.wholes[row * WHOLE_COUNT + YOUNG_COUNT] = 0
}

/** Leaves one value of the baseline in `divisor`; its shape is drawn anew. */
function fade(rows: LevelRows, row: number, divisor: number): void {
  const baseline = baselineOf(rows, row)
  fadeHistogram(baseline, divisor)
  putBaseline(rows, row, baseline)
  rows.wholes[row * WHOLE_COUNT + SHAPE_TOTAL] = 0
}

function totalOf({ wholes }: LevelRows, row: number): number {
  return wholes[row * WHOLE_COUNT + TOTAL] as number
}
