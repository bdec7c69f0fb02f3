import {
  addKey,
  countAt,
  countBetween,
  emptyHistogram,
  fadeHistogram,
} from '../../stats/histogram.ts'
import { keptDigits } from '../../stats/kept-digits.ts'
import type { SeriesInput, SeriesKind } from './level-series.ts'
import type { LevelSeries } from './plain-series.ts'
import { payoutsAt, RANK_PAYOUTS } from './rank-payouts.ts'
import { drawShape, ownCount, type Shape } from './shape.ts'

type Mutable<T> = T extends readonly (infer E)[]
  ? E[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T

/** The oracle of `level-series.ts`: what docs/math/level.md says, one series an object, in its plainest words. */
export type SlowSeries = Mutable<LevelSeries>

const STEP = Math.log(1.01 / 0.99)
const DAY_MS = 86_400_000

export function emptySlowSeries(kind: SeriesKind): SlowSeries {
  return {
    kind,
    whitening: {
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
    },
    baseline: emptyHistogram(),
    young: [],
    shape: undefined,
    sums: new Array<number>(14).fill(0),
    starts: new Array<number>(14).fill(0),
    refusedCount: 0,
  }
}

function emptyLeftover() {
  return { count: 0, sum: 0, energy: 0, young: [], blockCount: 0, ratio: 0.95 }
}

export function slowLearn(series: SlowSeries, input: SeriesInput): void {
  const key = takeIn(series, input)
  if (key !== undefined) addKey(series.baseline, key)
}

export function slowBet(series: SlowSeries, input: SeriesInput): number {
  const key = takeIn(series, input)
  if (key === undefined) return slowEvidence(series)
  if (series.baseline.total > 0) settle(series, key, input)
  const after = slowEvidence(series)
  if (after < 1_000) growOld(series, key)
  return after
}

export function slowEvidence({ sums, whitening: { leftover } }: SlowSeries): number {
  const mean = sums.reduce((sum, one, at) => sum + (at < 6 ? 0.65 / 6 : (1 - 0.65) / 8) * one, 0)
  const calibrated = 0.8 * mean
  const ratio = leftover.ratio / 0.95
  const isWandering = leftover.blockCount >= 4 && ratio > 1 + 3 * Math.sqrt(2 / leftover.blockCount)
  return calibrated > 1 && isWandering ? calibrated ** (1 / Math.min(ratio, 8)) : calibrated
}

function takeIn(series: SlowSeries, { value, unixMs }: SeriesInput): number | undefined {
  const { kind, whitening } = series
  const isValue =
    kind === 'rate' ? value === 0 || value === 1 : Number.isFinite(value) && value >= 0
  if (!isValue) series.refusedCount += 1
  if (!isValue) return undefined
  if (kind === 'rate') return value
  if (kind === 'positive' && value < 1e-6) return 0
  const isTuneDue = whitening.count >= Math.max(25, 1.25 * whitening.tunedCount)
  if (isTuneDue && slowEvidence(series) < 20 && tune(series, unixMs)) {
    fadeHistogram(series.baseline, 8)
    series.young = []
    series.shape = undefined
  }
  const log = kind === 'count' ? Math.log1p(value) : Math.log(value / 1e-6)
  return Math.max(1, Math.round(whiten(series, log, unixMs) / STEP))
}

function settle(series: SlowSeries, key: number, { uniform, sequence }: SeriesInput): void {
  const { baseline } = series
  if (series.shape === undefined || baseline.total >= 2 * series.shape.total)
    series.shape = drawShape(baseline, series.kind === 'rate') as Mutable<Shape>
  const { borders, counts, shares } = series.shape
  const region = regionOf(borders, key)
  const own = ownCount(baseline.total)
  const total = baseline.total + own
  const rank = (countBetween(baseline, 0, key) + uniform * (countAt(baseline, key) + own)) / total
  const perShare = (0.95 * total) / ((counts[region] ?? 0) + own) / 1_000
  series.sums = series.sums.map((sum, bettor) => {
    if (sum < 1) series.starts[bettor] = sequence
    const ofShape = 1 - 0.95 + perShare * (shares[region * 8 + bettor - 6] ?? 0)
    const payout = bettor < 6 ? (RANK_PAYOUTS[payoutsAt(rank) + bettor] ?? 0) : ofShape
    return Math.floor(64 * Math.min((sum + 1) * payout, 1e12) + 0.5) / 64
  })
}

function regionOf(borders: readonly number[], key: number): number {
  return borders.filter((border) => key >= border).length
}

function growOld(series: SlowSeries, key: number): void {
  const { young, baseline, shape } = series
  young.push(key)
  if (young.length <= Math.min(16, (baseline.total - 100) / 6)) return
  const old = young.shift() ?? key
  addKey(baseline, old)
  if (shape !== undefined) {
    const region = regionOf(shape.borders, old)
    shape.counts[region] = (shape.counts[region] ?? 0) + 1
  }
  if (baseline.total > 4_096) {
    fadeHistogram(baseline, 2)
    series.shape = undefined
  }
}

function whiten({ whitening }: SlowSeries, log: number, unixMs: number): number {
  const level = keptDigits(log)
  whitening.season ??= {
    waves: [0, 0, 0, 0],
    waveLevel: level,
    flatLevel: level,
    waveError: 0,
    flatError: 0,
    sinceUnixMs: unixMs,
    isUsed: false,
  }
  const { season, scale, echo } = whitening
  whitening.count += 1
  const { count } = whitening
  const turns = turnsOf(unixMs)
  const flat = season.isUsed ? log - swing(season.waves, turns) : log
  const white = flat - echo * whitening.deviation
  const levelNow = () => (season.isUsed ? season.waveLevel : season.flatLevel)
  const reach = count < 8 ? Number.POSITIVE_INFINITY : 3 * scale
  const deviation = pulledIn(flat - levelNow(), reach)
  learnSeason(season, { log, turns, reach, count })
  learnEcho(whitening, deviation)
  const distance = Math.abs(flat - levelNow())
  const spread = 1.28 * Math.min(distance, 3 * scale)
  whitening.scale = keptDigits(
    count < 8 ? Math.max(scale, distance) : scale + (spread - scale) / Math.min(count, 4_096),
  )
  const limit = 2.5 * whitening.scale
  if (count >= 8 && limit > 0)
    learnLeftover(whitening.leftover, pulledIn(white - levelNow(), limit) / whitening.scale)
  return white
}

type SlowSeason = NonNullable<SlowSeries['whitening']['season']>

function learnSeason(
  season: SlowSeason,
  shown: { log: number; turns: readonly number[]; reach: number; count: number },
): void {
  const { log, turns, reach, count } = shown
  const waveMiss = pulledIn(log - swing(season.waves, turns) - season.waveLevel, reach)
  const flatMiss = pulledIn(log - season.flatLevel, reach)
  const errorShare = Math.max(1 / count, 1 / 500)
  season.waveError += (waveMiss * waveMiss - season.waveError) * errorShare
  season.flatError += (flatMiss * flatMiss - season.flatError) * errorShare
  const levelShare = Math.max(1 / count, 1 / 4_096)
  season.waveLevel = keptDigits(season.waveLevel + waveMiss * levelShare)
  season.flatLevel = keptDigits(season.flatLevel + flatMiss * levelShare)
  const step = (2 * waveMiss) / Math.min(Math.max(count, 20), 2_000)
  season.waves = season.waves.map((wave, at) => keptDigits(wave + step * (turns[at] ?? 0)))
}

function learnEcho(whitening: SlowSeries['whitening'], deviation: number): void {
  const { count, scale, product, square } = whitening
  if (count > 8 && scale > 0) {
    const before = pulledIn(whitening.deviation / scale, 3)
    const now = deviation / scale
    whitening.pairCount = Math.min(whitening.pairCount + 1, 4_096)
    whitening.product = keptDigits(product + (now * before - product) / whitening.pairCount)
    whitening.square = keptDigits(square + (now * now - square) / whitening.pairCount)
  }
  whitening.deviation = keptDigits(deviation)
}

function learnLeftover(leftover: SlowSeries['whitening']['leftover'], deviation: number): void {
  leftover.count += 1
  leftover.sum = keptDigits(leftover.sum + deviation)
  leftover.energy = keptDigits(leftover.energy + deviation * deviation)
  if (leftover.count < 20) return
  const { young, sum, energy } = leftover
  young.push(energy > 0 ? keptDigits(Math.min(sum ** 2 / energy, 6)) : 0)
  Object.assign(leftover, { count: 0, sum: 0, energy: 0 })
  if (young.length <= 3) return
  const ratio = young.shift() ?? 0
  leftover.blockCount = Math.min(leftover.blockCount + 1, 200)
  leftover.ratio = keptDigits(leftover.ratio + (ratio - leftover.ratio) / leftover.blockCount)
}

/** Whether what will be left is not what was left so far. */
function tune({ whitening }: SlowSeries, unixMs: number): boolean {
  const { season, product, square, pairCount } = whitening
  if (season === undefined) return false
  whitening.tunedCount = whitening.count
  const raw = product / square
  const echo = raw + (1 + 3 * raw) / pairCount
  const isSure = square > 0 && product > 0 && echo * Math.sqrt(pairCount) > 2.5
  whitening.echo = isSure ? keptDigits(Math.min(echo, 0.95)) : 0
  const worthRatio = season.isUsed ? 0.1 / 2 : 0.1
  const isLong = unixMs - season.sinceUnixMs >= DAY_MS
  const isUsed = isLong && season.waveError < (1 - worthRatio) * season.flatError
  if (isUsed === season.isUsed) return false
  season.isUsed = isUsed
  whitening.echo = 0
  whitening.pairCount = 0
  whitening.leftover = emptyLeftover()
  return true
}

function turnsOf(unixMs: number): readonly number[] {
  const angle = (2 * Math.PI * (Math.floor(unixMs / 60_000) % 1_440)) / 1_440
  return [Math.cos(angle), Math.sin(angle), Math.cos(2 * angle), Math.sin(2 * angle)]
}

function swing(waves: readonly number[], turns: readonly number[]): number {
  const [a, b, c, d] = waves.map((wave, at) => wave * (turns[at] ?? 0)) as [
    number,
    number,
    number,
    number,
  ]
  return a + b + c + d
}

function pulledIn(value: number, reach: number): number {
  return Math.min(Math.max(value, -reach), reach)
}
