import type { AnalyzerSnapshot } from './analyzer.ts'
import { fromSnapshot } from './analyzer-snapshot.ts'
import { type Counters, countOne } from './baseline/counters.ts'
import { emptyFlow, type FlowState } from './flow-state.ts'
import type { Execution } from './trace/execution.ts'

/** All flows of all tenants. */
export interface AnalyzerState {
  readonly flows: Map<string, FlowState>
  /** Finished executions in full, per flow, oldest first. */
  readonly kept: Map<string, Execution[]>
  readonly counters: Counters
}

/** Empty, or what a snapshot remembers. */
export function restoreState(snapshot: AnalyzerSnapshot | undefined): AnalyzerState {
  const counters: Counters = {}
  const flows = snapshot === undefined ? [] : fromSnapshot(snapshot, counters)
  return {
    flows: new Map(flows.map((flow) => [flowKey(flow), flow])),
    kept: new Map(),
    counters,
  }
}

export function flowKey({ tenant, flowId }: { tenant: string; flowId: string }): string {
  return JSON.stringify([tenant, flowId])
}

/** The flow, made when there is room for it; else `flow_limit` counts. */
export function flowOf(
  state: AnalyzerState,
  { tenant, flowId }: { tenant: string; flowId: string },
  maxFlowCount: number,
): FlowState | undefined {
  const key = flowKey({ tenant, flowId })
  const known = state.flows.get(key)
  if (known !== undefined) return known
  if (state.flows.size >= maxFlowCount) {
    countOne(state.counters, 'flow_limit')
    return undefined
  }
  const fresh = emptyFlow(tenant, flowId)
  state.flows.set(key, fresh)
  return fresh
}
