import type { AnalyzerState } from './analyzer-state.ts'
import { executionRatePerMs } from './baseline/execution-rate.ts'
import { entriesBetween } from './baseline/history.ts'
import type { DetectionSettings } from './detection-settings.ts'
import type { FlowState } from './flow-state.ts'
import type { DetectionReport, FlowNoise } from './report.ts'

const MS_PER_HOUR = 3_600_000

/** The settings in force and what the flows that are asked about are like, in the order of their ids. */
export function detectionReport(
  { flows }: AnalyzerState,
  { tenant, flowId }: { readonly tenant?: string; readonly flowId?: string },
  settings: DetectionSettings,
): DetectionReport {
  const asked = [...flows.all()].filter(
    (flow) =>
      (tenant === undefined || flow.tenant === tenant) &&
      (flowId === undefined || flow.flowId === flowId),
  )
  return { settings, flows: asked.sort((a, b) => (a.key < b.key ? -1 : 1)).map(noiseOf) }
}

function noiseOf({ tenant, flowId, history, watch }: FlowState): FlowNoise {
  const entries = entriesBetween(history, watch.detector.baselineStart)
  return {
    tenant,
    flowId,
    durationsMs: entries.map(({ durationMs }) => durationMs),
    executionsPerHour: executionRatePerMs(history, history.entries) * MS_PER_HOUR,
  }
}
