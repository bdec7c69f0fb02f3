import type { Finding, Plain, Recommendation, Severity } from '@qflow-otel/analyzer'

/** A finding with what to do about it; a recommendation whose findings are not shown stands alone. */
export interface FindingGroup {
  readonly finding: Plain<Finding>
  readonly recommendations: readonly Plain<Recommendation>[]
}

/** Groups in reading order: the most severe first, changes before standing bottlenecks, the largest first. */
export function groupFindings(findings: readonly Plain<Finding>[]): {
  open: FindingGroup[]
  resolved: FindingGroup[]
} {
  const recommendations = findings.filter((finding) => finding.kind === 'recommendation')
  const shownIds = new Set(findings.map(({ id }) => id))
  const groups = findings
    .filter((finding) => finding.kind !== 'recommendation' || standsAlone(finding, shownIds))
    .map((finding) => ({
      finding,
      recommendations: recommendations.filter((advice) =>
        advice.forFindingIds.includes(finding.id),
      ),
    }))
    .sort((a, b) => compare(a.finding, b.finding))
  return {
    open: groups.filter(({ finding }) => finding.state === 'open'),
    resolved: groups.filter(({ finding }) => finding.state === 'resolved'),
  }
}

function standsAlone(
  recommendation: Plain<Recommendation>,
  shownIds: ReadonlySet<string>,
): boolean {
  return !recommendation.forFindingIds.some((id) => shownIds.has(id))
}

const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low']
const kinds: readonly Finding['kind'][] = ['regression', 'bottleneck', 'recommendation', 'anomaly']

function compare(a: Plain<Finding>, b: Plain<Finding>): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
    effectRatio(b) - effectRatio(a) ||
    Number(BigInt(b.openedUnixNs) - BigInt(a.openedUnixNs)) ||
    (a.id < b.id ? -1 : 1)
  )
}

function effectRatio(finding: Plain<Finding>): number {
  if (finding.kind === 'regression') return Math.abs(finding.effect.value)
  if (finding.kind === 'anomaly') return finding.durationMs / finding.medianMs
  return finding.kind === 'bottleneck' ? finding.speedup.value : finding.predictedGain.value
}
