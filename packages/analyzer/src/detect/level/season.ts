import { keptDigits } from '../../stats/kept-digits.ts'
import { reachOf } from './reach.ts'

/** How the level of a series turns with the hour of day, and whether knowing it helps. Plain data. */
export interface Season {
  /** How far the logs swing with cosine and sine of one turn a day, then of two. */
  readonly waves: [number, number, number, number]
  /** The level about which they swing, and the level if they are left out. */
  waveLevel: number
  flatLevel: number
  /** Mean squared error of predicting each value before it was learned, with the waves and without. */
  waveError: number
  flatError: number
  /** When the first value came. */
  readonly sinceUnixMs: number
  isUsed: boolean
}

const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440
const MAX_MINUTES = 2 ** 31 - 1
/** Cosine and sine of one turn and of two, by minute of the day. */
const TURNS: Float64Array = turnsByMinute()
/** Beyond this many values the oldest fade. */
const MEMORY_COUNT = 4_096
/** The errors are those of about so many values. */
const ERROR_MEMORY_COUNT = 500
/** The first values move the waves no faster than this many would; the later no slower, since seasons change. */
const MIN_STEP_COUNT = 20
const MAX_STEP_COUNT = 2_000
/** A season is used once it takes away this share of the squared error, and until half of that is left. */
const WORTH_RATIO = 0.1

/** Nothing is known but the first value, a log. */
export function beginSeason(log: number, unixMs: number): Season {
  const level = keptDigits(log)
  return {
    waves: [0, 0, 0, 0],
    waveLevel: level,
    flatLevel: level,
    waveError: 0,
    flatError: 0,
    sinceUnixMs: unixMs,
    isUsed: false,
  }
}

/** What the hour adds to the level, used or not; `at` is the hour's `turnsAt`. */
export function seasonAt({ waves }: Season, at: number): number {
  // Indices below the lengths: this runs for every value of every series.
  return (
    waves[0] * (TURNS[at] as number) +
    waves[1] * (TURNS[at + 1] as number) +
    waves[2] * (TURNS[at + 2] as number) +
    waves[3] * (TURNS[at + 3] as number)
  )
}

/** The level as it is predicted: about the waves where they are used. */
export function levelOf({ isUsed, waveLevel, flatLevel }: Season): number {
  return isUsed ? waveLevel : flatLevel
}

/**
 * Learns the newest of `count` logs, outliers pulled in from each prediction; `at` is the hour's `turnsAt`.
 *
 * Least mean squares; its steps of 2/n find the waves as fast as an average over whole days would.
 * Source: Widrow and Hoff, "Adaptive switching circuits", IRE WESCON Convention Record 4 (1960).
 */
export function learnSeason(
  season: Season,
  log: number,
  spread: { readonly count: number; readonly scale: number },
  at: number,
): void {
  const { count } = spread
  const reach = reachOf(spread)
  const waveMiss = clamp(log - seasonAt(season, at) - season.waveLevel, reach)
  const flatMiss = clamp(log - season.flatLevel, reach)
  const errorShare = Math.max(1 / count, 1 / ERROR_MEMORY_COUNT)
  season.waveError += (waveMiss * waveMiss - season.waveError) * errorShare
  season.flatError += (flatMiss * flatMiss - season.flatError) * errorShare
  const levelShare = Math.max(1 / count, 1 / MEMORY_COUNT)
  season.waveLevel = keptDigits(season.waveLevel + waveMiss * levelShare)
  season.flatLevel = keptDigits(season.flatLevel + flatMiss * levelShare)
  const step = (2 * waveMiss) / Math.min(Math.max(count, MIN_STEP_COUNT), MAX_STEP_COUNT)
  const { waves } = season
  for (let wave = 0; wave < waves.length; wave += 1) {
    // Indices below the lengths, as above.
    waves[wave] = keptDigits((waves[wave] as number) + step * (TURNS[at + wave] as number))
  }
}

/** Whether to use it from now on: never before a whole day, and only where it predicted better. */
export function isSeasonUseful(season: Season, unixMs: number): boolean {
  if (unixMs - season.sinceUnixMs < DAY_MINUTES * MINUTE_MS) return false
  const worthRatio = season.isUsed ? WORTH_RATIO / 2 : WORTH_RATIO
  return season.waveError < (1 - worthRatio) * season.flatError
}

/** Where the cosines and sines of a minute of the day stand. */
export function turnsAt(unixMs: number): number {
  // Minutes are small whole numbers until the year 6053; the remainder of any others costs as much as all the rest.
  const minutes = Math.min(Math.max(unixMs, 0) / MINUTE_MS, MAX_MINUTES) | 0
  return 4 * (minutes % DAY_MINUTES)
}

function turnsByMinute(): Float64Array {
  const turns = new Float64Array(4 * DAY_MINUTES)
  for (let minute = 0; minute < DAY_MINUTES; minute += 1) {
    const angle = (2 * Math.PI * minute) / DAY_MINUTES
    turns.set(
      [Math.cos(angle), Math.sin(angle), Math.cos(2 * angle), Math.sin(2 * angle)],
      4 * minute,
    )
  }
  return turns
}

function clamp(value: number, reach: number): number {
  return Math.min(Math.max(value, -reach), reach)
}
