import { keptDigits } from '../../stats/kept-digits.ts'
import {
  FLAT_ERROR,
  FLAT_LEVEL,
  HAS_SEASON,
  IS_USED,
  SINCE_UNIX_MS,
  WAVE_ERROR,
  WAVE_LEVEL,
  WAVES,
} from './level-rows.ts'

/** How the level of a series turns with the hour of day, and whether knowing it helps. Plain data. */
export interface Season {
  /** How far the logs swing with cosine and sine of one turn a day, then of two. */
  readonly waves: readonly number[]
  /** The level about which they swing, and the level if they are left out. */
  readonly waveLevel: number
  readonly flatLevel: number
  /** Mean squared error of predicting each value before it was learned, with the waves and without. */
  readonly waveError: number
  readonly flatError: number
  /** When the first value came. */
  readonly sinceUnixMs: number
  readonly isUsed: boolean
}

export const WAVE_COUNT = 4
const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440
const MAX_MINUTES = 2 ** 31 - 1
/** Cosine and sine of one turn and of two, by minute of the day. */
export const TURNS: Float64Array = turnsByMinute()
/** The errors are those of about so many values. */
export const ERROR_MEMORY_COUNT = 500
/** The first values move the waves no faster than this many would; the later no slower, since seasons change. */
export const MIN_STEP_COUNT = 20
export const MAX_STEP_COUNT = 2_000
/** A season is used once it takes away this share of the squared error, and until half of that is left. */
const WORTH_RATIO = 0.1

/** Nothing is known but the first value, a log. */
export function beginSeason(figures: Float64Array, at: number, log: number, unixMs: number): void {
  const level = keptDigits(log)
  figures[at + HAS_SEASON] = 1
  figures[at + WAVE_LEVEL] = level
  figures[at + FLAT_LEVEL] = level
  figures[at + SINCE_UNIX_MS] = unixMs
}

/** What the hour adds to the level, used or not; `turns` is the hour's `turnsAt`. */
export function seasonAt(figures: Float64Array, at: number, turns: number): number {
  // Indices below the lengths, here and below: this runs for every value of every series.
  return (
    (figures[at + WAVES] as number) * (TURNS[turns] as number) +
    (figures[at + WAVES + 1] as number) * (TURNS[turns + 1] as number) +
    (figures[at + WAVES + 2] as number) * (TURNS[turns + 2] as number) +
    (figures[at + WAVES + 3] as number) * (TURNS[turns + 3] as number)
  )
}

/** Whether to use it from now on: never before a whole day, and only where it predicted better. */
export function isSeasonUseful(figures: Float64Array, at: number, unixMs: number): boolean {
  if (unixMs - (figures[at + SINCE_UNIX_MS] as number) < DAY_MINUTES * MINUTE_MS) return false
  const worthRatio = figures[at + IS_USED] === 1 ? WORTH_RATIO / 2 : WORTH_RATIO
  const flatError = figures[at + FLAT_ERROR] as number
  return (figures[at + WAVE_ERROR] as number) < (1 - worthRatio) * flatError
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
