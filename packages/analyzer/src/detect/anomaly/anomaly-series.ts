import { emptySketch, halve, insert, type Sketch, valueOfRank } from '../../stats/sketch.ts'
import {
  fitUpperTail,
  MAX_SURPRISE,
  surpriseOf,
  type UpperTail,
  valueOfSurprise,
} from '../../stats/upper-tail.ts'

/**
 * What one series' single values usually are, and how surprising one must be to be told. Plain data, 1 KB besides the sketch.
 *
 * Meant to be called once for each execution, in their order, for each series of which single values matter (an
 * execution's duration):
 *
 *     const judgement = judgeValue(series, entry.durationMs)
 *     if (judgement.kind === 'anomaly') …            // judgement.expected, .tailRatio, .ratio
 *
 * Start with `emptyAnomalySeries`; after a confirmed change of the level start again with `anomalySeriesOf` the values since
 * its onset. While a change is under test an owner may call `learnValue` instead, which never tells anything.
 */
export interface AnomalySeries {
  /** Values that teach; beyond 20,000 all counts are halved. */
  readonly values: Sketch
  /** Values judged or learned. */
  count: number
  /** How much more surprising than the budget says a value must be, in nats: what was told too often raises it. */
  reserve: number
  /** Told values that taught. */
  taughtCount: number
  tail: UpperTail | undefined
  /** The tail is estimated again when so many values are known. */
  nextFitCount: number
  /** The last surprising values, the oldest first: `count` and value of each. */
  readonly surprising: { readonly at: number; readonly value: number }[]
}

/** What was said of one value. */
export type Judgement =
  /** NaN, an infinity or a negative number: nothing changed. */
  | { readonly kind: 'refused' }
  /** Fewer values than it takes; `missingCount` more are needed. */
  | { readonly kind: 'learning'; readonly missingCount: number }
  | { readonly kind: 'expected'; readonly tailRatio: number }
  | Anomaly

/** One execution in a thousand is so slow, or none. */
interface Anomaly {
  readonly kind: 'anomaly'
  readonly direction: 'up'
  /** Share of healthy values that are at least as large, by the estimated tail. */
  readonly tailRatio: number
  /** Where values that are not told lie. */
  readonly expected: { readonly low: number; readonly high: number }
  /** Times the median; absent when that is 0. */
  readonly ratio: number | undefined
}

/** At most 10 in 10,000 healthy values are told; aimed at is a little less, since the count swings by some. */
const ANOMALY_BUDGET_RATIO = 1e-3
const AIM_RATIO = 0.9 * ANOMALY_BUDGET_RATIO
const AIM_SURPRISE = -Math.log(AIM_RATIO)
/** Below it a tail is a guess. */
export const MIN_ANOMALY_BASELINE = 30
/** Each told value raises the bar by this, and 1 / `AIM_RATIO` quiet ones lower it by as much: then the rate is the aim. */
const RESERVE_STEP = 0.25
/** However rarely something was told: nothing is that is not in the outermost 2.5 in 1,000. */
const SMALLEST_RESERVE = -1
/** The sketch forgets by half at this count: a tail of ten values in a thousand executions. */
const HALVED_COUNT = 20_000
/** An estimate of the tail stands until a tenth more is known, or 1,000 values. */
const FIT_GROWTH_RATIO = 1.1
const FIT_EVERY_COUNT = 1_000
/** Told values teach as far as twice the budget explains them, and one besides. */
const TAUGHT_BUDGET_FACTOR = 2
/** Surprising values that follow each other within so many are one incident. */
const INCIDENT_COUNT = 100
/** Ten in 500, twenty times the budget, are how the flow is now: only what is half as large again as all of them is told. */
const [COMMON_COUNT, COMMON_WITHIN_COUNT, BEYOND_ALL_FACTOR] = [10, 500, 1.5]

const REFUSED: Judgement = { kind: 'refused' }

export function emptyAnomalySeries(): AnomalySeries {
  return {
    values: emptySketch(),
    count: 0,
    reserve: 0,
    taughtCount: 0,
    tail: undefined,
    nextFitCount: MIN_ANOMALY_BASELINE,
    surprising: [],
  }
}

/** A series whose baseline is these values. */
export function anomalySeriesOf(values: Iterable<number>): AnomalySeries {
  const series = emptyAnomalySeries()
  for (const value of values) learnValue(series, value)
  return series
}

/** Takes a value into the baseline without judging it; false when it is no finite number >= 0. O(1) amortised. */
export function learnValue(series: AnomalySeries, value: number): boolean {
  if (!insert(series.values, value)) return false
  series.count += 1
  teachAfter(series)
  return true
}

