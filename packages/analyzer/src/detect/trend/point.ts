import { median } from '../../stats/median-change.ts'

/** One value of a series over time. */
export interface Point {
  readonly unixMs: number
  readonly value: number
}

/** More points than these are joined before slopes are taken: of 256 there are 32,640 pairs. */
const MAX_POINT_COUNT = 256

/**
 * At most 256 points in their order: consecutive ones are joined into blocks of equal count, each told by the medians of its times
 * and values. The slope of the blocks estimates the same slope; its standard error is at most 1.3 times that of all points, for
 * normal noise. O(n log n).
 */
export function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= MAX_POINT_COUNT) return points
  const size = Math.ceil(points.length / MAX_POINT_COUNT)
  const blocks: Point[] = []
  for (let from = 0; from < points.length; from += size) {
    const block = points.slice(from, from + size)
    blocks.push({
      unixMs: median(block.map(({ unixMs }) => unixMs)),
      value: median(block.map(({ value }) => value)),
    })
  }
  return blocks
}
