import { baselineOf, countOfRow } from './baselines.ts'
import { overstatement } from './leftover.ts'
import {
  BELIEFS_AT,
  BETTOR_COUNT,
  FIGURE_COUNT,
  KEY,
  KIND,
  type LevelRows,
  NONE,
  PAY,
  PAYOUTS_AT,
  RATE,
  REGIONS,
  SHAPE_TOTAL,
  SHARES,
  type Shown,
  STARTS,
  SUM_PARTS,
  SUMS,
  TOTAL,
  WHOLE_COUNT,
} from './level-rows.ts'
import { payoutsAt, RANK_BETTOR_COUNT, RANK_PAYOUTS } from './rank-payouts.ts'
import { putShape } from './regions.ts'
import { drawShape, ownCount, SHAPE_BETTOR_COUNT, STAKE_RATIO } from './shape.ts'

/** What is on ranks: more than half, since most baselines have one mode, and their tails are told best by ranks. */
const RANK_STAKE = 0.65
const RANK_WEIGHT = RANK_STAKE / RANK_BETTOR_COUNT
const SHAPE_WEIGHT = (1 - RANK_STAKE) / SHAPE_BETTOR_COUNT
/** Evidence jumps over the budget rather than reaching it; this gives back what the jumps waste. Measured: docs/math/level.md. */
const CALIBRATION = 0.8
/** Sums beyond this say nothing more; in parts, as all sums here. */
const MAX_SUM = 1e12 * SUM_PARTS
/** A smaller mean has no sum beyond that. */
const MAX_MEAN = SHAPE_WEIGHT * MAX_SUM
/** What a bettor on the shape keeps back. */
const KEPT_RATIO = 1 - STAKE_RATIO
/** The shape is drawn anew when the baseline has doubled. */
const SHAPE_GROWTH = 2

/**
 * Pays the bettors of each row for where its key fell: the innermost loops of the detector, 14 bettors a series and some 20 series a
 * flow. Each step for all rows before the next, and each in one piece as `whiten` is: no number goes through a call.
 */
export function settleBets(rows: LevelRows, shown: Shown): void {
  findPlaces(rows, shown)
  payBettors(rows, shown)
  tellEvidence(rows, shown)
}

function findPlaces(rows: LevelRows, { from, to }: Shown): void {
  const { figures, wholes, uniforms } = rows
  for (let row = from; row < to; row += 1) {
    // Indices below the lengths, here and below.
    const wholesAt = row * WHOLE_COUNT
    const key = wholes[wholesAt + KEY] as number
    const ofBaseline = wholes[wholesAt + TOTAL] as number
    wholes[wholesAt + PAYOUTS_AT] = NONE
    if (key < 0 || ofBaseline === 0) continue
    const drawnTotal = wholes[wholesAt + SHAPE_TOTAL] as number
    if (drawnTotal === 0 || ofBaseline >= SHAPE_GROWTH * drawnTotal) drawAnew(rows, row)
    let at = wholesAt + REGIONS
    let below = 0
    // The key's region and what lies below it in one walk; no key lies above the last region.
    for (; key >= (wholes[at] as number); at += 2) below += wholes[at + 1] as number
    const region = (at - wholesAt - REGIONS) / 2
    below += countOfRow(rows, row, region === 0 ? 0 : (wholes[at - 2] as number), key)
    const own = ownCount(ofBaseline)
    const total = ofBaseline + own
    const equal = countOfRow(rows, row, key, key + 1) + own
    wholes[wholesAt + PAYOUTS_AT] = payoutsAt((below + (uniforms[row] as number) * equal) / total)
    wholes[wholesAt + BELIEFS_AT] = wholesAt + SHARES + region * SHAPE_BETTOR_COUNT
    figures[row * FIGURE_COUNT + PAY] =
      (STAKE_RATIO * total) / ((wholes[at + 1] as number) + own) / 1_000
  }
}

/**
 * What each bettor has once his sum and the 1 that he is given were staked, two bettors at a time: of all that this takes, most is
 * the engine's checks of what is read, which then come half as often. Leaves the means of the sums in `evidences`.
 *
 * A run that has lost its stake begins anew here. Whether it has is as good as chance, and a branch that nothing can predict takes
 * longer than three bettors: so a start is always written, at nobody's place where the run goes on.
 */
