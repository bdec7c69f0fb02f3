import { isWatchedNow, tellNews } from './alert-news.ts'
import type { ExecutionKind } from './baseline/baseline-batches.ts'
import { type Counters, countOne } from './baseline/counters.ts'
import { noteFailure } from './baseline/failures.ts'
import { remember } from './baseline/flow-baseline.ts'
import { rememberQueues } from './baseline/group-queues.ts'
import { appendPlaced, isSimulated } from './baseline/history.ts'
import type { Mark } from './baseline/marks.ts'
import { type ExecutionHead, firstRuns } from './baseline/observation.ts'
import { noteSample } from './baseline/path-samples.ts'
import { noteRun } from './baseline/recent-runs.ts'
import { ObservedExecution, type SeenExecution } from './baseline/seen-execution.ts'
import {
  bucketWidthMs,
  closeBucket,
  isDue,
  noteEnded,
  openTraffic,
  stopCounting,
} from './baseline/traffic.ts'
import type { UsualExecutions, UsualOfFlow } from './baseline/usual-executions.ts'
import { rememberVariant } from './baseline/variants.ts'
import { type AnomalyStep, judgeExecution } from './detect/anomaly/anomaly-watch.ts'
import { applyWaitSteps, judgeWaits } from './detect/bottleneck/bottleneck.ts'
import type { PresentSavings } from './detect/bottleneck/present-savings.ts'
import type { FindingChange } from './detect/finding.ts'
import { fetchRows } from './detect/level/level-rows.ts'
import { type Judged, judge, judgeBucket, judgeFailure } from './detect/regression.ts'
import type { RegressionSettings } from './detect/regression-watch.ts'
import { type Moment, momentOf } from './detect/series/series-input.ts'
import type { AlertInput } from './explain/alert/alert-book.ts'
import { changesOf, NOTHING, rateChangeOf } from './explained-changes.ts'
import { driftSince, noteDuration } from './flow-drift.ts'
import type { FlowState } from './flow-state.ts'
import type { KeptExecutions, KeptForFlow } from './kept-executions.ts'
import type { Observer } from './observer.ts'
import { comparePending, type Pending } from './pending-executions.ts'
import { isRefreshDue, refreshEvidence, type ShownEvidence } from './shown-evidence.ts'
import { tell } from './tell-findings.ts'
import { msFromNs, offsetNs, unixMsFromNs, unixNsFromMs } from './time/unix-ns.ts'

/** All that ended by then enters. */
export interface Until {
  readonly untilUnixNs: bigint
  /** Whether all that ended by then has arrived. */
  readonly isWatermark: boolean
}

interface Context {
  readonly settings: FlowSettings
  readonly counters: Counters
  readonly usual: UsualOfFlow
  readonly savings: PresentSavings
  readonly news: AlertInput[]
  readonly kept: KeptForFlow
  readonly shown: ShownEvidence
}

/** By what one flow's executions are judged, and what may explain its changes. */
export interface FlowSettings extends RegressionSettings {
  /** Without, no change is looked for. */
  readonly enableDetection: boolean
  /** Entries that the flow's history may have. */
  readonly entryCapacity: number
  /** Those that may concern the flow, oldest first. */
  readonly marks: readonly Mark[]
  /** Executions of the flow that are kept in full, besides those that wait. */
  readonly keptCount: number
}

/**
 * Lets every queued execution that ended by `untilUnixNs` be observed and enter, in order. With `isWatermark` all that ended by then has
 * arrived, and buckets of time that are over by then are closed. What it means for alerts is added to the news.
 */
