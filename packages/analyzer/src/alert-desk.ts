import type { FlowNews } from './alert-news.ts'
import type { AnalyzerChange } from './analyzer.ts'
import type { AnalyzerState } from './analyzer-state.ts'
import { countOne } from './baseline/counters.ts'
import { breadthAt, isBroad } from './detect/change/breadth.ts'
import type { Finding, Regression } from './detect/finding.ts'
import { type AlertAction, actOnAlert } from './explain/alert/act-on-alert.ts'
import type { AlertCause, AlertChange } from './explain/alert/alert.ts'
import {
  type AlertBook,
  type AlertContext,
  type AlertInput,
  emptyBook,
} from './explain/alert/alert-book.ts'
import { relatedFindings } from './explain/alert/related-findings.ts'
import { ANY_HOST, sharedCause, stepOf } from './explain/alert/shared-cause.ts'
import { stepBook } from './explain/alert/step-book.ts'
import { falseAlarmReport } from './false-alarm-desk.ts'
import type { FlowState } from './flow-state.ts'
import type { AlertsReport } from './report.ts'

/** By what alerts are weighed: the budget of each flow, and what matters. */
export interface DeskSettings {
  readonly falseAlarmBudgetExecutions: number
  /** A ratio. */
  readonly alertThreshold: number
}

const NO_STEP = { action: undefined, pool: undefined }

/** Flows that are asked whether they became slower as well; more say no more. */
const MAX_ASKED_FLOW_COUNT = 32

/**
 * Everything that changed, in the order of the executions' ends: the changes of findings, each followed by what it means for
 * the tenant's alerts.
 */
export function tellAll(
  state: AnalyzerState,
  news: readonly FlowNews[],
  { settings, untilUnixNs }: { settings: DeskSettings; untilUnixNs: bigint },
): AnalyzerChange[] {
  const inputs: { readonly flow: FlowNews['flow']; readonly input: AlertInput }[] = []
  let own: AlertBook | undefined
  for (const { flow, judgedCount, inputs: told } of news) {
    if (own?.tenant !== flow.tenant) own = bookOf(state, flow.tenant)
    own.judgedCount += judgedCount
    for (const input of told) inputs.push({ flow, input })
  }
  // Flows come in the order of their keys and their news in that of time; a sort keeps both among equals.
  inputs.sort((a, b) =>
    a.input.unixNs < b.input.unixNs ? -1 : a.input.unixNs > b.input.unixNs ? 1 : 0,
  )
  const changes = inputs.flatMap(({ flow: { tenant }, input }): AnalyzerChange[] => {
    const told = input.kind === 'finding' ? [input.change] : []
    return [...told, ...stepBook(bookOf(state, tenant), input, contextOf(state, tenant, settings))]
  })
  const passed = [...state.books.values()].flatMap((book) => {
    const time = { kind: 'time', unixNs: untilUnixNs } as const
    return book.open.length === 0
      ? []
      : stepBook(book, time, contextOf(state, book.tenant, settings))
  })
  const told = [...changes, ...passed]
  const isAlert = ({ finding }: AnalyzerChange) => finding.kind === 'alert'
  for (const tenant of new Set(told.filter(isAlert).map(({ finding }) => finding.tenant)))
    pinEvidence(state, tenant)
  return told
}

/** Keeps what alerts name: first the open ones, then those that ended, as long as they are listed and there is room. */
function pinEvidence({ kept, books, counters }: AnalyzerState, tenant: string): void {
  const book = books.get(tenant)
  const records = [...(book?.open ?? []), ...(book?.ended.toReversed() ?? [])]
  const executionIds = records.flatMap(({ alert }) => alert.evidence.executionIds)
  const refusedCount = kept.pin({ kind: 'alerts', key: tenant }, { tenant, executionIds })
  if (refusedCount > 0) countOne(counters, 'evidence_limit', refusedCount)
}

/** The alerts of a tenant, or of all, each with what else is known of its places. */
export function alertsReport(
  state: AnalyzerState,
  findings: readonly Finding[],
  { tenant, settings }: { tenant: string | undefined; settings: DeskSettings },
): AlertsReport {
  const books = [...state.books.values()]
    .filter((book) => tenant === undefined || book.tenant === tenant)
    .sort((a, b) => (a.tenant < b.tenant ? -1 : 1))
  const latestFirst = books.flatMap(({ open, ended }) => [
    ...open.toReversed(),
    ...ended.toReversed(),
  ])
  return {
    alerts: latestFirst.map(({ alert }) => ({
      ...alert,
      relatedIds: relatedFindings(alert, findings).map(({ id }) => id),
    })),
    calibrations: books.flatMap(({ calibrations }) => calibrations),
    falseAlarms: falseAlarmReport(state, settings, tenant),
  }
}

