import {
  autocorrelationInflation,
  type MedianChange,
  median,
  medianChange,
} from '../stats/median-change.ts'

/** What a change did to a series: a change of its median, its interval widened for values that follow each other. */
export function effectOf(
  before: readonly number[],
  after: readonly number[],
): MedianChange | undefined {
  return medianChange({ before, after, inflation: autocorrelationInflation(before) })
}

/** The whole interval lies beyond the smallest change that matters. */
export function matters({ ratio }: MedianChange, smallestRatio: number): boolean {
  return ratio.low > smallestRatio || ratio.high < lowestRatio(smallestRatio)
}

/** The whole interval lies within the smallest change that matters. */
export function isImmaterial({ ratio }: MedianChange, smallestRatio: number): boolean {
  return ratio.high < smallestRatio && ratio.low > lowestRatio(smallestRatio)
}

/**
 * A phase matters when the ms it gained or lost are also worth half the smallest change of the whole flow: a phase
 * of 1 ms in a flow of 1 s may triple and nobody notices.
 */
export function mattersToFlow(
  change: MedianChange,
  { flowDurationsMs, smallestRatio }: { flowDurationsMs: readonly number[]; smallestRatio: number },
): boolean {
  const worthMs = Math.abs(change.medianAfter - change.medianBefore)
  return worthMs >= (smallestRatio / 2) * median(flowDurationsMs)
}

/** As far below 1 on the log scale as `smallestRatio` is above. */
function lowestRatio(smallestRatio: number): number {
  return 1 / (1 + smallestRatio) - 1
}
