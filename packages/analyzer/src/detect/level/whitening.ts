import { keptDigits } from '../../stats/kept-digits.ts'
import { beginLeftover, type Leftover, learnLeftover } from './leftover.ts'
import {
  COUNT,
  DEVIATION,
  ECHO,
  FIGURE_COUNT,
  FLAT_ERROR,
  FLAT_LEVEL,
  HAS_SEASON,
  IS_USED,
  KEY,
  type LevelRows,
  PAIR_COUNT,
  PRODUCT,
  SCALE,
  type Shown,
  SQUARE,
  TUNED_COUNT,
  UNKEYED,
  WAVE_ERROR,
  WAVE_LEVEL,
  WAVES,
  WHOLE_COUNT,
} from './level-rows.ts'
import {
  beginSeason,
  ERROR_MEMORY_COUNT,
  isSeasonUseful,
  MAX_STEP_COUNT,
  MIN_STEP_COUNT,
  type Season,
  seasonAt,
  TURNS,
  turnsAt,
  WAVE_COUNT,
} from './season.ts'

/**
 * Takes out of a series of logs what can be known beforehand: the hour's part, and the echo of the value before. What is
 * left is as good as exchangeable where the series is a level, a season and an AR(1) process about them. Plain data.
 */
export interface Whitening {
  /** Values so far. */
  readonly count: number
  /** The hour's part, and the level with and without it; absent before the first value. */
  readonly season: Season | undefined
  /** Standard deviation about the level. */
  readonly scale: number
  /** The share of a value's deviation that the next one repeats; 0 while it cannot be told from 0. */
  readonly echo: number
  /** The last value less the level, outliers pulled in. */
  readonly deviation: number
  /** Neighbours seen, and the means of their products and of squares, in squared standard deviations. */
  readonly pairCount: number
  readonly product: number
  readonly square: number
  /** What neighbours share when season and echo are out. */
  readonly leftover: Leftover
  /** Values when echo and season were last chosen. */
  readonly tunedCount: number
}

/** Beyond this many values the oldest fade. */
const MEMORY_COUNT = 4_096
/** The first values count as they are; then there is a scale. */
const FIRST_COUNT = 8
/** Outliers are pulled in to so many standard deviations: they say little about level, echo and season. */
const REACH = 3
const LEFTOVER_REACH = 2.5
/** Standard deviation by mean absolute deviation, for a normal distribution pulled in to `REACH`. */
const PER_MEAN_DEVIATION = 1.28
/** Echo and season are chosen anew whenever a quarter more values are known, from `MIN_TUNED_COUNT` on. */
const TUNE_GROWTH = 1.25
const MIN_TUNED_COUNT = 25
/** An echo is used when it is this many standard errors above 0. */
const SURE_ECHO = 2.5
const MAX_ECHO = 0.95

/**
 * Takes out of each log in `values` what was known beforehand, which is learned then. O(1) a row.
 *
 * This runs for every value of every series, and is one loop on purpose: a call that the engine does not take in puts each number
 * on the heap, and of season, echo and scale by themselves it takes in only some.
 * Source of the season: Widrow and Hoff, "Adaptive switching circuits", IRE WESCON Convention Record 4 (1960).
 */
