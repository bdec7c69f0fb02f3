import type { AnalyzerState } from './analyzer-state.ts'
import { mergeVersions } from './baseline/flow-baseline.ts'
import type { PlaceMs } from './baseline/observation.ts'
import type { Answer } from './explain/answer.ts'
import { compareExecution, type ExecutionComparison } from './explain/compare.ts'
import { whyExecution } from './explain/why-execution.ts'
import { whyFlow } from './explain/why-flow.ts'
import { flowKey } from './flow-state.ts'
import { criticalPath } from './path/critical-path.ts'
import { flowOrder } from './path/flow-order.ts'
import type { PathSegment } from './path/path-segment.ts'
import { pathTotals } from './path/phases.ts'
import type { ExecutionReport } from './report.ts'
import { summarizeQuantiles } from './stats/quantile-interval.ts'
import { msFromNs } from './time/unix-ns.ts'
import type { Execution } from './trace/execution.ts'

export function executionReport(
  state: AnalyzerState,
  execution: Execution | undefined,
): ExecutionReport | undefined {
  if (execution === undefined) return undefined
  const path = pathOf(state, execution)
  return {
    execution,
    path,
    totals: pathTotals(execution, path),
    comparison: comparisonOf(state, execution, partsOf(execution, path)),
    findings: state.flows.get(flowKey(execution))?.findings ?? [],
  }
}

export function answerExecution(
  state: AnalyzerState,
  execution: Execution | undefined,
): Answer | undefined {
  if (execution === undefined) return undefined
  const parts = partsOf(execution, pathOf(state, execution))
  return whyExecution({
    execution,
    parts,
    comparison: comparisonOf(state, execution, parts),
    findings: state.flows.get(flowKey(execution))?.findings ?? [],
  })
}

/** Absent for a flow nobody has seen. */
export function answerFlow(
  state: AnalyzerState,
  { tenant = 'default', flowId }: { tenant?: string; flowId: string },
  { minSampleCount }: { readonly minSampleCount: number },
): Answer | undefined {
  const flow = state.flows.get(flowKey({ tenant, flowId }))
  if (flow === undefined) return undefined
  const all = mergeVersions(flow.versions)
  return whyFlow({
    flowId,
    executionCount: all.executionCount,
    failedCount: all.failedCount,
    learningLeftCount: Math.max(0, minSampleCount - flow.watch.detector.count),
    durationMs: summarizeQuantiles(all.durationMs),
    history: flow.history,
    findings: flow.findings,
  })
}

/** A running execution is not compared: it has not taken its time yet. */
function comparisonOf(
  state: AnalyzerState,
  execution: Execution,
  parts: readonly PlaceMs[],
): ExecutionComparison | undefined {
  const flow = state.flows.get(flowKey(execution))
  if (flow === undefined || execution.closeReason === undefined) return undefined
  const { executionId } = execution
  return compareExecution(flow.history, {
    executionId,
    durationMs: msFromNs(execution.activeNs),
    parts,
  })
}

/** Over the edges of the flow's definition, where it is known: as the baseline saw it. */
function pathOf(state: AnalyzerState, execution: Execution): readonly PathSegment[] {
  const definition = state.flows.get(flowKey(execution))?.definition
  return criticalPath(execution, definition && flowOrder(definition))
}

function partsOf(execution: Execution, path: readonly PathSegment[]): PlaceMs[] {
  return pathTotals(execution, path)
    .filter(({ phase }) => phase !== 'paused')
    .map(({ stepId, phase, spanName, ns }) => ({
      place: { stepId, phase, spanName },
      ms: msFromNs(ns),
    }))
}
