import { mergeHours, mergeVersions, type StepBaseline } from './baseline/flow-baseline.ts'
import { type Mark, marksOf } from './baseline/marks.ts'
import { type FlowConcurrency, flowConcurrency } from './baseline/recent-runs.ts'
import { curveReports } from './curve-report.ts'
import { deploymentReports } from './deployment-reports.ts'
import { isTrafficLearned } from './detect/series/traffic-level.ts'
import type { DetectionSettings } from './detection-settings.ts'
import { mixShiftSentence } from './explain/mix-shift-sentence.ts'
import { driftReport } from './flow-drift.ts'
import type { FlowState } from './flow-state.ts'
import { criticalPathShares } from './path-shares.ts'
import { queueReports } from './queue-report.ts'
import type { FlowReport, HourReport, MixShiftReport, SlackReport, StepReport } from './report.ts'
import { slackReports } from './slack-report.ts'
import { summarizeQuantiles } from './stats/quantile-interval.ts'
import type { Phase } from './trace/execution.ts'
import { variantReports } from './variant-report.ts'

/** A flow's figures, all versions together. */
export function flowReport(
  flow: FlowState,
  settings: Pick<
    DetectionSettings,
    'enableDetection' | 'minSampleSize' | 'falseAlarmBudgetExecutions'
  >,
  /** Of all flows. */
  marks: readonly Mark[],
): FlowReport {
  const all = mergeVersions(flow.versions)
  const concurrency = flowConcurrency(flow.runs)
  const slacks = slackReports(flow)
  const { minSampleSize } = settings
  const learnedCount = flow.watch.detector.count
  const learningLeftCount = Math.max(0, minSampleSize - learnedCount)
  return {
    tenant: flow.tenant,
    flowId: flow.flowId,
    versions: flow.versions.flatMap(({ version }) => (version === undefined ? [] : [version])),
    executionCount: all.executionCount,
    failedCount: all.failedCount,
    state: settings.enableDetection ? (learningLeftCount > 0 ? 'learning' : 'watching') : 'off',
    learnedCount,
    traffic: trafficState(flow, settings),
    minSampleSize,
    learningLeftCount,
    durationMs: summarizeQuantiles(all.durationMs),
    hours: mergeHours(flow.versions).map(hourReport),
    drift: driftReport(flow.flowId, flow.drift),
    steps: all.steps.map((step) => stepReport(step, { concurrency, slacks })),
    criticalPath: criticalPathShares(flow.history, flow.history.entries),
    variants: variantReports(flow),
    curves: curveReports(flow),
    concurrency: concurrency?.flow,
    queues: queueReports(flow.queues),
    deployments: deploymentReports(flow, marksOf(marks, flow)),
    mixShifts: mixShiftReports(flow),
    falseAlarmBudgetExecutions: settings.falseAlarmBudgetExecutions,
  }
}

function mixShiftReports({ flowId, watch }: FlowState): readonly MixShiftReport[] {
  return watch.mixShifts.map(({ series, ...shift }) => ({
    ...shift,
    sentence: mixShiftSentence(flowId, { ...shift, series }),
  }))
}

function trafficState(
  { traffic, watch }: FlowState,
  { enableDetection, minSampleSize }: Pick<DetectionSettings, 'enableDetection' | 'minSampleSize'>,
): FlowReport['traffic'] {
  if (!enableDetection) return 'off'
  if (traffic.isUnknown) return 'unknown_sampling'
  const { detector } = watch
  if (traffic.widthMs === 0) return detector.count < minSampleSize ? 'learning' : 'too_rare'
  return isTrafficLearned(detector.traffic, traffic.widthMs) ? 'watching' : 'learning'
}

function hourReport(hour: ReturnType<typeof mergeHours>[number]): HourReport {
  const { startUnixNs, executionCount, failedCount, durationMs } = hour
  return {
    startUnixNs,
    executionCount,
    failedCount,
    durationMs: summarizeQuantiles(durationMs),
  }
}

function stepReport(
  step: StepBaseline,
  found: {
    readonly concurrency: FlowConcurrency | undefined
    readonly slacks: ReadonlyMap<string, SlackReport>
  },
): StepReport {
  return {
    stepId: step.stepId,
    type: step.type,
    action: step.action,
    runCount: step.runCount,
    failedCount: step.failedCount,
    durationMs: summarizeQuantiles(step.durationMs),
    phasesMs: meanPhases(step),
    missingPhases: step.missingPhases,
    slack: found.slacks.get(step.stepId),
    concurrency: found.concurrency?.steps.get(step.stepId),
  }
}

/** Mean over the runs in which the phase was measured; never measured is absent. */
function meanPhases(step: StepBaseline): StepReport['phasesMs'] {
  const means: Partial<Record<Phase, number>> = {}
  for (const { phase, missingCount, sumMs } of step.phases) {
    const runCount = step.runCount - missingCount
    if (runCount > 0) means[phase] = sumMs / runCount
  }
  return means
}
