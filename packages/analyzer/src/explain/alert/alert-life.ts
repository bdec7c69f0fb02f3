import { countOne } from '../../baseline/counters.ts'
import type { Regression, Severity } from '../../detect/finding.ts'
import { findingId } from '../../detect/finding-id.ts'
import { durationUnixNs, earlierOf } from '../../time/unix-ns.ts'
import {
  type Alert,
  type AlertCause,
  type AlertChange,
  type AlertStatus,
  MAX_MEMBER_COUNT,
} from './alert.ts'
import type { AlertBook, AlertContext, AlertRecord } from './alert-book.ts'
import { MAX_ENDED_ALERT_COUNT, MAX_OPEN_ALERT_COUNT } from './alert-book.ts'
import { alertSentence } from './alert-sentence.ts'

/** What comes back within this time of its end is the same alert. */
const REOPEN_MS = 30 * 60_000
const REOPEN_NS = durationUnixNs(REOPEN_MS)
/** An alert that came back so often within `FLAP_MS` ends only when nothing of it was open for `REOPEN_MS`. */
const MAX_RETURN_COUNT = 2
const FLAP_NS = durationUnixNs(2 * 60 * 60_000)
/** Numbers of flows at which an alert is told anew; each flow that joins would be as many lines as findings. */
const TOLD_FLOW_COUNTS: readonly number[] = [2, 3, 5, 10, 20, 50]

/** A new alert; nothing when there is no room, as `alert_limit`. */
export function openAlert(
  book: AlertBook,
  { finding, cause, unixNs }: { finding: Regression; cause: AlertCause; unixNs: bigint },
): AlertChange | undefined {
  if (book.open.length >= MAX_OPEN_ALERT_COUNT) return undefined
  const id = findingId({
    tenant: book.tenant,
    flowId: '',
    stepId: undefined,
    phase: undefined,
    metric: cause.kind,
    kind: 'alert',
    direction: cause.name,
    onsetExecutionId: finding.onsetExecutionId ?? String(finding.onsetUnixNs),
  })
  const record: AlertRecord = {
    alert: {
      ...figuresOf(cause, [finding], { openedUnixNs: unixNs }),
      id,
      tenant: book.tenant,
      state: 'open',
      status: 'open',
      updatedUnixNs: unixNs,
      snoozedUntilUnixNs: undefined,
      reopenedCount: 0,
      endedBy: undefined,
    },
    findings: [finding],
    openIds: [finding.id],
    statusBefore: 'open',
    returnsUnixNs: [],
    calmSinceUnixNs: undefined,
  }
  book.open.push(record)
  return { change: 'opened', finding: record.alert }
}

/** Another regression of the same cause. Told at some numbers of flows, and when the alert says something else now. */
export function joinAlert(
  record: AlertRecord,
  { finding, cause, unixNs }: { finding: Regression; cause: AlertCause; unixNs: bigint },
  { counters }: Pick<AlertContext, 'counters'>,
): AlertChange[] {
  const wasCalm = record.calmSinceUnixNs !== undefined
  record.openIds.push(finding.id)
  record.calmSinceUnixNs = undefined
  if (record.findings.length >= MAX_MEMBER_COUNT) {
    // Who is over makes room.
    const over = record.findings.findIndex(({ id }) => !record.openIds.includes(id))
    if (over < 0) countOne(counters, 'alert_member_limit')
    else record.findings.splice(over, 1)
  }
  if (record.findings.length < MAX_MEMBER_COUNT) record.findings.push(finding)
  const before = record.alert
  if (wasCalm) noteReturn(record, unixNs)
  describe(record, { cause, unixNs })
  const isNews = isOtherStory(before, record.alert) || hasTellingCount(before, record.alert)
  return isNews ? [{ change: 'updated', finding: record.alert }] : []
}

/** The same alert again: what was acknowledged stays so, what a user had ended is open. */
export function reopenAlert(
  book: AlertBook,
  record: AlertRecord,
  unixNs: bigint,
  status: AlertStatus = record.alert.endedBy === 'user' ? 'open' : record.statusBefore,
): void {
  book.ended = book.ended.filter((one) => one !== record)
  book.open.push(record)
  record.alert = { ...record.alert, state: 'open', status, endedBy: undefined }
  noteReturn(record, unixNs)
}

/** Whether it ended so lately that what comes is the same problem. */
export function mayReturn({ alert }: AlertRecord, unixNs: bigint): boolean {
  return alert.endedBy !== 'merge' && unixNs - alert.updatedUnixNs <= REOPEN_NS
}

/** One of its regressions is over; the alert with the last of them, unless it flaps. */
export function leaveAlert(
  book: AlertBook,
  record: AlertRecord,
  { finding, unixNs }: { finding: Regression; unixNs: bigint },
): AlertChange[] {
  record.findings = record.findings.map((one) => (one.id === finding.id ? finding : one))
  record.openIds = record.openIds.filter((id) => id !== finding.id)
  if (record.alert.state === 'resolved' || record.openIds.length > 0) return []
  if (isFlapping(record, unixNs)) {
    record.calmSinceUnixNs = unixNs
    return []
  }
  return [endAlert(book, record, { unixNs, status: 'resolved', endedBy: 'recovery' })]
}

