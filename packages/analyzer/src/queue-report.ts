import type { GroupQueue } from './baseline/group-queues.ts'
import type { QueueReport } from './report.ts'

/** Steps that queued, each with those that ran meanwhile; the longest first. */
export function queueReports(queues: readonly GroupQueue[]): QueueReport[] {
  return queues
    .filter(({ holderId }) => holderId === undefined)
    .sort((a, b) => b.sumMs - a.sumMs)
    .map(({ containerId, waiterId, count, sumMs }) => ({
      containerId,
      stepId: waiterId,
      waitCount: count,
      waitMs: sumMs,
      holders: queues
        .flatMap((one) => {
          const isOwn = one.waiterId === waiterId && one.containerId === containerId
          if (!isOwn || one.holderId === undefined) return []
          return [{ stepId: one.holderId, ranMs: one.sumMs }]
        })
        .sort((a, b) => b.ranMs - a.ranMs),
    }))
}
