import type { Interval } from '../../stats/mean-interval.ts'
import { findOnset, scoreOffset } from '../change/onset.ts'
import { MIN_SIDE_COUNT } from './candidates.ts'
import { type Segmentation, segmentation } from './drift.ts'
import { evidenceOf } from './evidence.ts'
import { splitAt } from './settle.ts'
import { stepEffect } from './step-effect.ts'

/** A place in a series where its level changed, and by how much. */
export interface ChangePoint {
  /** Index in the values given, 0-based, of the first one on the new level. */
  readonly index: number
  readonly direction: 'up' | 'down'
  /** The levels right before and after it, in the unit of the values. */
  readonly before: number
  readonly after: number
  /** After less before with its 95 % interval; `n` counts the values after it, up to the next change. */
  readonly difference: Interval
  /** After over before, less 1; absent where values can be negative or are mostly 0. */
  readonly ratio: Interval | undefined
  /** 1 less the share of series without a change in which chance shows one as clear. */
  readonly confidence: number
}

/** What was found in a series. */
export interface ChangePoints {
  /** In order. */
  readonly changePoints: readonly ChangePoint[]
  /** Values that were looked at. */
  readonly n: number
  /** Indices of those that are no finite number, or larger than 1e100, and were skipped. */
  readonly skipped: readonly number[]
  /** Relative where levels are compared as ratios, else in the unit of the values. */
  readonly scale: 'ratio' | 'difference'
  /** Standard deviation of the noise about the levels; absent with fewer than six values. */
  readonly noiseDeviation: number | undefined
  /** Lag-1 correlation of the noise, 0 to 0.9, for which evidence and intervals make allowance. */
  readonly noiseCorrelation: number
  /** From the lowest to the highest point of the drift beside its steps; 0 where no drift explains the series better. */
  readonly driftRange: number
}

/** What is told of a series; each has a default. */
export interface ChangePointOptions {
  /** At most this share of series without a change is given one, as far as the calibration reaches. */
  readonly falseAlarmRatio?: number
  /** Steps smaller than this, up or as far down in logs, are not told. */
  readonly smallestEffectRatio?: number
}

/** What the threshold was calibrated for. */
const FALSE_ALARM_RATIO = 0.05
/** Two levels of three. */
const MIN_COUNT = 2 * MIN_SIDE_COUNT
/** Squares of larger ones, and sums of those, are no numbers any more. */
const MAX_SIZE = 1e100

/**
 * Where the level of a series changed: all its change points, each with effect and confidence.
 *
 * Pure and deterministic. Tolerates outliers, ties, constants, a straight drift, correlated and heavy-tailed noise;
 * sees a level of three values at an end. O(n log n): `change-points.bench.ts` has 20,000 values.
 * Definition, sources, calibration and what breaks it: docs/math/change-points.md.
 */
export function changePoints(
  values: readonly number[],
  { falseAlarmRatio = FALSE_ALARM_RATIO, smallestEffectRatio = 0 }: ChangePointOptions = {},
): ChangePoints {
  const places: number[] = []
  const skipped: number[] = []
  for (const [index, value] of values.entries())
    (Math.abs(value) <= MAX_SIZE ? places : skipped).push(index)
  // Every place is an index of `values`.
  const known = places.map((index) => values[index] as number)
  const offset = scoreOffset(known)
  const scale = offset === undefined ? ('difference' as const) : ('ratio' as const)
  const report = { n: known.length, skipped, scale }
  if (known.length < MIN_COUNT)
    return {
      ...report,
      changePoints: [],
      noiseDeviation: undefined,
      noiseCorrelation: 0,
      driftRange: 0,
    }
  const scores = offset === undefined ? known : known.map((value) => Math.log(value + offset))
  // As chance goes: evidence beyond the threshold by 2 is e times as rare.
  const extraEvidence = 2 * Math.log(FALSE_ALARM_RATIO / falseAlarmRatio)
  const found = segmentation(scores, extraEvidence)
  const onsets = placed(known, found, offset)
  const all = found.splits.map((_, at): ChangePoint => {
    const split = splitAt(found.levels, onsets, at)
    // Its evidence is that of the split that was tested; the onset may lie a value beside it.
    const evidence = evidenceOf(found.levels, splitAt(found.levels, found.splits, at))
    const excess = evidence - found.threshold
    return {
      // A split is an index of `places`.
      index: places[split.split] as number,
      ...stepEffect(found, split, offset),
      confidence: 1 - falseAlarmRatio * Math.exp(-excess / 2),
    }
  })
  const { noise } = found.levels
  // A score is the log of a value and a tenth of the median: a ratio is that much larger.
  const perScore = offset === undefined ? 1 : 1.1
  return {
    ...report,
    changePoints: all.filter((one) => isLargeEnough(one, smallestEffectRatio)),
    noiseDeviation: perScore * Math.sqrt(noise.variance),
    noiseCorrelation: noise.correlation,
    driftRange: perScore * rangeOf(found.drift),
  }
}

/** Where the changes lie exactly, by the estimator that the online detector asks too; drift taken away first. */
function placed(
  known: readonly number[],
  { levels, splits, drift }: Segmentation,
  offset: number | undefined,
): number[] {
  const level = (value: number, index: number) => {
    const off = drift?.[index] ?? 0
    if (offset === undefined) return value - off
    return Math.max(0, (value + offset) * Math.exp(-off) - offset)
  }
  const flattened = drift === undefined ? known : known.map(level)
  const onsets = [...splits]
  for (let at = 0; at < splits.length; at += 1) {
    // The change before has its place already, the one after only its split.
    const { start, split, end } = splitAt(levels, onsets, at)
    const search = { hint: split - start, from: MIN_SIDE_COUNT, to: end - start - MIN_SIDE_COUNT }
    onsets[at] = start + findOnset(flattened.slice(start, end), search)
  }
  return onsets
}

function rangeOf(drift: Segmentation['drift']): number {
  if (drift === undefined) return 0
  let [low, high] = [0, 0]
  for (const value of drift) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return high - low
}

function isLargeEnough({ ratio }: ChangePoint, smallestRatio: number): boolean {
  return ratio === undefined || Math.abs(Math.log1p(ratio.value)) >= Math.log1p(smallestRatio)
}
