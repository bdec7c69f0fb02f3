import type { AlertReport, Finding, Plain } from '@qflow-otel/analyzer'
import type { VNode } from 'preact'
import { AlertButtons } from './alert-buttons.tsx'
import { groupFindings } from './finding-groups.ts'
import { Cards } from './findings.tsx'
import { countOfText } from './format.ts'
import { FlowLink } from './links.tsx'
import { SpanText } from './span-text.tsx'
import { Time } from './time.tsx'

/** Flows that are named; more are counted. */
const maxNamedFlows = 6

/** One problem: its sentence, which begins with the cause, since when and to whom, what can be said about it, and its findings. */
export function AlertCard({
  alert,
  findings,
}: {
  alert: Plain<AlertReport>
  findings: readonly Plain<Finding>[]
}): VNode {
  const { open, resolved } = groupFindings(
    findings.filter(({ id }) => alert.relatedIds.includes(id)),
  )
  const shown = [...open, ...resolved]
  return (
    <article class={`alert severity-${alert.severity}`} data-alert={alert.status}>
      <div class="alert-main">
        <div>
          <header>
            <span class="badge">{alert.status}</span>
            <span class="severity">{alert.severity}</span>
          </header>
          <p class="sentence">
            <SpanText text={alert.sentence} maxLength={600} />
          </p>
          <Facts alert={alert} />
        </div>
        <AlertButtons alert={alert} />
      </div>
      {shown.length > 0 && (
        <details open={alert.status === 'open'}>
          <summary>{countOfText(shown.length, 'finding')} behind it</summary>
          <Cards groups={shown} />
        </details>
      )}
    </article>
  )
}

function Facts({ alert }: { alert: Plain<AlertReport> }): VNode {
  const { flowIds, onsetUnixNs, updatedUnixNs, snoozedUntilUnixNs, reopenedCount, state } = alert
  const restCount = flowIds.length - maxNamedFlows
  return (
    <p class="alert-facts small">
      <span>
        began <Time unixNs={onsetUnixNs} />
      </span>
      {state !== 'open' && (
        <span>
          ended <Time unixNs={updatedUnixNs} />
        </span>
      )}
      {snoozedUntilUnixNs !== undefined && (
        <span>
          snoozed until <Time unixNs={snoozedUntilUnixNs} />
        </span>
      )}
      {reopenedCount > 0 && <span>came back {countOfText(reopenedCount, 'time')}</span>}
      <span>
        {flowIds.length === 1 ? 'flow ' : 'flows '}
        {flowIds.slice(0, maxNamedFlows).map((flowId, index) => (
          <>
            {index > 0 && ', '}
            <FlowLink flowId={flowId} />
          </>
        ))}
        {restCount > 0 && ` and ${restCount} more`}
      </span>
    </p>
  )
}