export function enter(
  flow: FlowState,
  { untilUnixNs, isWatermark }: Until,
  settings: FlowSettings,
  shell: {
    readonly observer: Observer
    readonly counters: Counters
    readonly usual: UsualExecutions
    readonly savings: PresentSavings
    readonly kept: Pick<KeptExecutions, 'ofFlow'>
    readonly shown: ShownEvidence
  },
  news: AlertInput[] = [],
): FindingChange[] {
  const { observer, counters, usual, savings, shown } = shell
  const kept = shell.kept.ofFlow(flow)
  const context = { settings, counters, usual: usual.of(flow), savings, news, kept, shown }
  const changes: FindingChange[] = []
  const ready = takeReady(flow.pending, untilUnixNs)
  if (ready.length > 0) fetchRows(flow.watch.detector.series.rows)
  for (const one of ready) {
    const { entered, history } = flow
    const { endUnixNs, executionId } = one
    const isLate = entered !== undefined && comparePending(one, entered) < 0
    if (isLate) countOne(counters, 'out_of_order')
    else flow.entered = { endUnixNs, executionId }
    const moment = momentOf(one, history.nextSequence)
    closeBuckets(flow, moment.unixMs, context, changes)
    const { seed } = moment
    const isAsked = isSimulated(moment.sequence, { executionId, seed }, settings.entryCapacity)
    const seen = 'closed' in one ? observer.see(flow, one, isAsked) : new ObservedExecution(one)
    const told = enterOne(flow, { seen, isAsked, moment }, context)
    if (told !== NOTHING) changes.push(...told)
    else if (isRefreshDue(flow, kept)) refreshEvidence(flow, context)
  }
  if (ready.length > 0) kept.trim(flow.pending.length)
  if (isWatermark) closeBuckets(flow, unixMsFromNs(untilUnixNs), context, changes)
  return changes
}

/** Takes out those that ended by then: they stand first. */
function takeReady(pending: Pending[], untilUnixNs: bigint): readonly Pending[] {
  let count = 0
  // An index below the length.
  while (count < pending.length && (pending[count] as Pending).endUnixNs <= untilUnixNs) count += 1
  return pending.splice(0, count)
}

/** Whether anything enters or a bucket of traffic is over by then: most flows have nothing to do at most moments. */
export function hasReady({ pending, traffic }: FlowState, untilUnixNs: bigint): boolean {
  const [first] = pending
  if (first !== undefined && first.endUnixNs <= untilUnixNs) return true
  return isDue(traffic, unixMsFromNs(untilUnixNs))
}

/** Judges the buckets of time that are over, the empty ones among them, and adds what that changes. */
function closeBuckets(
  flow: FlowState,
  untilMs: number,
  context: Context,
  changes: FindingChange[],
): void {
  const { settings, counters } = context
  const { traffic, history, watch } = flow
  if (!settings.enableDetection) return
  while (isDue(traffic, untilMs)) {
    const bucket = closeBucket(traffic, history.nextSequence)
    const shown = { memory: flow, bucket, flowVersion: flow.versions.at(-1)?.version }
    const judged = judgeBucket(watch, shown, settings, counters)
    const found = judged.map((step) => rateChangeOf(flow, step, settings))
    const nowUnixNs = unixNsFromMs((bucket.number + 1) * traffic.widthMs)
    const told = tell(flow, found, { ...context, nowUnixNs })
    tellNews(flow, { unixNs: nowUnixNs, bucket, rates: judged, changes: told }, context)
    changes.push(...told)
  }
}

/** What enters and when, and whether its savings are kept. */
interface Entering {
  readonly seen: SeenExecution
  readonly isAsked: boolean
  readonly moment: Moment
}

function enterOne(
  flow: FlowState,
  { seen, isAsked, moment }: Entering,
  context: Context,
): readonly FindingChange[] {
  const { settings, counters, usual } = context
  const { history, watch } = flow
  const { head, runs } = seen
  const kind = usual.take(head, runs) ?? rememberAlone(flow, seen, context)
  noteTraffic(flow, head, moment)
  const circumstance = usual.noteFacts(head, counters)
  if (head.unjudged !== undefined) {
    countOne(counters, head.unjudged)
    return head.unjudged === 'failed' ? enterFailed(flow, seen, context) : NOTHING
  }
  const { variant, stepIds } = kind
  const { unixMs } = moment
  const capacity = settings.entryCapacity
  const options = { capacity, variant, circumstance, stepIds, isAsked, unixMs }
  const parts = seen.parts(history, usual.places, counters)
  const told = { head, parts, savings: seen.savings, runs }
  const entry = appendPlaced(history, told, counters, options)
  if (entry.savingCount !== undefined) noteSample(flow.samples, seen, entry)
  const { flowVersion } = head
  const shown = { memory: flow, entry, moment, flowVersion }
  const { levels, rates } = settings.enableDetection
    ? judge(watch, shown, settings, counters)
    : NOT_JUDGED
  const incidents = settings.enableDetection
    ? judgeExecution(flow.anomalies, { history, entry, level: watch }, settings)
    : NO_INCIDENTS
  openTrafficOf(flow, settings)
  const from = watch.detector.baselineStart
  if (levels.some(({ step }) => step !== 'updated')) flow.drift = driftSince(history, from)
  else noteDuration(flow.drift, { unixMs, durationMs: entry.durationMs })
  const waited = judgeWaits(
    flow.waits,
    { history, entry, from, savings: context.savings },
    settings,
  )
  flow.waits = applyWaitSteps(flow.waits, waited)
  const isCalm = levels.length + rates.length + incidents.length + waited.length === 0
  // Of nearly all executions there is nothing to tell.
  if (isCalm && watch.changes.length + flow.fresh.length === 0 && !isWatchedNow(flow, settings))
    return NOTHING
  const steps = { levels, rates, incidents, waited }
  const changes = changesOf(flow, steps, { seen, variant, settings })
  const unixNs = entry.endUnixNs
  const isDue = isAdviceDue(flow)
  const news = tell(flow, changes, { ...context, nowUnixNs: unixNs, isAdviceDue: isDue })
  tellNews(flow, { unixNs, entry, levels, rates, changes: news }, context)
  return news
}

