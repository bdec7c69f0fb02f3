import { mergeHours, mergeVersions, type StepBaseline } from './baseline/flow-baseline.ts'
import { meanParts } from './baseline/history.ts'
import { type HistoryEntry, partMs } from './baseline/history-entry.ts'
import type { Estimate } from './detect/finding.ts'
import type { FlowState } from './flow-state.ts'
import type { CriticalPathShare, FlowReport, HourReport, StepReport } from './report.ts'
import { ratioInterval } from './stats/mean-interval.ts'
import { summarizeQuantiles } from './stats/quantile-interval.ts'
import type { Phase } from './trace/execution.ts'

/** A flow's figures, all versions together. */
export function flowReport(
  flow: FlowState,
  settings: { readonly minSampleCount: number; readonly falseAlarmBudgetExecutions: number },
): FlowReport {
  const all = mergeVersions(flow.versions)
  const learningLeftCount = Math.max(0, settings.minSampleCount - flow.watch.detector.count)
  return {
    tenant: flow.tenant,
    flowId: flow.flowId,
    versions: flow.versions.flatMap(({ version }) => (version === undefined ? [] : [version])),
    executionCount: all.executionCount,
    failedCount: all.failedCount,
    state: learningLeftCount > 0 ? 'learning' : 'watching',
    learningLeftCount,
    durationMs: summarizeQuantiles(all.durationMs),
    hours: mergeHours(flow.versions).map(hourReport),
    steps: all.steps.map(stepReport),
    criticalPath: criticalPathShares(flow),
    falseAlarmBudgetExecutions: settings.falseAlarmBudgetExecutions,
  }
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

function stepReport(step: StepBaseline): StepReport {
  return {
    stepId: step.stepId,
    type: step.type,
    action: step.action,
    runCount: step.runCount,
    failedCount: step.failedCount,
    durationMs: summarizeQuantiles(step.durationMs),
    phasesMs: meanPhases(step),
    missingPhases: step.missingPhases,
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

/** Over the kept executions, the largest first. */
function criticalPathShares({ history }: FlowState): CriticalPathShare[] {
  const { entries, places } = history
  return meanParts(history, entries)
    .map((meanMs, index) => ({ meanMs, index }))
    .filter(({ meanMs }) => meanMs > 0)
    .sort((a, b) => b.meanMs - a.meanMs || a.index - b.index)
    .flatMap(({ meanMs, index }) => {
      const place = places[index]
      if (place === undefined) return []
      return [{ ...place, meanMs, share: shareOf(entries, index) }]
    })
}

function shareOf(entries: readonly HistoryEntry[], index: number): Estimate {
  const pairs = entries.map((entry) => ({
    part: partMs(entry, index),
    whole: entry.durationMs,
  }))
  const interval = ratioInterval(pairs)
  if (interval !== undefined) return clampRatio(interval)
  // One execution: the share is what it is, and its interval says that nothing is known.
  const [only = { part: 0, whole: 1 }] = pairs
  return { value: only.part / only.whole, low: 0, high: 1, n: pairs.length }
}

function clampRatio({ value, low, high, n }: Estimate): Estimate {
  return { value, low: Math.max(0, low), high: Math.min(1, high), n }
}