export function whiten({ figures, wholes, values }: LevelRows, { from, to, unixMs }: Shown): void {
  const turns = turnsAt(unixMs)
  for (let row = from; row < to; row += 1) {
    if (wholes[row * WHOLE_COUNT + KEY] !== UNKEYED) continue
    const at = row * FIGURE_COUNT
    // Indices below the lengths, here and below.
    const log = values[row] as number
    if (figures[at + HAS_SEASON] === 0) beginSeason(figures, at, log, unixMs)
    const count = (figures[at + COUNT] as number) + 1
    figures[at + COUNT] = count
    const scale = figures[at + SCALE] as number
    const reach = count < FIRST_COUNT ? Number.POSITIVE_INFINITY : REACH * scale
    const unwaved = log - seasonAt(figures, at, turns)
    const waveMiss = pulledIn(unwaved - (figures[at + WAVE_LEVEL] as number), reach)
    const flatMiss = pulledIn(log - (figures[at + FLAT_LEVEL] as number), reach)
    const isUsed = figures[at + IS_USED] !== 0
    const flat = isUsed ? unwaved : log
    const lastDeviation = figures[at + DEVIATION] as number
    const white = flat - (figures[at + ECHO] as number) * lastDeviation

    // The season: least mean squares, whose steps of 2/n find the waves as fast as an average over whole days would.
    const waveError = figures[at + WAVE_ERROR] as number
    const flatError = figures[at + FLAT_ERROR] as number
    const ownShare = 1 / count
    const errorShare = Math.max(ownShare, 1 / ERROR_MEMORY_COUNT)
    figures[at + WAVE_ERROR] = waveError + (waveMiss * waveMiss - waveError) * errorShare
    figures[at + FLAT_ERROR] = flatError + (flatMiss * flatMiss - flatError) * errorShare
    const share = Math.max(ownShare, 1 / MEMORY_COUNT)
    figures[at + WAVE_LEVEL] = keptDigits((figures[at + WAVE_LEVEL] as number) + waveMiss * share)
    figures[at + FLAT_LEVEL] = keptDigits((figures[at + FLAT_LEVEL] as number) + flatMiss * share)
    const step = (2 * waveMiss) / Math.min(Math.max(count, MIN_STEP_COUNT), MAX_STEP_COUNT)
    for (let wave = 0; wave < WAVE_COUNT; wave += 1) {
      const before = figures[at + WAVES + wave] as number
      figures[at + WAVES + wave] = keptDigits(before + step * (TURNS[turns + wave] as number))
    }

    // The echo.
    const deviation = isUsed ? waveMiss : flatMiss
    if (count > FIRST_COUNT && scale > 0) {
      const before = pulledIn(lastDeviation / scale, REACH)
      const now = deviation / scale
      const pairCount = Math.min((figures[at + PAIR_COUNT] as number) + 1, MEMORY_COUNT)
      const product = figures[at + PRODUCT] as number
      const square = figures[at + SQUARE] as number
      figures[at + PAIR_COUNT] = pairCount
      figures[at + PRODUCT] = keptDigits(product + (now * before - product) / pairCount)
      figures[at + SQUARE] = keptDigits(square + (now * now - square) / pairCount)
    }
    figures[at + DEVIATION] = keptDigits(deviation)

    // The scale, by how far the value lies from the level that knows it.
    const level = figures[at + (isUsed ? WAVE_LEVEL : FLAT_LEVEL)] as number
    const distance = Math.abs(flat - level)
    const nextScale = keptDigits(
      count < FIRST_COUNT
        ? Math.max(scale, distance)
        : scale +
            (PER_MEAN_DEVIATION * Math.min(distance, REACH * scale) - scale) /
              Math.min(count, MEMORY_COUNT),
    )
    figures[at + SCALE] = nextScale
    const limit = LEFTOVER_REACH * nextScale
    if (count >= FIRST_COUNT && limit > 0)
      learnLeftover(figures, at, pulledIn(white - level, limit) / nextScale)
    values[row] = white
  }
}

function pulledIn(miss: number, reach: number): number {
  return Math.min(Math.max(miss, -reach), reach)
}

/** Whether enough came since echo and season were chosen to choose again. */
export function isTuneDue(figures: Float64Array, at: number): boolean {
  const tunedCount = figures[at + TUNED_COUNT] as number
  return (figures[at + COUNT] as number) >= Math.max(MIN_TUNED_COUNT, TUNE_GROWTH * tunedCount)
}

/** Chooses echo and season anew; true when what will be left is not what was left so far. */
export function tune(figures: Float64Array, at: number, unixMs: number): boolean {
  if (figures[at + HAS_SEASON] === 0) return false
  figures[at + TUNED_COUNT] = figures[at + COUNT] as number
  figures[at + ECHO] = echoOf(figures, at)
  const isUsed = isSeasonUseful(figures, at, unixMs) ? 1 : 0
  if (isUsed === figures[at + IS_USED]) return false
  figures[at + IS_USED] = isUsed
  figures[at + ECHO] = 0
  figures[at + PAIR_COUNT] = 0
  beginLeftover(figures, at)
  return true
}

/**
 * The lag-1 autocorrelation, 0 while it is not surely above 0. Few values understate it by (1 + 3 r) / n.
 *
 * Source: Kendall, "Note on bias in the estimation of autocorrelation", Biometrika 41 (1954).
 */
function echoOf(figures: Float64Array, at: number): number {
  const product = figures[at + PRODUCT] as number
  const square = figures[at + SQUARE] as number
  const pairCount = figures[at + PAIR_COUNT] as number
  if (square <= 0 || product <= 0) return 0
  const raw = product / square
  const echo = raw + (1 + 3 * raw) / pairCount
  if (echo * Math.sqrt(pairCount) <= SURE_ECHO) return 0
  return keptDigits(Math.min(echo, MAX_ECHO))
}
