import type { FlowRecord } from '../records/flow-record.ts'
import type { Telemetry } from '../telemetry.ts'

/** Starts that wait for a worker to run them; the oldest beyond it is closed and counted. */
const MAX_UNCLAIMED = 1_000

/** Executions that were started and whose `executeFlow` has not come yet, for engines that queue their runs. */
export interface UnclaimedStarts {
  /** `startExecution` resolved: nothing to do if its run began already. */
  settle(record: FlowRecord, executionId: unknown): void
  take(executionId: string): FlowRecord | undefined
}

export function createUnclaimedStarts(telemetry: Telemetry): UnclaimedStarts {
  const waiting = new Map<string, FlowRecord>()
  return {
    settle(record, executionId) {
      if (record.state !== 'starting') return
      const id = typeof executionId === 'string' ? executionId : ''
      const canBeClaimed = id !== '' && telemetry.reach.has('executionEngine.executeFlow')
      if (!canBeClaimed) return record.abandon(id)
      const [oldest] = waiting
      if (oldest && waiting.size >= MAX_UNCLAIMED) {
        waiting.delete(oldest[0])
        telemetry.tally.drop('unclaimed_start')
        oldest[1].abandon(oldest[0])
      }
      waiting.set(id, record)
    },
    take(executionId) {
      const record = waiting.get(executionId)
      waiting.delete(executionId)
      return record?.state === 'starting' ? record : undefined
    },
  }
}
