import { type AlertReport, falseAlarmWords, type Plain, type Report } from '@qflow-otel/analyzer'
import type { ComponentChildren, VNode } from 'preact'
import { AlertCard } from './alert-card.tsx'
import { countOfText } from './format.ts'

/** More than this many at once help nobody; the rest is counted. */
const maxCards = 20

/** What became worse, once for each cause, with its findings; then what is over, folded; then how far to trust it. */
export function Alerts({
  report,
  none,
}: {
  report: Plain<Report>
  /** Stands where none is open. */
  none: ComponentChildren
}): VNode {
  const { alerts, falseAlarms } = report
  const open = alerts.filter(({ state }) => state === 'open')
  const ended = alerts.filter(({ state }) => state !== 'open')
  return (
    <>
      {open.length === 0 ? none : <AlertCards alerts={open} report={report} />}
      {ended.length > 0 && (
        <details class="resolved">
          <summary>{countOfText(ended.length, 'alert')} that ended</summary>
          <AlertCards alerts={ended} report={report} />
        </details>
      )}
      <p class="muted small" data-false-alarms>
        False alarms: {falseAlarmWords(falseAlarms)}.
      </p>
    </>
  )
}

function AlertCards({
  alerts,
  report,
}: {
  alerts: readonly Plain<AlertReport>[]
  report: Plain<Report>
}): VNode {
  return (
    <>
      {alerts.slice(0, maxCards).map((alert) => (
        <AlertCard key={alert.id} alert={alert} findings={report.findings} />
      ))}
      {alerts.length > maxCards && (
        <p class="quiet">
          {countOfText(alerts.length - maxCards, 'more alert')}, older, not drawn here.
        </p>
      )}
    </>
  )
}
