import { isSamePhase } from './baseline/place.ts'
import { placeSavings } from './detect/bottleneck/place-savings.ts'
import { presentEntries } from './detect/bottleneck/present-savings.ts'
import type { Finding } from './detect/finding.ts'
import { bottleneckFinding } from './explain/bottleneck-finding.ts'
import type { FlowState } from './flow-state.ts'
import { presentRecommendations } from './recommend/reconcile.ts'

/**
 * The open findings of a flow as they are now. A share or a gain is told once and again when that is news; whoever asks gets
 * what the executions since say, the same that all else in the answer rests on. O(entries of the history).
 */
export function presentFindings(flow: FlowState): readonly Finding[] {
  const { tenant, flowId, history, watch } = flow
  if (!flow.findings.some(isRefreshed)) return flow.findings
  const from = watch.detector.baselineStart
  const findings = withPresentShares(flow, from)
  const nowUnixNs = history.entries.at(-1)?.endUnixNs ?? 0n
  const advised = presentRecommendations({ tenant, flowId, findings, history, from, nowUnixNs })
  return findings.map((finding) => advised.find(({ id }) => id === finding.id) ?? finding)
}

/** Of a regression the level is measured on and on; an anomaly is what it was. */
function isRefreshed({ kind }: Finding): boolean {
  return kind === 'bottleneck' || kind === 'recommendation'
}

function withPresentShares({ tenant, flowId, findings, history, waits }: FlowState, from: number) {
  const entries = presentEntries(history, from)
  const places = placeSavings(history, entries)
  const newest = entries.at(-1)
  return findings.map((finding): Finding => {
    const wait = waits.find(({ id }) => id === finding.id)
    const now = wait && places.find(({ place }) => isSamePhase(place, wait.place))
    if (wait === undefined || now === undefined || newest === undefined) return finding
    const { speedup, savedMs } = now
    const meanDurationMs = entries.reduce((sum, one) => sum + one.durationMs, 0) / entries.length
    const figures = { speedup, savedMs, meanDurationMs, updatedUnixNs: newest.endUnixNs }
    const { flowVersion } = finding.place
    return bottleneckFinding({ ...wait, ...figures }, { tenant, flowId, flowVersion })
  })
}
