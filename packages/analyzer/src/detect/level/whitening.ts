import { keptDigits } from '../../stats/kept-digits.ts'
import { emptyLeftover, type Leftover, learnLeftover } from './leftover.ts'
import { FIRST_COUNT, REACH, reachOf } from './reach.ts'
import {
  beginSeason,
  isSeasonUseful,
  learnSeason,
  levelOf,
  type Season,
  seasonAt,
  turnsAt,
} from './season.ts'

/**
 * Takes out of a series of logs what can be known beforehand: the hour's part, and the echo of the value before. What is
 * left is as good as exchangeable where the series is a level, a season and an AR(1) process about them. Plain data.
 */
export interface Whitening {
  /** Values so far. */
  count: number
  /** The hour's part, and the level with and without it; absent before the first value. */
  season: Season | undefined
  /** Standard deviation about the level. */
  scale: number
  /** The share of a value's deviation that the next one repeats; 0 while it cannot be told from 0. */
  echo: number
  /** The last value less the level, outliers pulled in. */
  deviation: number
  /** Neighbours seen, and the means of their products and of squares, in squared standard deviations. */
  pairCount: number
  product: number
  square: number
  /** What neighbours share when season and echo are out. */
  leftover: Leftover
  /** Values when echo and season were last chosen. */
  tunedCount: number
}

/** Beyond this many values the oldest fade. */
const MEMORY_COUNT = 4_096
const LEFTOVER_REACH = 2.5
/** Standard deviation by mean absolute deviation, for a normal distribution pulled in to `REACH`. */
const PER_MEAN_DEVIATION = 1.28
/** Echo and season are chosen anew whenever a quarter more values are known, from `MIN_TUNED_COUNT` on. */
const TUNE_GROWTH = 1.25
const MIN_TUNED_COUNT = 25
/** An echo is used when it is this many standard errors above 0. */
const SURE_ECHO = 2.5
const MAX_ECHO = 0.95

export function emptyWhitening(): Whitening {
  return {
    count: 0,
    season: undefined,
    scale: 0,
    echo: 0,
    deviation: 0,
    pairCount: 0,
    product: 0,
    square: 0,
    leftover: emptyLeftover(),
    tunedCount: 0,
  }
}

/** A log without what was known beforehand, which is learned then. O(1). */
export function whiten(state: Whitening, log: number, unixMs: number): number {
  const season = state.season ?? beginSeason(log, unixMs)
  state.season = season
  state.count += 1
  const { count } = state
  const at = turnsAt(unixMs)
  const hourly = seasonAt(season, at)
  const flat = season.isUsed ? log - hourly : log
  const white = flat - state.echo * state.deviation
  const reach = reachOf(state)
  const deviation = Math.min(Math.max(flat - levelOf(season), -reach), reach)
  learnSeason(season, log, state, at)
  learnEcho(state, deviation)
  const level = levelOf(season)
  learnScale(state, Math.abs(flat - level))
  const limit = LEFTOVER_REACH * state.scale
  if (count >= FIRST_COUNT && limit > 0) {
    const left = Math.min(Math.max(white - level, -limit), limit) / state.scale
    learnLeftover(state.leftover, left)
  }
  return white
}

/** Whether enough came since echo and season were chosen to choose again. */
export function isTuneDue({ count, tunedCount }: Whitening): boolean {
  return count >= Math.max(MIN_TUNED_COUNT, TUNE_GROWTH * tunedCount)
}

/** Chooses echo and season anew; true when what will be left is not what was left so far. */
export function tune(state: Whitening, unixMs: number): boolean {
  const { season, count } = state
  if (season === undefined) return false
  state.tunedCount = count
  state.echo = echoOf(state)
  const isUsed = isSeasonUseful(season, unixMs)
  if (isUsed === season.isUsed) return false
  season.isUsed = isUsed
  state.echo = 0
  state.pairCount = 0
  state.leftover = emptyLeftover()
  return true
}

function learnEcho(state: Whitening, deviation: number): void {
  const { scale } = state
  if (state.count > FIRST_COUNT && scale > 0) {
    const before = Math.min(Math.max(state.deviation / scale, -REACH), REACH)
    const now = deviation / scale
    state.pairCount = Math.min(state.pairCount + 1, MEMORY_COUNT)
    state.product = keptDigits(state.product + (now * before - state.product) / state.pairCount)
    state.square = keptDigits(state.square + (now * now - state.square) / state.pairCount)
  }
  state.deviation = keptDigits(deviation)
}

function learnScale(state: Whitening, distance: number): void {
  const { count, scale } = state
  if (count < FIRST_COUNT) {
    state.scale = keptDigits(Math.max(scale, distance))
    return
  }
  const pulledIn = PER_MEAN_DEVIATION * Math.min(distance, REACH * scale)
  state.scale = keptDigits(scale + (pulledIn - scale) / Math.min(count, MEMORY_COUNT))
}

/**
 * The lag-1 autocorrelation, 0 while it is not surely above 0. Few values understate it by (1 + 3 r) / n.
 *
 * Source: Kendall, "Note on bias in the estimation of autocorrelation", Biometrika 41 (1954).
 */
function echoOf({ product, square, pairCount }: Whitening): number {
  if (square <= 0 || product <= 0) return 0
  const raw = product / square
  const echo = raw + (1 + 3 * raw) / pairCount
  if (echo * Math.sqrt(pairCount) <= SURE_ECHO) return 0
  return keptDigits(Math.min(echo, MAX_ECHO))
}
