import type { AnalyzerState } from './analyzer-state.ts'
import type { ExecutionSummary } from './report.ts'
import { msFromNs } from './time/unix-ns.ts'
import type { Assembler } from './trace/assembler.ts'
import type { ExecutionFacts } from './trace/stored-execution.ts'

/** Executions listed when the caller states no limit. */
const DEFAULT_LIST_COUNT = 100

/** Kept and running ones of a tenant, the newest first. */
export function listExecutions(
  state: Pick<AnalyzerState, 'kept'>,
  assembler: Assembler,
  query: { readonly tenant: string; readonly flowId?: string; readonly limit?: number },
): ExecutionSummary[] {
  const { tenant, flowId, limit = DEFAULT_LIST_COUNT } = query
  if (!(limit >= 1)) return []
  const isAsked = (one: ExecutionFacts) =>
    one.tenant === tenant && (flowId === undefined || one.flowId === flowId)
  const closed = [...state.kept.facts()].filter(isAsked)
  const isHidden = (key: { tenant: string; executionId: string }) => state.kept.has(key)
  const running = assembler.running({ tenant, flowId, limit, isHidden })
  return [...closed, ...running].sort(newestFirst).slice(0, limit).map(summarize)
}

function newestFirst(a: ExecutionFacts, b: ExecutionFacts): number {
  if (a.startUnixNs !== b.startUnixNs) return a.startUnixNs > b.startUnixNs ? -1 : 1
  return a.executionId < b.executionId ? -1 : 1
}

function summarize(execution: ExecutionFacts): ExecutionSummary {
  const { tenant, executionId, flowId, flowVersion, status, startUnixNs, spanCount } = execution
  const isClosed = execution.closeReason !== undefined
  return {
    tenant,
    executionId,
    flowId,
    flowVersion,
    traceId: execution.traceIds[0] ?? '',
    status,
    startUnixNs,
    durationMs: isClosed ? msFromNs(execution.durationNs) : undefined,
    spanCount,
    closeReason: execution.closeReason,
  }
}