/** Moves it among those that ended; the oldest of these is forgotten. */
export function endAlert(
  book: AlertBook,
  record: AlertRecord,
  end: {
    readonly unixNs: bigint
    readonly status: AlertStatus
    readonly endedBy: NonNullable<Alert['endedBy']>
  },
): AlertChange {
  const { unixNs, status, endedBy } = end
  record.statusBefore = record.alert.status
  record.calmSinceUnixNs = undefined
  record.alert = { ...record.alert, state: 'resolved', status, endedBy, updatedUnixNs: unixNs }
  book.open = book.open.filter((one) => one !== record)
  book.ended = [...book.ended.filter((one) => one !== record), record].slice(-MAX_ENDED_ALERT_COUNT)
  return { change: 'resolved', finding: record.alert }
}

/** A regression has new figures or another cause. Told when the alert says something else now. */
export function refreshAlert(
  record: AlertRecord,
  { finding, cause, unixNs }: { finding: Regression; cause: AlertCause; unixNs: bigint },
): AlertChange[] {
  // On its way back it is measured between two levels, and shows nothing: what was told while it did stays.
  if (!isEvident(finding)) return []
  record.findings = record.findings.map((one) => (one.id === finding.id ? finding : one))
  const before = record.alert
  if (before.state === 'resolved') return []
  describe(record, { cause, unixNs })
  return isOtherStory(before, record.alert) ? [{ change: 'updated', finding: record.alert }] : []
}

/** Snoozes that are over, and flapping alerts that were calm for long enough. */
export function passTime(book: AlertBook, unixNs: bigint): AlertChange[] {
  const changes: AlertChange[] = []
  for (const record of [...book.open]) {
    const { status, snoozedUntilUnixNs } = record.alert
    if (status === 'snoozed' && snoozedUntilUnixNs !== undefined && snoozedUntilUnixNs <= unixNs) {
      const alert = { ...record.alert, status: 'open' as const, snoozedUntilUnixNs: undefined }
      record.alert = { ...alert, updatedUnixNs: unixNs }
      changes.push({ change: 'updated', finding: record.alert })
    }
    const calmSince = record.calmSinceUnixNs
    if (calmSince !== undefined && unixNs - calmSince >= REOPEN_NS)
      changes.push(endAlert(book, record, { unixNs, status: 'resolved', endedBy: 'recovery' }))
  }
  return changes
}

/** Of traffic that fell the whole interval lies below nothing. */
function isEvident({ effect }: Regression): boolean {
  return effect.low > 0 || effect.high < 0
}

function isFlapping({ returnsUnixNs }: AlertRecord, unixNs: bigint): boolean {
  return returnsUnixNs.filter((one) => unixNs - one <= FLAP_NS).length >= MAX_RETURN_COUNT
}

function noteReturn(record: AlertRecord, unixNs: bigint): void {
  record.returnsUnixNs = [...record.returnsUnixNs, unixNs].slice(-MAX_RETURN_COUNT)
  const { reopenedCount } = record.alert
  record.alert = { ...record.alert, reopenedCount: reopenedCount + 1, updatedUnixNs: unixNs }
}

/** Says what its open regressions are now; of those that are over only what stays true. */
function describe(record: AlertRecord, { cause, unixNs }: { cause: AlertCause; unixNs: bigint }) {
  const { openedUnixNs } = record.alert
  const open = record.findings.filter(({ id }) => record.openIds.includes(id))
  const shown = open.length > 0 ? open : record.findings
  record.alert = {
    ...record.alert,
    ...figuresOf(cause, shown, { openedUnixNs }),
    updatedUnixNs: unixNs,
  }
}

function figuresOf(
  cause: AlertCause,
  findings: readonly Regression[],
  { openedUnixNs }: { openedUnixNs: bigint },
) {
  // An alert has at least one regression.
  const gravest = findings.reduce((a, b) =>
    rankOf(b.severity) > rankOf(a.severity) ? b : a,
  ) as Regression
  const flowIds = [...new Set(findings.map(({ place }) => place.flowId))]
  const { place, severity, effect, evidence } = gravest
  return {
    kind: 'alert' as const,
    cause,
    place,
    class: gravest.class,
    severity,
    effect,
    evidence,
    sentence: alertSentence(cause, gravest, flowIds),
    flowIds,
    findingIds: findings.map(({ id }) => id),
    onsetUnixNs: findings.map((one) => one.onsetUnixNs).reduce(earlierOf),
    openedUnixNs,
  }
}

/** What a person was told is no longer true in a way that matters; growing figures alone are no news. */
function isOtherStory(before: Alert, now: Alert): boolean {
  return (
    before.severity !== now.severity ||
    before.cause.kind !== now.cause.kind ||
    before.cause.name !== now.cause.name ||
    before.status !== now.status ||
    before.reopenedCount !== now.reopenedCount
  )
}

function hasTellingCount(before: Alert, now: Alert): boolean {
  const count = now.flowIds.length
  return count > before.flowIds.length && TOLD_FLOW_COUNTS.includes(count)
}

const SEVERITIES: readonly Severity[] = ['low', 'medium', 'high', 'critical']

function rankOf(severity: Severity): number {
  return SEVERITIES.indexOf(severity)
}
