import { countOne } from '../../baseline/counters.ts'
import type { FindingChange, Regression } from '../../detect/finding.ts'
import { durationUnixNs } from '../../time/unix-ns.ts'
import type { Alert, AlertCause, AlertChange } from './alert.ts'
import {
  type AlertBook,
  type AlertContext,
  type AlertInput,
  type AlertRecord,
  type Candidate,
  findRecord,
  MAX_CANDIDATE_COUNT,
} from './alert-book.ts'
import {
  endAlert,
  joinAlert,
  leaveAlert,
  mayReturn,
  openAlert,
  passTime,
  refreshAlert,
  reopenAlert,
} from './alert-life.ts'
import { needsOf } from './calibration.ts'
import { discoveryCount } from './discoveries.ts'
import { isSameCause, stepOf } from './shared-cause.ts'

/** Buckets of traffic are up to minutes wide where it is not rare. */
const SAME_TIME_NS = durationUnixNs(10 * 60_000)

/** Takes what happened next; returns what it changed about the alerts, in order. */
export function stepBook(
  book: AlertBook,
  input: AlertInput,
  context: AlertContext,
): readonly AlertChange[] {
  const passed = passTime(book, input.unixNs)
  switch (input.kind) {
    case 'time':
      return passed
    case 'watched':
      book.watchedCount += 1
      return passed
    case 'evidence': {
      const known = book.candidates.find(({ finding }) => finding.id === input.findingId)
      if (known === undefined) return passed
      known.logEvidence = input.logEvidence
      return [...passed, ...tellDiscoveries(book, input.unixNs, context)]
    }
    case 'finding':
      return [...passed, ...takeFinding(book, input, context)]
  }
}

function takeFinding(
  book: AlertBook,
  input: Extract<AlertInput, { kind: 'finding' }>,
  context: AlertContext,
): AlertChange[] {
  const { change, unixNs } = input
  const finding = worsening(change)
  if (finding === undefined) return []
  const known = book.candidates.find((one) => one.finding.id === finding.id)
  const record = known?.alertId === undefined ? undefined : findRecord(book, known.alertId)
  if (change.change === 'resolved') {
    book.candidates = book.candidates.filter((one) => one !== known)
    return record === undefined ? [] : leaveAlert(book, record, { finding, unixNs })
  }
  if (known !== undefined) {
    known.finding = finding
    if (record === undefined) return []
    // What is known of one finding alone may become clearer; what several share stays what they share.
    const isAlone = record.openIds.length === 1
    const cause = isAlone ? context.causeOf(finding, unixNs) : record.alert.cause
    return refreshAlert(record, { finding, cause, unixNs })
  }
  if (change.change !== 'opened') return []
  if (book.candidates.length >= MAX_CANDIDATE_COUNT) {
    countOne(context.counters, 'alert_candidate_limit')
    return []
  }
  const { logEvidence } = input
  book.candidates.push({ finding, logEvidence, alertId: undefined, isRefused: false })
  return tellDiscoveries(book, unixNs, context)
}

/** Only what became worse is news that must not wait: a bottleneck was there before, an improvement wakes nobody. */
function worsening({ finding }: FindingChange): Regression | undefined {
  const isWorse = finding.kind === 'regression' && finding.direction === 'regression'
  return isWorse ? finding : undefined
}

/** Every regression that is a discovery among all flows, and is in no alert, opens one or joins one. */
function tellDiscoveries(book: AlertBook, unixNs: bigint, context: AlertContext): AlertChange[] {
  const evidences = evidenceByFlow(book, context)
  const hypothesisCount = Math.max(book.watchedCount, evidences.size)
  const { budget } = context
  const count = discoveryCount([...evidences.values()], { budget, hypothesisCount })
  if (count === 0) return []
  const least = [...evidences.values()].sort((a, b) => b - a)[count - 1] ?? Number.POSITIVE_INFINITY
  return book.candidates
    .filter((one) => one.alertId === undefined && netEvidence(book, one, context) >= least)
    .flatMap((one) => admit(book, one, { unixNs, context }))
}

/** Of each flow what speaks loudest: a flow is one hypothesis, its series share one budget. */
function evidenceByFlow(book: AlertBook, context: AlertContext): ReadonlyMap<string, number> {
  const byFlow = new Map<string, number>()
  for (const candidate of book.candidates) {
    const { flowId } = candidate.finding.place
    const evidence = netEvidence(book, candidate, context)
    if (evidence > (byFlow.get(flowId) ?? Number.NEGATIVE_INFINITY)) byFlow.set(flowId, evidence)
  }
  return byFlow
}

/** What is left of the evidence once it has paid for users' verdicts. */
function netEvidence(
  { calibrations }: AlertBook,
  { finding, logEvidence }: Candidate,
  { alertThreshold }: AlertContext,
): number {
  const needs = needsOf(calibrations, finding, alertThreshold)
  const isStricter = needs.logEvidence > 0
  // Without a verdict the detector has judged the effect by the same bound.
  if (isStricter && finding.effect.low < needs.alertThreshold) return Number.NEGATIVE_INFINITY
  return logEvidence - needs.logEvidence
}