/**
 * Judges a value by those before it, then learns from it. O(1) amortised: estimating the tail costs some 0.3 ms at 30, 33, 37, …
 * values and at every thousandth.
 *
 * Only slow ones are told: a fast one asks nothing of anybody, and half of the budget would be spent on it. In the long run at
 * most 1 in 1,000 values is told, whatever the values are; how soon and how sharply that is reached depends on the tail.
 * Source: docs/math/anomaly.md.
 */
export function judgeValue(
  series: AnomalySeries,
  value: number,
  smallestEffectRatio = 0.1,
): Judgement {
  if (!(value >= 0) || value === Number.POSITIVE_INFINITY) return REFUSED
  const missingCount = MIN_ANOMALY_BASELINE - series.values.count
  if (missingCount > 0) {
    learnValue(series, value)
    return { kind: 'learning', missingCount }
  }
  if (series.values.count >= series.nextFitCount) fitAgain(series)
  const surprise = surpriseAt(series, value)
  const isSurprising =
    surprise > AIM_SURPRISE + series.reserve &&
    value >= medianOf(series) * (1 + smallestEffectRatio)
  series.count += 1
  if (!isSurprising || isCommon(series, value)) {
    settle(series, { value, isSurprising })
    return { kind: 'expected', tailRatio: Math.exp(-surprise) }
  }
  const anomaly = anomalyOf(series, { value, surprise })
  series.reserve += RESERVE_STEP
  teachTold(series, { value, bar: anomaly.expected.high })
  return anomaly
}

/** A value that is not told teaches and lowers the bar. */
function settle(
  series: AnomalySeries,
  { value, isSurprising }: { value: number; isSurprising: boolean },
): void {
  if (isSurprising) noteSurprising(series, value)
  const lowered = series.reserve - (RESERVE_STEP * AIM_RATIO) / (1 - AIM_RATIO)
  series.reserve = Math.max(lowered, SMALLEST_RESERVE)
  insert(series.values, value)
  teachAfter(series)
}

/**
 * One incident teaches once, however many values it has. In full as far as health explains it, else only that one more lay
 * beyond the bar.
 */
function teachTold(series: AnomalySeries, { value, bar }: { value: number; bar: number }): void {
  const before = series.surprising.at(-1)
  noteSurprising(series, value)
  if (before !== undefined && series.count - before.at <= INCIDENT_COUNT) return
  const isExplained =
    series.taughtCount < 1 + TAUGHT_BUDGET_FACTOR * AIM_RATIO * series.values.count
  if (isExplained) series.taughtCount += 1
  insert(series.values, isExplained ? value : Math.min(value, bar))
  teachAfter(series)
}

function teachAfter(series: AnomalySeries): void {
  if (series.values.count < HALVED_COUNT) return
  halve(series.values)
  series.taughtCount /= 2
  series.nextFitCount = series.values.count
}

function fitAgain(series: AnomalySeries): void {
  const { count } = series.values
  series.tail = fitUpperTail(series.values)
  series.nextFitCount = Math.min(count * FIT_GROWTH_RATIO, count + FIT_EVERY_COUNT)
}

/** Where hardly any value was positive there is no tail, and only the rank speaks. */
function surpriseAt({ tail, values }: AnomalySeries, value: number): number {
  if (tail !== undefined) return surpriseOf(tail, value)
  const positiveCount = values.count - values.zeroCount
  return value > 0 ? Math.log((values.count + 1) / (positiveCount + 1)) : 0
}

/** Whether ten came lately of which one was nearly as large. */
function isCommon({ surprising, count }: AnomalySeries, value: number): boolean {
  const oldest = surprising[0]
  if (surprising.length < COMMON_COUNT || oldest === undefined) return false
  if (count - oldest.at > COMMON_WITHIN_COUNT) return false
  return surprising.some((one) => value <= one.value * BEYOND_ALL_FACTOR)
}

function noteSurprising(series: AnomalySeries, value: number): void {
  series.surprising.push({ at: series.count, value })
  if (series.surprising.length > COMMON_COUNT) series.surprising.shift()
}

function medianOf({ values }: Pick<AnomalySeries, 'values'>): number {
  return valueOfRank(values, Math.ceil(values.count / 2)) ?? 0
}

function anomalyOf(
  { values, tail, reserve }: AnomalySeries,
  { value, surprise }: { value: number; surprise: number },
): Anomaly {
  const median = medianOf({ values })
  const low = valueOfRank(values, Math.max(1, ANOMALY_BUDGET_RATIO * values.count)) ?? 0
  const bar = Math.min(AIM_SURPRISE + reserve, MAX_SURPRISE)
  const high = tail === undefined ? (values.max ?? 0) : valueOfSurprise(tail, bar)
  return {
    kind: 'anomaly',
    direction: 'up',
    tailRatio: Math.exp(-surprise),
    expected: { low, high },
    ratio: median > 0 ? value / median : undefined,
  }
}
