import { isOverall, isSamePhase } from '../../baseline/place.ts'
import type { Finding, Place } from '../../detect/finding.ts'
import type { Alert } from './alert.ts'

/**
 * What else is known where an alert lies: its own regressions, bottlenecks at the same places, and advice for either; what a
 * bottleneck gained before the alert says nothing of what there is to gain now.
 */
export function relatedFindings(alert: Alert, findings: readonly Finding[]): readonly Finding[] {
  const own = findings.filter(({ id }) => alert.findingIds.includes(id))
  const bottlenecks = findings.filter(
    (one) =>
      one.kind === 'bottleneck' &&
      one.state === 'open' &&
      own.some(({ place }) => isAt(one.place, place)),
  )
  const present = bottlenecks.filter(({ updatedUnixNs }) => updatedUnixNs >= alert.openedUnixNs)
  const advised = new Set([...own, ...present].map(({ id }) => id))
  const advice = findings.filter(
    (one) => one.kind === 'recommendation' && one.forFindingIds.some((id) => advised.has(id)),
  )
  return [...own, ...bottlenecks, ...advice]
}

function isAt(a: Place, b: Place): boolean {
  const isPart = a.phase === b.phase && (isOverall(a) || isOverall(b))
  return a.flowId === b.flowId && (isSamePhase(a, b) || isPart)
}
