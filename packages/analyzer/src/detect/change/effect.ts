import {
  autocorrelationInflation,
  type MedianChange,
  median,
  medianChange,
} from '../../stats/median-change.ts'
import type { Metric } from '../series/series-place.ts'

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

/** V8 gives its heap out in pages of this size: a run that grows it by less did not ask for one. */
const HEAP_PAGE_BYTES = 256 * 1024

/**
 * A part matters when the ms it gained or lost (on the path, of CPU or in a queue) are also worth half the smallest change of the
 * whole flow: a phase of 1 ms in a flow of 1 s may triple and nobody notices. Memory matters from a page of the heap on.
 */
export function mattersToFlow(
  change: MedianChange,
  flow: {
    readonly metric: Metric
    readonly flowDurationsMs: readonly number[]
    readonly smallestRatio: number
  },
): boolean {
  const worth = Math.abs(change.medianAfter - change.medianBefore)
  if (flow.metric === 'memory') return worth >= HEAP_PAGE_BYTES
  return worth >= (flow.smallestRatio / 2) * median(flow.flowDurationsMs)
}

/** As far below 1 on the log scale as `smallestRatio` is above. */
function lowestRatio(smallestRatio: number): number {
  return 1 / (1 + smallestRatio) - 1
}