function admit(
  book: AlertBook,
  candidate: Candidate,
  { unixNs, context }: { unixNs: bigint; context: AlertContext },
): AlertChange[] {
  const { finding } = candidate
  const cause = context.causeOf(finding, unixNs)
  const merged = cause.kind === 'host' ? gatherBroad(book, { cause, unixNs, context }) : []
  const open = book.open.find((record) => belongs(record, { finding, cause }))
  const broad = open ?? (context.isBroad(finding, unixNs) ? hostOf(book) : undefined)
  if (broad !== undefined) {
    candidate.alertId = broad.alert.id
    const joined = { finding, cause: clearerOf(broad.alert.cause, cause), unixNs }
    return [...merged, ...joinAlert(broad, joined, context)]
  }
  const back = book.ended.findLast(
    (record) => mayReturn(record, unixNs) && isSameProblem(record, { finding, cause }),
  )
  if (back !== undefined) {
    candidate.alertId = back.alert.id
    reopenAlert(book, back, unixNs)
    joinAlert(back, { finding, cause: back.alert.cause, unixNs }, context)
    return [...merged, { change: 'updated', finding: back.alert }]
  }
  const opened = openAlert(book, { finding, cause, unixNs })
  if (opened === undefined) {
    if (!candidate.isRefused) countOne(context.counters, 'alert_limit')
    candidate.isRefused = true
    return merged
  }
  candidate.alertId = opened.finding.id
  return [...merged, opened]
}

/** Whether a regression is the alert's problem: the same cause, or the same steps of the same flow at the same time. */
function belongs(
  record: AlertRecord,
  { finding, cause }: { finding: Regression; cause: AlertCause },
): boolean {
  const isOpen = ({ id }: Regression) => record.openIds.includes(id)
  return (
    isSameProblem(record, { finding, cause }) ||
    record.findings.some((member) => isOpen(member) && isConsequence(member, finding))
  )
}

/** The same cause, at whatever time; but whoever sends the executions of several flows is one, at other times another. */
function isSameProblem(
  { alert }: AlertRecord,
  { finding, cause }: { finding: Regression; cause: AlertCause },
): boolean {
  return isSameCause(alert.cause, cause) && (cause.kind !== 'traffic' || isNear(alert, finding))
}

function isNear(alert: Alert, { onsetUnixNs }: Regression): boolean {
  const apart = onsetUnixNs - alert.onsetUnixNs
  return apart <= SAME_TIME_NS && -apart <= SAME_TIME_NS
}

/** Another metric of the flow that changed before the first was told, in the same step or in none. */
function isConsequence(first: Regression, second: Regression): boolean {
  const [a, b] = [first.place, second.place]
  if (a.flowId !== b.flowId || a.process !== b.process || first.id === second.id) return false
  const [step, other] = [stepOf(first), stepOf(second)]
  const isSameStep = step === other || step === undefined || other === undefined
  // An onset is known no better than by how long it took to be told.
  const reachNs = first.openedUnixNs - first.onsetUnixNs
  const apartNs = second.onsetUnixNs - first.onsetUnixNs
  return isSameStep && apartNs <= reachNs && -apartNs <= reachNs
}

/** A place in a flow is what is said while nothing shared is known. */
const NOT_SHARED: readonly AlertCause['kind'][] = ['flow', 'phase', 'step']

function clearerOf(known: AlertCause, found: AlertCause): AlertCause {
  return NOT_SHARED.includes(known.kind) ? found : known
}

function hostOf(book: AlertBook): AlertRecord | undefined {
  return book.open.find(({ alert }) => alert.cause.kind === 'host')
}

/** What was told of single flows before it was seen that the machine itself is slow becomes one alert. */
function gatherBroad(
  book: AlertBook,
  { cause, unixNs, context }: { cause: AlertCause; unixNs: bigint; context: AlertContext },
): AlertChange[] {
  const changes: AlertChange[] = []
  let host = hostOf(book)
  for (const record of [...book.open]) {
    if (record === host || !isPartOfHost(record, unixNs, context)) continue
    const [first, ...others] = record.findings.filter(({ id }) => record.openIds.includes(id))
    if (first === undefined) continue
    if (host === undefined) {
      host = record
      refreshAlert(record, { finding: first, cause, unixNs })
      changes.push({ change: 'updated', finding: record.alert })
      continue
    }
    for (const finding of [first, ...others]) {
      joinAlert(host, { finding, cause, unixNs }, context)
      const own = book.candidates.find((one) => one.finding.id === finding.id)
      if (own !== undefined) own.alertId = host.alert.id
    }
    changes.push(endAlert(book, record, { unixNs, status: 'resolved', endedBy: 'merge' }))
  }
  return changes
}

/** A dependency, a pool or a deployment explains more than a slow machine does. */
function isPartOfHost(record: AlertRecord, unixNs: bigint, { isBroad }: AlertContext): boolean {
  const { kind } = record.alert.cause
  const isLocal = NOT_SHARED.includes(kind) || kind === 'action' || kind === 'ledger'
  return isLocal && record.findings.every((finding) => isBroad(finding, unixNs))
}
