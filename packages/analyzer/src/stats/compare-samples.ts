import { falseDiscoveries } from './false-discovery.ts'
import { normalTailPoint } from './normal-tail.ts'
import { type QuantileShift, quantileShift, shiftError } from './quantile-shift.ts'

/** Two samples of one thing, each in the order in which it was measured. */
export interface SamplePair {
  readonly name: string
  readonly before: readonly number[]
  readonly after: readonly number[]
}

export interface SampleComparison {
  readonly name: string
  readonly nBefore: number
  readonly nAfter: number
  /** Of the median and of the 90th, 95th and 99th percentile, as far as there are values for it. */
  readonly shifts: readonly (QuantileShift & { readonly isEvident: boolean })[]
  /** Whether any of them is evident. */
  readonly isDifferent: boolean
  /** The shift of the median that would have been found in four of five such comparisons; absent without one. */
  readonly visibleRatio: number | undefined
}

const QUANTILES = [0.5, 0.9, 0.95, 0.99]
/** Of the differences that are told, at most this share is none on average. */
const FALSE_DISCOVERY_RATIO = 0.05
/** 80 % of a normal distribution lie below this. */
const POWER_DEVIATIONS = 0.8416

/**
 * Compares samples by their quantiles, aware of how many comparisons that are: what is evident holds whatever the
 * dependence between the samples (Benjamini and Yekutieli). Only finite values count.
 */
export function compareSamples(pairs: readonly SamplePair[]): readonly SampleComparison[] {
  const all = pairs.map(({ name, ...sides }) => {
    const [before, after] = [sides.before, sides.after].map((side) =>
      side.filter(Number.isFinite),
    ) as [number[], number[]]
    const shifts = QUANTILES.flatMap((ratio) => quantileShift(before, after, ratio) ?? [])
    return { name, nBefore: before.length, nAfter: after.length, shifts }
  })
  const pValues = all.flatMap(({ shifts }) => shifts.map(({ p }) => p))
  const found = falseDiscoveries(pValues, { q: FALSE_DISCOVERY_RATIO, isDependent: true })
  const deviations = POWER_DEVIATIONS + normalTailPoint(firstBound(pValues.length) / 2)
  let next = 0
  return all.map(({ shifts, ...one }) => {
    const judged = shifts.map((shift) => ({ ...shift, isEvident: found[next++] === true }))
    const [median] = shifts
    return {
      ...one,
      shifts: judged,
      isDifferent: judged.some(({ isEvident }) => isEvident),
      visibleRatio: median?.ratio && Math.expm1(deviations * shiftError(median)),
    }
  })
}

/** The p that is small enough even when no other is. */
function firstBound(count: number): number {
  let harmonic = 0
  for (let rank = 1; rank <= count; rank += 1) harmonic += 1 / rank
  return FALSE_DISCOVERY_RATIO / Math.max(1, count * harmonic)
}
