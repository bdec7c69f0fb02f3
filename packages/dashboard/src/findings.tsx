import type { Finding, Plain } from '@qflow-otel/analyzer'
import type { ComponentChildren, VNode } from 'preact'
import { FindingCard } from './finding-card.tsx'
import { type FindingGroup, groupFindings } from './finding-groups.ts'
import { countOfText } from './format.ts'

/** More than this many cards at once help nobody; the rest is counted. */
const maxCards = 50

/** Open findings with their recommendations, then the resolved ones, folded. */
export function Findings({
  findings,
  none,
}: {
  findings: readonly Plain<Finding>[]
  /** Stands where none is open. */
  none: ComponentChildren
}): VNode {
  const { open, resolved } = groupFindings(findings)
  return (
    <>
      {open.length === 0 ? none : <Cards groups={open} />}
      {resolved.length > 0 && (
        <details class="resolved">
          <summary>{countOfText(resolved.length, 'resolved finding')}</summary>
          <Cards groups={resolved} />
        </details>
      )}
    </>
  )
}

/** Findings with their advice, one card each. */
export function Cards({ groups }: { groups: readonly FindingGroup[] }): VNode {
  return (
    <>
      {groups.slice(0, maxCards).map(({ finding, recommendations }) => (
        <FindingCard key={finding.id} finding={finding} recommendations={recommendations} />
      ))}
      {groups.length > maxCards && (
        <p class="quiet">
          {countOfText(groups.length - maxCards, 'more finding')}, less severe, not drawn here.
        </p>
      )}
    </>
  )
}
