import { type Alert, type AlertsReport, falseAlarmWords, type Plain } from '@qflow-otel/analyzer'
import { EMPTY_LINE, type Line, piece, type Tone } from '../text/line.ts'
import { counted, moment } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'
import { SHORT_ID_LENGTH } from './alert-line.ts'
import type { Layout } from './layout.ts'
import { placeName } from './place-name.ts'

/** Ended ones that are listed; the collector keeps more, `--json` has them. */
const MAX_ENDED = 10
const INDENT = SHORT_ID_LENGTH + 2

/** Open alerts with what can be said about them, then the last that ended, then what verdicts changed and how often the detector is wrong. */
export function alertListLines(
  { alerts, calibrations, falseAlarms }: Plain<AlertsReport>,
  { width }: Layout,
): readonly Line[] {
  const open = alerts.filter(({ state }) => state === 'open')
  const ended = alerts.filter(({ state }) => state !== 'open')
  const title = open.length === 0 ? 'No open alert' : counted(open.length, 'open alert')
  return [
    [piece(title, 'strong')],
    ...open.flatMap((alert) => [EMPTY_LINE, ...alertStateLines(alert, { width })]),
    ...(ended.length === 0 ? [] : [EMPTY_LINE, [piece('Ended lately', 'strong')]]),
    ...ended.slice(0, MAX_ENDED).flatMap((alert) => alertStateLines(alert, { width })),
    ...(calibrations.length === 0
      ? []
      : [EMPTY_LINE, [piece('Need more since they were called false', 'strong')]]),
    ...calibrations.flatMap((one) => calibrationLines(one, { width })),
    EMPTY_LINE,
    ...falseAlarmLines(falseAlarms, { width }),
  ]
}

/** How often the detector is wrong. */
export function falseAlarmLines(
  falseAlarms: Plain<AlertsReport>['falseAlarms'],
  { width }: Pick<Layout, 'width'>,
): readonly Line[] {
  const mark = [piece('False alarms: ', 'strong')]
  return wrapped({ text: falseAlarmWords(falseAlarms), width, indent: 14, mark })
}

/** One alert: what it says, and beneath it what was said about it. */
export function alertStateLines(
  alert: Plain<Alert>,
  { width }: Pick<Layout, 'width'>,
): readonly Line[] {
  const mark = [piece(alert.id.slice(0, SHORT_ID_LENGTH), toneOf(alert))]
  return [
    ...wrapped({ text: alert.sentence, width, indent: INDENT, mark }),
    ...wrapped({ text: stateWords(alert), width, indent: INDENT, tone: 'faint' }),
  ]
}

function stateWords(alert: Plain<Alert>): string {
  const { status, severity, flowIds, reopenedCount, openedUnixNs, updatedUnixNs } = alert
  const until = alert.snoozedUntilUnixNs
  const isOver = alert.state !== 'open'
  return [
    until === undefined ? status : `${status} until ${moment(until)}`,
    severity,
    counted(flowIds.length, 'flow'),
    `opened ${moment(openedUnixNs)}`,
    ...(isOver ? [`ended ${moment(updatedUnixNs)}`] : []),
    ...(reopenedCount > 0 ? [`came back ${counted(reopenedCount, 'time')}`] : []),
  ].join(' · ')
}

function calibrationLines(
  { flowId, stepId, phase, metric, alertIds }: Plain<AlertsReport>['calibrations'][number],
  { width }: Pick<Layout, 'width'>,
): readonly Line[] {
  const place = stepId === undefined ? flowId : `${flowId} › ${placeName({ stepId, phase })}`
  const verdicts = counted(alertIds.length, 'verdict')
  const ids = alertIds.map((id) => id.slice(0, SHORT_ID_LENGTH)).join(', ')
  const text = `${place} (${metric}): ${verdicts}; reopen ${ids} takes it back`
  return wrapped({ text, width, indent: 0 })
}

function toneOf({ state, severity, status }: Plain<Alert>): Tone {
  if (state !== 'open' || status === 'acknowledged' || status === 'snoozed') return 'faint'
  return severity === 'high' || severity === 'critical' ? 'bad' : 'warn'
}
