import type { Analyzer, FlowReport, Plain } from '@qflow-otel/analyzer'
import { MAX_EXECUTION_LIMIT, queryExecution, queryExecutions } from '@qflow-otel/collector'
import type { DrawnExecution } from '../render/drawn-execution.ts'

/** Of the executions of a flow that are known in full the one that took most nearly the median; of equals the newest. */
export function typicalExecution(
  analyzer: Analyzer,
  { flowId, durationMs }: Plain<FlowReport>,
): DrawnExecution | undefined {
  const medianMs = durationMs.p50?.value
  if (medianMs === undefined) return undefined
  const { executions } = queryExecutions(analyzer, { flowId, limit: MAX_EXECUTION_LIMIT })
  const distanceMs = (ms: number | undefined) => Math.abs((ms ?? Number.MAX_VALUE) - medianMs)
  const [nearest] = executions
    .filter((execution) => execution.durationMs !== undefined)
    .toSorted((a, b) => distanceMs(a.durationMs) - distanceMs(b.durationMs))
  return nearest && queryExecution(analyzer, nearest.executionId)?.execution
}
