import type { Histogram } from '../../stats/histogram.ts'
import { baselineOf, fitsBaseline, putBaseline } from './baselines.ts'
import type { Leftover } from './leftover.ts'
import {
  BETTOR_COUNT,
  COUNT,
  DEVIATION,
  ECHO,
  FIGURE_COUNT,
  FLAT_ERROR,
  FLAT_LEVEL,
  HAS_SEASON,
  IS_USED,
  KIND,
  LEFT_BLOCK_COUNT,
  LEFT_COUNT,
  LEFT_ENERGY,
  LEFT_RATIO,
  LEFT_SUM,
  LEFT_YOUNG,
  LEFT_YOUNG_COUNT,
  LEFT_YOUNG_ROOM,
  type LevelRows,
  PAIR_COUNT,
  PRODUCT,
  REFUSED_COUNT,
  SCALE,
  SINCE_UNIX_MS,
  SQUARE,
  STARTS,
  SUM_PARTS,
  SUMS,
  TUNED_COUNT,
  WAVE_ERROR,
  WAVE_LEVEL,
  WAVES,
  WHOLE_COUNT,
  YOUNG,
  YOUNG_COUNT,
  YOUNG_FIRST,
  YOUNG_ROOM,
} from './level-rows.ts'
import { addSeries, KINDS, type SeriesKind } from './level-series.ts'
import { putShape, shapeAt } from './regions.ts'
import type { Season } from './season.ts'
import { MAX_REGION_COUNT, SHAPE_BETTOR_COUNT, type Shape } from './shape.ts'
import type { Whitening } from './whitening.ts'

/** A series as plain data, which is how it is saved. */
export interface LevelSeries {
  readonly kind: SeriesKind
  readonly whitening: Whitening
  /** What whitening left of the values, in steps of 2 %. */
  readonly baseline: Histogram
  /** The newest keys, which join the baseline when they are old enough not to be under test. */
  readonly young: readonly number[]
  /** Absent before the first bet. */
  readonly shape: Shape | undefined
  /** One Shiryaev-Roberts sum per bettor: those on ranks first. */
  readonly sums: readonly number[]
  /** Sequence number at which the run behind each sum began. */
  readonly starts: readonly number[]
  /** Values that were no finite numbers >= 0, or of a rate not 0 or 1, and changed nothing. */
  readonly refusedCount: number
}

/** Whether a series fits into a row, which one that was saved here does. */
export function fitsRow({ baseline, young, shape, sums, starts, whitening }: LevelSeries): boolean {
  return (
    fitsBaseline(baseline) &&
    young.length < YOUNG_ROOM &&
    whitening.leftover.young.length < LEFT_YOUNG_ROOM &&
    (shape === undefined ||
      (shape.counts.length <= MAX_REGION_COUNT &&
        shape.counts.length === shape.borders.length + 1 &&
        shape.shares.length === shape.counts.length * SHAPE_BETTOR_COUNT)) &&
    sums.length === BETTOR_COUNT &&
    starts.length === BETTOR_COUNT
  )
}

/** Adds a series that fits. */
export function addPlainSeries(rows: LevelRows, series: LevelSeries): void {
  const { kind, whitening, baseline, young, shape, sums, starts, refusedCount } = series
  const row = addSeries(rows, kind)
  const { figures, wholes } = rows
  const at = row * FIGURE_COUNT
  putBaseline(rows, row, baseline)
  putWhitening(figures, at, whitening)
  figures[at + REFUSED_COUNT] = refusedCount
  figures.set(
    sums.map((sum) => sum * SUM_PARTS),
    at + SUMS,
  )
  figures.set(starts, at + STARTS)
  wholes[row * WHOLE_COUNT + YOUNG_COUNT] = young.length
  wholes.set(young, row * WHOLE_COUNT + YOUNG)
  if (shape !== undefined) putShape(rows, row, shape)
}

