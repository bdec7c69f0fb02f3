import type { AnalyzerState } from './analyzer-state.ts'
import { countOne } from './baseline/counters.ts'
import { notePoolSpans } from './baseline/pool-spans.ts'
import type { FlowState } from './flow-state.ts'
import {
  enqueue,
  latestEnd,
  type PendingExecution,
  pendingExecution,
} from './pending-executions.ts'
import type { ClosedExecution } from './trace/stored-execution.ts'

/** Keeps executions that closed, and queues them for the detectors. */
export function takeClosed(
  state: AnalyzerState,
  closed: readonly ClosedExecution[],
  { latenessMs, nowUnixNs }: { readonly latenessMs: number; readonly nowUnixNs: bigint },
): void {
  const { counters } = state
  const arrivals = new Map<FlowState, PendingExecution[]>()
  const at = { nowUnixNs, latestUnixNs: latestEnd(nowUnixNs, latenessMs) }
  for (const one of closed) {
    const flow = state.flows.use(one.stored.facts)
    if (flow === undefined) continue
    const goneCount = state.kept.add(flow.key, one.stored, one.isReplacement)
    if (goneCount > 0) countOne(counters, 'kept_limit', goneCount)
    const detailed = state.observer.withDetails(one)
    if (detailed !== undefined) notePoolSpans(state.pools, detailed, counters)
    const pending = pendingExecution(one, at, counters)
    state.waitingBytes += pending.bytes
    const own = arrivals.get(flow)
    if (own === undefined) arrivals.set(flow, [pending])
    else own.push(pending)
  }
  for (const [flow, own] of arrivals) {
    enqueue(flow.pending, own, counters)
    state.kept.trim(flow.key, flow.pending.length)
  }
}
