import type { Alert, AlertChange } from './alert.ts'
import { type AlertBook, type AlertContext, type AlertRecord, findRecord } from './alert-book.ts'
import { endAlert, reopenAlert } from './alert-life.ts'
import { calibrate, revoke } from './calibration.ts'

/** What a user may do with an alert. `reopen` takes back whatever was done, a verdict included. */
export const ALERT_ACTIONS = [
  'acknowledge',
  'snooze',
  'resolve',
  'false-positive',
  'reopen',
] as const

export type AlertActionName = (typeof ALERT_ACTIONS)[number]

/** One action on one alert. */
export interface AlertAction {
  readonly alertId: string
  readonly action: AlertActionName
  readonly nowUnixNs: bigint
  /** Of a snooze: when it ends. */
  readonly untilUnixNs?: bigint
}

/** An action that cannot be done, and why. */
export class AlertActionError extends Error {
  override readonly name = 'AlertActionError'
  readonly reason: 'unknown-alert' | 'wrong-state' | 'bad-time'

  constructor(reason: AlertActionError['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

/** A snooze longer than this is forgotten by whoever said it. */
export const MAX_SNOOZE_MS: number = 30 * 86_400_000
const MAX_SNOOZE_NS = BigInt(MAX_SNOOZE_MS) * 1_000_000n

/** Does it and returns the change. Throws `AlertActionError`, and then nothing has changed. */
export function actOnAlert(
  book: AlertBook,
  act: AlertAction,
  context: Pick<AlertContext, 'counters'>,
): AlertChange {
  const record = findRecord(book, act.alertId)
  if (record === undefined) {
    const message = `alert ${act.alertId} is not known: it was never opened, or it ended too long ago`
    throw new AlertActionError('unknown-alert', message)
  }
  switch (act.action) {
    case 'acknowledge':
      return become(openOnly(record, act), { status: 'acknowledged' }, act)
    case 'snooze':
      return snooze(openOnly(record, act), act)
    case 'resolve':
      return end(book, openOnly(record, act), act)
    case 'false-positive':
      return callFalse(book, record, { act, context })
    case 'reopen':
      return takeBack(book, record, act)
  }
}

function snooze(record: AlertRecord, act: AlertAction): AlertChange {
  const { untilUnixNs, nowUnixNs } = act
  const isGood =
    untilUnixNs !== undefined && untilUnixNs > nowUnixNs && untilUnixNs - nowUnixNs <= MAX_SNOOZE_NS
  if (!isGood) {
    const message = 'snooze: expected an end that lies ahead, within 30 days; found another'
    throw new AlertActionError('bad-time', message)
  }
  return become(record, { status: 'snoozed', snoozedUntilUnixNs: untilUnixNs }, act)
}

function end(book: AlertBook, record: AlertRecord, { nowUnixNs }: AlertAction): AlertChange {
  return endAlert(book, record, { unixNs: nowUnixNs, status: 'resolved', endedBy: 'user' })
}

/** Ends it, and what it told of needs more from now on. */
function callFalse(
  book: AlertBook,
  record: AlertRecord,
  { act, context }: { act: AlertAction; context: Pick<AlertContext, 'counters'> },
): AlertChange {
  const { alertId, nowUnixNs } = act
  if (record.alert.status === 'false-positive') throw wrongState(record.alert, act)
  const { findings } = record
  const { calibrations, forgottenCount } = calibrate(book.calibrations, { alertId, findings })
  book.calibrations = calibrations
  if (forgottenCount > 0) {
    const { counters } = context
    counters['calibration_limit'] = (counters['calibration_limit'] ?? 0) + forgottenCount
  }
  book.falsePositiveCount += 1
  return endAlert(book, record, {
    unixNs: nowUnixNs,
    status: 'false-positive',
    endedBy: 'user',
  })
}

/** Open again when something of it still is; a verdict is taken back in any case. */
function takeBack(book: AlertBook, record: AlertRecord, act: AlertAction): AlertChange {
  const { alert } = record
  if (alert.status === 'open' || alert.endedBy === 'merge') throw wrongState(alert, act)
  if (alert.status === 'false-positive') {
    book.calibrations = revoke(book.calibrations, alert.id)
    book.falsePositiveCount -= 1
  }
  if (alert.state === 'open') return become(record, { status: 'open' }, act)
  if (record.openIds.length === 0) {
    if (alert.status !== 'false-positive') throw wrongState(alert, act)
    return become(record, { status: 'resolved' }, act)
  }
  const { reopenedCount } = alert
  reopenAlert(book, record, act.nowUnixNs, 'open')
  // It did not come back by itself.
  record.returnsUnixNs.pop()
  return become(record, { status: 'open', reopenedCount }, act)
}

function become(
  record: AlertRecord,
  now: Partial<Pick<Alert, 'status' | 'snoozedUntilUnixNs' | 'reopenedCount'>>,
  { nowUnixNs }: AlertAction,
): AlertChange {
  record.alert = {
    ...record.alert,
    snoozedUntilUnixNs: undefined,
    ...now,
    updatedUnixNs: nowUnixNs,
  }
  return { change: 'updated', finding: record.alert }
}

function openOnly(record: AlertRecord, act: AlertAction): AlertRecord {
  if (record.alert.state !== 'open') throw wrongState(record.alert, act)
  return record
}

function wrongState({ id, status }: Alert, { action }: AlertAction): AlertActionError {
  const message = `${action}: expected an alert that ${ALLOWING[action]}, found ${id}, which is ${status}`
  return new AlertActionError('wrong-state', message)
}

const NOT_ENDED = 'is open, acknowledged or snoozed'
/** Which alerts allow it. */
const ALLOWING: Readonly<Record<AlertActionName, string>> = {
  acknowledge: NOT_ENDED,
  snooze: NOT_ENDED,
  resolve: NOT_ENDED,
  'false-positive': 'was not called false before',
  reopen:
    'is acknowledged, snoozed or called false, or that was ended while something of it went on',
}
