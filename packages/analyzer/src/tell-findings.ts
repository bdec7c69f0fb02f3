import type { Finding, FindingChange } from './detect/finding.ts'
import type { FlowSettings } from './enter-flow.ts'
import { NOTHING } from './explained-changes.ts'
import type { FlowState } from './flow-state.ts'
import { isRecentIn } from './recent-executions.ts'
import { reconcile } from './recommend/reconcile.ts'
import { type EvidenceShell, pinTold, showThese } from './shown-evidence.ts'

/** One fault with its bottleneck and advice, three times over; the events tell every one. */
const MAX_RESOLVED_COUNT = 10

/** Takes what changed into the flow's findings; what is advised follows from them, and from the executions since. */
export function tell(
  flow: FlowState,
  found: readonly FindingChange[],
  {
    nowUnixNs,
    settings,
    isAdviceDue = false,
    ...shell
  }: {
    readonly nowUnixNs: bigint
    readonly settings: FlowSettings
    readonly isAdviceDue?: boolean
  } & EvidenceShell,
): readonly FindingChange[] {
  if (found.length === 0 && !isAdviceDue) return NOTHING
  const isRecent = isRecentIn(flow, settings.keptCount)
  const changes = found.map(({ change, finding }) => ({
    change,
    finding: showThese(finding, flow, isRecent),
  }))
  flow.findings = applyChanges(flow.findings, changes)
  const advised = reconcile({
    ...settings,
    findings: flow.findings,
    history: flow.history,
    from: flow.watch.detector.baselineStart,
    nowUnixNs,
  })
  if (changes.length + advised.length === 0) return NOTHING
  flow.findings = applyChanges(flow.findings, advised)
  const told = [...changes, ...advised]
  const ended = told.flatMap(({ change, finding }) => (change === 'resolved' ? [finding] : []))
  flow.resolved = [...flow.resolved, ...ended].slice(-MAX_RESOLVED_COUNT)
  pinTold(flow, told, shell)
  return told
}

function applyChanges(findings: readonly Finding[], changes: readonly FindingChange[]): Finding[] {
  const changed = new Map(changes.map(({ finding }) => [finding.id, finding]))
  const opened = changes.flatMap((one) => (one.change === 'opened' ? [one.finding] : []))
  return [...findings.map((finding) => changed.get(finding.id) ?? finding), ...opened].filter(
    ({ state }) => state === 'open',
  )
}
