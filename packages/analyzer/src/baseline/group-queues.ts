import { type Counters, countOne } from './counters.ts'
import type { Observation } from './observation.ts'

/** How long steps of a flow's parallel groups waited for their turn, and who ran meanwhile. Plain data. */
export interface GroupQueue {
  /** The step around the group. */
  readonly containerId: string | undefined
  readonly waiterId: string
  /** Absent: all that the waiter waited. */
  readonly holderId: string | undefined
  /** How often. */
  count: number
  sumMs: number
}

/** Pairs one flow keeps apart: of a group of ten steps with one slot all. */
const MAX_PAIR_COUNT = 64

/** Adds one execution; `queue_limit` counts pairs without room, and steps of which no pairs were made. O(pairs). */
export function rememberQueues(
  queues: GroupQueue[],
  { queued, untoldQueueCount }: Observation,
  counters: Counters,
): void {
  if (untoldQueueCount > 0) countOne(counters, 'queue_limit', untoldQueueCount)
  for (const { containerId, waiterId, holderId, ms } of queued) {
    const known = queues.find(
      (one) =>
        one.waiterId === waiterId && one.holderId === holderId && one.containerId === containerId,
    )
    if (known !== undefined) {
      known.count += 1
      known.sumMs += ms
    } else if (queues.length < MAX_PAIR_COUNT) {
      queues.push({ containerId, waiterId, holderId, count: 1, sumMs: ms })
    } else countOne(counters, 'queue_limit')
  }
}
