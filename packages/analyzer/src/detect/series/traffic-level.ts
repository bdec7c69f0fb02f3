/** How many executions usually end in a bucket, learned as buckets close. Plain data. */
export interface TrafficLevel {
  /** Buckets since the baseline began. */
  count: number
  /** Mean of the last ones, the newest weighing most. */
  usualWeight: number
}

/** Buckets of which the first mean is made. */
const FIRST_COUNT = 4
/** A bucket's part of the mean afterwards: some sixteen are remembered, so that a day's slow ebb and flow is no change. */
const NEW_RATIO = 1 / 16
/** Pseudo-executions on both sides of a ratio: an empty bucket is little, not nothing. */
const OFFSET_COUNT = 0.5

/**
 * Buckets that are learned before any is judged. Short ones follow the day through their mean; those of an hour must have seen
 * a day and its night, those of a day two weeks with their ends.
 */
const LEARNED_COUNTS: readonly (readonly [widthMs: number, count: number])[] = [
  [300_000, 12],
  [3_600_000, 24],
  [86_400_000, 14],
]

export function noTrafficLevel(): TrafficLevel {
  return { count: 0, usualWeight: 0 }
}

/** Whether the next bucket is judged. */
export function isTrafficLearned({ count }: TrafficLevel, widthMs: number): boolean {
  return count >= learnedCountOf(widthMs)
}

function learnedCountOf(widthMs: number): number {
  return LEARNED_COUNTS.find(([upTo]) => widthMs <= upTo)?.[1] ?? 0
}

/** What ended in a bucket over what usually does, always above 0; absent for the first. Takes the bucket into the mean. */
export function trafficRatio(level: TrafficLevel, weight: number): number | undefined {
  const { count, usualWeight } = level
  level.count += 1
  const ratio = count <= FIRST_COUNT ? 1 / level.count : NEW_RATIO
  level.usualWeight += ratio * (weight - usualWeight)
  if (count < FIRST_COUNT) return undefined
  return (weight + OFFSET_COUNT) / (usualWeight + OFFSET_COUNT)
}
