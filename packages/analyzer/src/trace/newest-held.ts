import { ATTR_QFLOW_FLOW_ID } from '@qflow-otel/semconv'
import type { HeldExecution } from './held.ts'
import { unpackSpans } from './packed-spans.ts'
import { textOf } from './span-role.ts'

export interface RunningQuery {
  /** All tenants when absent; the same of flows. */
  readonly tenant?: string
  readonly flowId?: string | undefined
  readonly limit?: number
  /** Of those that were given out before and run again: which to leave out. */
  readonly isHidden?: (execution: HeldExecution) => boolean
}

/** Those that started last, the newest first, without building any. O(n log limit). */
export function newestOf(
  queues: readonly Iterable<HeldExecution>[],
  query: RunningQuery,
): readonly HeldExecution[] {
  const { tenant, flowId, limit = Number.POSITIVE_INFINITY, isHidden } = query
  const newest: HeldExecution[] = []
  for (const queue of queues)
    for (const execution of queue) {
      if (tenant !== undefined && execution.tenant !== tenant) continue
      if (flowId !== undefined && flowIdOf(execution) !== flowId) continue
      if (execution.givenCount > 0 && isHidden?.(execution)) continue
      newest.push(execution)
      // Now and then, so that a short list of many costs no sort of all.
      if (newest.length >= 2 * limit + 100) cut(newest, limit)
    }
  cut(newest, limit)
  return newest
}

function cut(executions: HeldExecution[], limit: number): void {
  executions.sort(byStart)
  if (executions.length > limit) executions.length = limit
}

function byStart(a: HeldExecution, b: HeldExecution): number {
  if (a.firstStartUnixNs !== b.firstStartUnixNs)
    return a.firstStartUnixNs > b.firstStartUnixNs ? -1 : 1
  return a.executionId < b.executionId ? -1 : 1
}

/** As its spans name it: mostly the first one does. */
function flowIdOf({ spans, whole, started }: HeldExecution): string | undefined {
  const records = whole === undefined ? spans.map(({ record }) => record) : unpackSpans(whole)
  for (const { attributes } of records) {
    const flowId = textOf(attributes, ATTR_QFLOW_FLOW_ID)
    if (flowId !== undefined) return flowId
  }
  return started?.flowId
}