function payBettors(rows: LevelRows, { from, to, sequence }: Shown): void {
  const { figures, wholes, evidences } = rows
  for (let row = from; row < to; row += 1) {
    const ofRanks = wholes[row * WHOLE_COUNT + PAYOUTS_AT] as number
    if (ofRanks === NONE) continue
    const at = row * FIGURE_COUNT
    // As `meanOf` adds up.
    let mean = 0
    for (let bettor = 0; bettor < RANK_BETTOR_COUNT; bettor += 2) {
      const sum = figures[at + SUMS + bettor] as number
      const other = figures[at + SUMS + bettor + 1] as number
      figures[at + Number(sum < SUM_PARTS) * (STARTS + bettor)] = sequence
      figures[at + Number(other < SUM_PARTS) * (STARTS + bettor + 1)] = sequence
      const payout = RANK_PAYOUTS[ofRanks + bettor] as number
      const otherPayout = RANK_PAYOUTS[ofRanks + bettor + 1] as number
      // Of what is not negative that is `Math.round`, which branches on a fraction that nothing can predict.
      const next = floor((sum + SUM_PARTS) * payout + 0.5)
      const otherNext = floor((other + SUM_PARTS) * otherPayout + 0.5)
      figures[at + SUMS + bettor] = next
      figures[at + SUMS + bettor + 1] = otherNext
      mean += RANK_WEIGHT * next
      mean += RANK_WEIGHT * otherNext
    }
    const ofShape = (wholes[row * WHOLE_COUNT + BELIEFS_AT] as number) - RANK_BETTOR_COUNT
    const pay = figures[at + PAY] as number
    for (let bettor = RANK_BETTOR_COUNT; bettor < BETTOR_COUNT; bettor += 2) {
      const sum = figures[at + SUMS + bettor] as number
      const other = figures[at + SUMS + bettor + 1] as number
      figures[at + Number(sum < SUM_PARTS) * (STARTS + bettor)] = sequence
      figures[at + Number(other < SUM_PARTS) * (STARTS + bettor + 1)] = sequence
      const payout = KEPT_RATIO + pay * (wholes[ofShape + bettor] as number)
      const otherPayout = KEPT_RATIO + pay * (wholes[ofShape + bettor + 1] as number)
      const next = floor((sum + SUM_PARTS) * payout + 0.5)
      const otherNext = floor((other + SUM_PARTS) * otherPayout + 0.5)
      figures[at + SUMS + bettor] = next
      figures[at + SUMS + bettor + 1] = otherNext
      mean += SHAPE_WEIGHT * next
      mean += SHAPE_WEIGHT * otherNext
    }
    evidences[row] = mean >= MAX_MEAN ? capped(figures, at) : mean
  }
}

function tellEvidence(rows: LevelRows, { from, to }: Shown): void {
  const { figures, wholes, evidences } = rows
  for (let row = from; row < to; row += 1) {
    const at = row * WHOLE_COUNT
    if ((wholes[at + KEY] as number) < 0) continue
    const isPaid = wholes[at + PAYOUTS_AT] !== NONE
    evidences[row] = isPaid
      ? told(figures, row * FIGURE_COUNT, evidences[row] as number)
      : evidence(rows, row)
  }
}

/** The mean of the bettors' sums, calibrated; less by what neighbours still share. */
export function evidence({ figures }: LevelRows, row: number): number {
  return told(figures, row * FIGURE_COUNT, meanOf(figures, row * FIGURE_COUNT))
}

function meanOf(figures: Float64Array, at: number): number {
  let mean = 0
  for (let bettor = 0; bettor < RANK_BETTOR_COUNT; bettor += 1)
    mean += RANK_WEIGHT * (figures[at + SUMS + bettor] as number)
  for (let bettor = RANK_BETTOR_COUNT; bettor < BETTOR_COUNT; bettor += 1)
    mean += SHAPE_WEIGHT * (figures[at + SUMS + bettor] as number)
  return mean
}

/** What a mean of sums says. */
function told(figures: Float64Array, at: number, mean: number): number {
  const calibrated = CALIBRATION * (mean / SUM_PARTS)
  const factor = calibrated > 1 ? overstatement(figures, at) : 1
  return factor === 1 ? calibrated : calibrated ** (1 / factor)
}

const { floor } = Math

/** Pulls in the sums that say nothing more; the mean of all. */
function capped(figures: Float64Array, at: number): number {
  for (let place = at + SUMS; place < at + SUMS + BETTOR_COUNT; place += 1)
    figures[place] = Math.min(figures[place] as number, MAX_SUM)
  return meanOf(figures, at)
}

/** Draws the shape of the baseline as it is now. */
function drawAnew(rows: LevelRows, row: number): void {
  const isRate = rows.wholes[row * WHOLE_COUNT + KIND] === RATE
  putShape(rows, row, drawShape(baselineOf(rows, row), isRate))
}