/** What stands in a row. */
export function plainSeries(rows: LevelRows, row: number): LevelSeries {
  const figures = rows.figures.subarray(row * FIGURE_COUNT, (row + 1) * FIGURE_COUNT)
  const wholes = rows.wholes.subarray(row * WHOLE_COUNT, (row + 1) * WHOLE_COUNT)
  const first = wholes[YOUNG_FIRST] as number
  return {
    // The places hold what was put there, here and below.
    kind: KINDS[wholes[KIND] as number] as SeriesKind,
    whitening: whiteningOf(figures),
    baseline: baselineOf(rows, row),
    young: Array.from(
      { length: wholes[YOUNG_COUNT] as number },
      (_, index) => wholes[YOUNG + ((first + index) % YOUNG_ROOM)] as number,
    ),
    shape: shapeAt(rows, row),
    sums: Array.from(figures.subarray(SUMS, SUMS + BETTOR_COUNT), (sum) => sum / SUM_PARTS),
    starts: Array.from(figures.subarray(STARTS, STARTS + BETTOR_COUNT)),
    refusedCount: figures[REFUSED_COUNT] as number,
  }
}

function whiteningOf(figures: Float64Array): Whitening {
  const figure = (at: number) => figures[at] as number
  return {
    count: figure(COUNT),
    season: figure(HAS_SEASON) === 0 ? undefined : seasonOf(figures),
    scale: figure(SCALE),
    echo: figure(ECHO),
    deviation: figure(DEVIATION),
    pairCount: figure(PAIR_COUNT),
    product: figure(PRODUCT),
    square: figure(SQUARE),
    leftover: leftoverOf(figures),
    tunedCount: figure(TUNED_COUNT),
  }
}

function seasonOf(figures: Float64Array): Season {
  const figure = (at: number) => figures[at] as number
  return {
    waves: Array.from(figures.subarray(WAVES, WAVES + 4)),
    waveLevel: figure(WAVE_LEVEL),
    flatLevel: figure(FLAT_LEVEL),
    waveError: figure(WAVE_ERROR),
    flatError: figure(FLAT_ERROR),
    sinceUnixMs: figure(SINCE_UNIX_MS),
    isUsed: figure(IS_USED) === 1,
  }
}

function leftoverOf(figures: Float64Array): Leftover {
  const figure = (at: number) => figures[at] as number
  return {
    count: figure(LEFT_COUNT),
    sum: figure(LEFT_SUM),
    energy: figure(LEFT_ENERGY),
    young: Array.from(figures.subarray(LEFT_YOUNG, LEFT_YOUNG + figure(LEFT_YOUNG_COUNT))),
    blockCount: figure(LEFT_BLOCK_COUNT),
    ratio: figure(LEFT_RATIO),
  }
}

function putWhitening(figures: Float64Array, at: number, whitening: Whitening): void {
  const { season, leftover } = whitening
  figures[at + COUNT] = whitening.count
  figures[at + SCALE] = whitening.scale
  figures[at + ECHO] = whitening.echo
  figures[at + DEVIATION] = whitening.deviation
  figures[at + PAIR_COUNT] = whitening.pairCount
  figures[at + PRODUCT] = whitening.product
  figures[at + SQUARE] = whitening.square
  figures[at + TUNED_COUNT] = whitening.tunedCount
  if (season !== undefined) putSeason(figures, at, season)
  figures[at + LEFT_COUNT] = leftover.count
  figures[at + LEFT_SUM] = leftover.sum
  figures[at + LEFT_ENERGY] = leftover.energy
  figures[at + LEFT_BLOCK_COUNT] = leftover.blockCount
  figures[at + LEFT_RATIO] = leftover.ratio
  figures[at + LEFT_YOUNG_COUNT] = leftover.young.length
  figures.set(leftover.young, at + LEFT_YOUNG)
}

function putSeason(figures: Float64Array, at: number, season: Season): void {
  figures[at + HAS_SEASON] = 1
  figures[at + IS_USED] = season.isUsed ? 1 : 0
  figures[at + SINCE_UNIX_MS] = season.sinceUnixMs
  figures[at + WAVE_LEVEL] = season.waveLevel
  figures[at + FLAT_LEVEL] = season.flatLevel
  figures[at + WAVE_ERROR] = season.waveError
  figures[at + FLAT_ERROR] = season.flatError
  figures.set(season.waves, at + WAVES)
}
