import type { Finding, FindingChange, Plain } from '@qflow-otel/analyzer'

/** What happened between two looks at the findings, in the order in which it is listed now. */
export function findingChanges(
  before: readonly Plain<Finding>[],
  after: readonly Plain<Finding>[],
): readonly Plain<FindingChange>[] {
  const known = new Map(before.map((finding) => [finding.id, finding]))
  return after.flatMap((finding) => {
    const change = changeOf(known.get(finding.id), finding)
    return change === undefined ? [] : [{ change, finding }]
  })
}

function changeOf(
  before: Plain<Finding> | undefined,
  after: Plain<Finding>,
): FindingChange['change'] | undefined {
  if (before === undefined) return after.state === 'open' ? 'opened' : undefined
  if (before.state === after.state && before.updatedUnixNs === after.updatedUnixNs) return undefined
  if (after.state === 'resolved') return before.state === 'resolved' ? undefined : 'resolved'
  return before.state === 'resolved' ? 'opened' : 'updated'
}
