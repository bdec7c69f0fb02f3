import type { AnalyzerSnapshot } from './analyzer.ts'
import { fromSnapshot } from './analyzer-snapshot.ts'
import { type Counters, countOne } from './baseline/counters.ts'
import type { PoolSpans } from './baseline/pool-spans.ts'
import { emptyFlow, type FlowState, flowKey } from './flow-state.ts'
import { KeptExecutions } from './kept-executions.ts'

/** All flows of all tenants. */
export interface AnalyzerState {
  readonly flows: Map<string, FlowState>
  readonly kept: KeptExecutions
  /** Who waited for and held pooled resources lately; like the executions kept in full, no snapshot has them. */
  readonly pools: PoolSpans[]
  readonly counters: Counters
}

/** Empty, or what a snapshot remembers; throws `SnapshotError` when that cannot be used. */
export function restoreState(
  snapshot: AnalyzerSnapshot | undefined,
  keptLimits: ConstructorParameters<typeof KeptExecutions>[0],
): AnalyzerState {
  const flows = snapshot === undefined ? [] : fromSnapshot(snapshot)
  return {
    flows: new Map(flows.map((flow) => [flow.key, flow])),
    kept: new KeptExecutions(keptLimits),
    pools: [],
    counters: {},
  }
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