/** Throws `AlertActionError`. */
export function actOn(
  state: AnalyzerState,
  { tenant, ...act }: AlertAction & { readonly tenant: string },
): AlertChange {
  return actOnAlert(state.books.get(tenant) ?? emptyBook(tenant), act, state)
}

function bookOf({ books }: AnalyzerState, tenant: string): AlertBook {
  const known = books.get(tenant)
  if (known !== undefined) return known
  const book = emptyBook(tenant)
  books.set(tenant, book)
  return book
}

function contextOf(state: AnalyzerState, tenant: string, settings: DeskSettings): AlertContext {
  return {
    budget: settings.falseAlarmBudgetExecutions,
    alertThreshold: settings.alertThreshold,
    causeOf: (finding, unixNs) => causeOf(state, finding, unixNs),
    isBroad: ({ place, onsetUnixNs }, unixNs) => {
      if (place.process !== undefined) return false
      const flow = state.flows.find({ tenant, flowId: place.flowId })
      const breadth = flow && breadthAt(flow.history, { onsetUnixNs, untilUnixNs: unixNs })
      return breadth !== undefined && isBroad(breadth)
    },
    counters: state.counters,
  }
}

function causeOf(state: AnalyzerState, finding: Regression, untilUnixNs: bigint): AlertCause {
  const { tenant, place, causes } = finding
  if (place.process !== undefined) return sharedCause(finding, NO_STEP)
  const flow = state.flows.find({ tenant, flowId: place.flowId })
  const kind = causes[0]?.kind ?? 'place'
  const isHostAsked = flow !== undefined && (kind === 'place' || kind === 'host')
  const host = isHostAsked ? hostVerdict(state, flow, { finding, untilUnixNs }) : 'unknown'
  // What came with a deployment may slow everything down as well.
  if (host === 'slow' && kind === 'place') return ANY_HOST
  const ownStepId = stepOf(finding)
  const pool = state.pools.find(
    (one) =>
      one.tenant === tenant &&
      one.waits.some(({ flowId, stepId }) => flowId === place.flowId && stepId === ownStepId),
  )
  const known = host === 'calm' ? causes.filter((one) => one.kind !== 'host') : causes
  const step = { action: flow && actionOf(flow, ownStepId), pool: pool?.pool }
  return sharedCause({ ...finding, causes: known }, step)
}

/**
 * The machine itself is slow when nearly everything that the flow does itself became slower, and at least half of the
 * tenant's other flows say the same of the same moment. It is not when the flow's own work, or all of theirs, went on as
 * before. A flow alone may have larger inputs: then it is not known.
 */
function hostVerdict(
  { flows }: AnalyzerState,
  own: FlowState,
  { finding, untilUnixNs }: { finding: Regression; untilUnixNs: bigint },
): 'slow' | 'calm' | 'unknown' {
  const at = { onsetUnixNs: finding.onsetUnixNs, untilUnixNs }
  const breadth = breadthAt(own.history, at)
  if (breadth === undefined) return 'unknown'
  if (!isBroad(breadth)) return 'calm'
  const others = [...flows.active()]
    .filter(({ tenant, key }) => tenant === own.tenant && key !== own.key)
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  let [askedCount, broadCount] = [0, 0]
  for (const { history } of others) {
    const other = breadthAt(history, at)
    if (other === undefined || other.placeCount === 0) continue
    askedCount += 1
    if (isBroad(other)) broadCount += 1
    if (askedCount >= MAX_ASKED_FLOW_COUNT) break
  }
  if (broadCount > 0 && broadCount >= askedCount / 2) return 'slow'
  return askedCount > 0 && broadCount === 0 ? 'calm' : 'unknown'
}

/** Of the newest version that has the step. */
function actionOf({ versions }: FlowState, stepId: string | undefined): string | undefined {
  for (const { buckets } of versions.toReversed()) {
    for (const { steps } of buckets.toReversed()) {
      const step = steps.find((one) => one.stepId === stepId)
      if (step?.action !== undefined) return step.action
    }
  }
  return undefined
}
