/** How many values fell on each whole number from 0 to `MAX_KEY`. Plain data. */
export interface Histogram {
  total: number
  /** Counts of key 0, which lies far from the others where it means "nothing". */
  zeroCount: number
  /** Key of the first count; the counts reach from the lowest key > 0 to the highest that was ever counted. */
  firstKey: number
  counts: number[]
}

/** Higher keys are counted as this one: 2,048 steps of 2 % span a factor of 6e17. */
const MAX_KEY = 2047

export function emptyHistogram(): Histogram {
  return { total: 0, zeroCount: 0, firstKey: 1, counts: [] }
}

/** Counts a key, a whole number >= 0. O(1) amortised. */
export function addKey(histogram: Histogram, key: number): void {
  histogram.total += 1
  if (key === 0) {
    histogram.zeroCount += 1
    return
  }
  const kept = Math.min(key, MAX_KEY)
  reach(histogram, kept)
  const { counts } = histogram
  const index = kept - histogram.firstKey
  counts[index] = (counts[index] ?? 0) + 1
}

/** Makes the counts reach to a key. They seldom grow, and a list that grew has room to grow, often more than what it holds. */
function reach(histogram: Histogram, key: number): void {
  const { counts } = histogram
  if (counts.length === 0) histogram.firstKey = key
  const below = histogram.firstKey - key
  const above = key + 1 - histogram.firstKey - counts.length
  if (below <= 0 && above <= 0) return
  for (let missing = above; missing > 0; missing -= 1) counts.push(0)
  if (below > 0) {
    counts.unshift(...new Array<number>(below).fill(0))
    histogram.firstKey = key
  }
  histogram.counts = counts.slice()
}

/** How many keys lie in `[from, to)`. O(to - from), at most O(span). */
export function countBetween(histogram: Histogram, from: number, to: number): number {
  const { firstKey, counts } = histogram
  const end = Math.min(to - firstKey, counts.length)
  let sum = from <= 0 && to > 0 ? histogram.zeroCount : 0
  for (let index = Math.max(from - firstKey, 0); index < end; index += 1) {
    // An index below the length: this runs for every value of every series.
    sum += counts[index] as number
  }
  return sum
}

/** The keys that have counts, ascending. */
export function keysOf({ zeroCount, firstKey, counts }: Histogram): number[] {
  const keys: number[] = []
  if (zeroCount > 0) keys.push(0)
  for (let index = 0; index < counts.length; index += 1)
    if ((counts[index] as number) > 0) keys.push(firstKey + index)
  return keys
}

/** How often a key was counted. */
export function countAt({ zeroCount, firstKey, counts }: Histogram, key: number): number {
  if (key === 0) return zeroCount
  const index = key - firstKey
  // Indices out of bounds are slow to look up, and this runs for every value of every series.
  return index >= 0 && index < counts.length ? (counts[index] as number) : 0
}

/**
 * Leaves one count in `divisor`, so that what comes weighs more than what was. What is left of a key depends on those below it too,
 * so that rare keys fade as much as frequent ones do.
 */
export function fadeHistogram(histogram: Histogram, divisor: number): void {
  const { counts } = histogram
  let before = histogram.zeroCount
  let left = Math.round(before / divisor)
  histogram.zeroCount = left
  for (const [index, count] of counts.entries()) {
    before += count
    const upTo = Math.round(before / divisor)
    counts[index] = upTo - left
    left = upTo
  }
  histogram.total = left
}