const NOT_JUDGED: Judged = { levels: [], rates: [] }
const NO_INCIDENTS: readonly AnomalyStep[] = []

/** Remembers an execution that is not like those before. */
function rememberAlone(
  flow: FlowState,
  seen: SeenExecution,
  { counters, usual }: Context,
): ExecutionKind {
  const observation = seen.observation()
  const kept = firstRuns(observation)
  remember(flow.versions, observation, counters)
  if (observation.weight === undefined) countOne(counters, 'unknown_sampling')
  const leftCount = observation.steps.length - kept.steps.length
  if (leftCount > 0) countOne(counters, 'run_limit', leftCount)
  const { stepIds } = noteRun(flow.runs, kept)
  rememberQueues(flow.queues, observation, counters)
  const variant = rememberVariant(flow.variants, observation, counters)
  const kind = { variant, stepIds }
  usual.begin(observation, kind)
  return kind
}

/** One that was sampled, and nobody knows how, ends the counting. */
function noteTraffic({ traffic }: FlowState, { weight }: ExecutionHead, moment: Moment): void {
  if (weight === undefined) stopCounting(traffic)
  else noteEnded(traffic, { unixMs: moment.unixMs, weight, position: moment.sequence })
}

/** A failed execution says nothing of levels, and everything of failures. */
function enterFailed(
  flow: FlowState,
  seen: SeenExecution,
  context: Context,
): readonly FindingChange[] {
  const { settings, counters } = context
  if (!settings.enableDetection) return NOTHING
  const observation = firstRuns(seen.observation())
  const failure = noteFailure(flow.failures, observation, flow.history)
  const shown = { memory: flow, failure, flowVersion: observation.flowVersion }
  const judged = judgeFailure(flow.watch, shown, settings, counters)
  const found = judged.map((step) => rateChangeOf(flow, step, settings))
  const unixNs = observation.endUnixNs
  const told = tell(flow, found, { ...context, nowUnixNs: unixNs })
  tellNews(flow, { unixNs, failure, rates: judged, changes: told }, context)
  return told
}

/** Once enough executions are known, they say how wide a bucket of traffic has to be. */
function openTrafficOf(flow: FlowState, { minSampleSize }: FlowSettings): void {
  const { history, failures, traffic, watch } = flow
  const isKnown = traffic.widthMs > 0 || traffic.isUnknown
  if (isKnown || watch.detector.count < minSampleSize) return
  const [first] = history.entries
  const last = history.entries.at(-1)
  if (first === undefined || last === undefined) return
  const spanMs = msFromNs(offsetNs(last.endUnixNs, first.endUnixNs))
  const count = history.entries.length - 1 + failures.last.length
  const widthMs = bucketWidthMs(count / Math.max(1, spanMs))
  const at = { unixMs: unixMsFromNs(last.endUnixNs), position: history.nextSequence }
  if (widthMs > 0) openTraffic(traffic, { ...at, widthMs })
}

/** While a change is open every so many executions say more of what mending it would gain. */
const ADVISE_EVERY_COUNT = 10

function isAdviceDue({ watch, history }: FlowState): boolean {
  return watch.changes.length > 0 && history.nextSequence % ADVISE_EVERY_COUNT === 0
}
