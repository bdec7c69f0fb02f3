import type { AnalyzerState } from './analyzer-state.ts'
import { mergeVersions, type StepBaseline } from './baseline/flow-baseline.ts'
import { learntOrder } from './baseline/learnt-orders.ts'
import type { PlaceMs } from './baseline/observation.ts'
import { flowConcurrency } from './baseline/recent-runs.ts'
import { variantKey } from './baseline/variants.ts'
import { curveReports } from './curve-report.ts'
import { poolReports } from './detect/bottleneck/contention.ts'
import type { Finding } from './detect/finding.ts'
import type { DetectionSettings } from './detection-settings.ts'
import type { Answer } from './explain/answer.ts'
import { compareExecution, type ExecutionComparison } from './explain/compare.ts'
import { mixShiftSentence } from './explain/mix-shift-sentence.ts'
import { whyExecution } from './explain/why-execution.ts'
import { whyFlow } from './explain/why-flow.ts'
import { driftReport } from './flow-drift.ts'
import type { FlowState } from './flow-state.ts'
import { criticalPath } from './path/critical-path.ts'
import { flowOrder } from './path/flow-order.ts'
import type { PathSegment } from './path/path-segment.ts'
import { ownPhases, pathTotals } from './path/phases.ts'
import { queueReports } from './queue-report.ts'
import type { ExecutionReport, ReportedSegment } from './report.ts'
import { findingsNow } from './shown-evidence.ts'
import { slackReports } from './slack-report.ts'
import { summarizeQuantiles } from './stats/quantile-interval.ts'
import { msFromNs } from './time/unix-ns.ts'
import type { Execution } from './trace/execution.ts'
import { variantReports } from './variant-report.ts'

/** One execution with its path, set against its flow; absent when it is not known. */
export function executionReport(
  state: AnalyzerState,
  execution: Execution | undefined,
): ExecutionReport | undefined {
  if (execution === undefined) return undefined
  const path = pathOf(state, execution)
  return {
    execution,
    path: withOwnPhases(execution, path),
    totals: pathTotals(execution, path),
    comparison: comparisonOf(state, execution, partsOf(execution, path)),
    findings: findingsOf(state, execution),
  }
}

function withOwnPhases(
  execution: Execution,
  path: readonly PathSegment[],
): readonly ReportedSegment[] {
  const phases = ownPhases(execution, path)
  return path.map((segment, index) => ({ ...segment, ownPhases: phases[index] }))
}

/** Why it took as long as it did; absent when it is not known. */
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
    findings: findingsOf(state, execution),
  })
}

/** Absent for a flow nobody has seen. */
export function answerFlow(
  state: AnalyzerState,
  { tenant = 'default', flowId }: { tenant?: string; flowId: string },
  { minSampleSize, enableDetection }: Pick<DetectionSettings, 'enableDetection' | 'minSampleSize'>,
): Answer | undefined {
  const flow = state.flows.find({ tenant, flowId })
  if (flow === undefined) return undefined
  state.usual.settle(flow)
  const all = mergeVersions(flow.versions)
  return whyFlow({
    flowId,
    executionCount: all.executionCount,
    failedCount: all.failedCount,
    learningLeftCount: enableDetection ? Math.max(0, minSampleSize - flow.watch.detector.count) : 0,
    durationMs: summarizeQuantiles(all.durationMs),
    drift: driftReport(flowId, flow.drift),
    history: flow.history,
    many: manyOf(state, flow, all.steps),
    findings: findingsNow(state, flow),
    mixShifts: flow.watch.mixShifts.map((shift) => mixShiftSentence(flowId, shift)),
  })
}

function manyOf(
  { pools, kept }: AnalyzerState,
  flow: FlowState,
  steps: readonly StepBaseline[],
): Parameters<typeof whyFlow>[0]['many'] {
  return {
    variants: variantReports(flow),
    curves: curveReports(flow),
    slacks: slackReports(flow),
    concurrency: flowConcurrency(flow.runs)?.flow,
    queues: queueReports(flow.queues),
    pools: poolReports(pools, flow.tenant, (one) => kept.has(one)),
    resourceWaits: steps.flatMap(({ stepId, phases }) => {
      const wait = phases.find(({ phase }) => phase === 'resource_wait')
      return wait === undefined || wait.ms.count === 0
        ? []
        : [{ stepId, meanMs: wait.sumMs / wait.ms.count }]
    }),
  }
}

function findingsOf(state: AnalyzerState, execution: Execution): readonly Finding[] {
  const flow = state.flows.find(execution)
  return flow === undefined ? [] : findingsNow(state, flow)
}

/** A running execution is not compared: it has not taken its time yet. */
function comparisonOf(
  state: AnalyzerState,
  execution: Execution,
  parts: readonly PlaceMs[],
): ExecutionComparison | undefined {
  const flow = state.flows.find(execution)
  if (flow === undefined || execution.closeReason === undefined) return undefined
  const { executionId } = execution
  return compareExecution(flow.history, {
    executionId,
    variant: variantOf(flow, execution),
    durationMs: msFromNs(execution.activeNs),
    parts,
  })
}

function variantOf({ variants }: FlowState, { steps }: Execution): number | undefined {
  const key = variantKey(
    steps.map(({ stepId, errorType }) => ({ stepId, isFailed: errorType !== undefined })),
  )
  const index = variants.all.findIndex((variant) => variant.key === key)
  return index < 0 ? undefined : index
}

/** Over the edges of the flow's definition and what was learnt of its version, where they are known. */
function pathOf(state: AnalyzerState, execution: Execution): readonly PathSegment[] {
  const flow = state.flows.find(execution)
  const learnt = flow && learntOrder(flow.orders, execution.flowVersion)
  const isKnown = flow?.definition !== undefined || learnt !== undefined
  return criticalPath(execution, isKnown ? flowOrder(flow?.definition, learnt) : undefined)
}

function partsOf(execution: Execution, path: readonly PathSegment[]): PlaceMs[] {
  return pathTotals(execution, path)
    .filter(({ phase }) => phase !== 'paused')
    .map(({ stepId, phase, spanName, ns }) => ({
      place: { stepId, phase, spanName },
      ms: msFromNs(ns),
    }))
}
