import { tellNews } from './alert-news.ts'
import {
  type Circumstances,
  noCircumstances,
  rememberCircumstance,
} from './baseline/circumstances.ts'
import { type Counters, countOne } from './baseline/counters.ts'
import { type Deployments, noDeployments, noteVersions } from './baseline/deployments.ts'
import { remember, type VersionBaseline } from './baseline/flow-baseline.ts'
import { type GroupQueue, rememberQueues } from './baseline/group-queues.ts'
import { appendEntry, emptyHistory, type History } from './baseline/history.ts'
import type { HistoryEntry } from './baseline/history-entry.ts'
import type { LearntOrders } from './baseline/learnt-orders.ts'
import type { Mark } from './baseline/marks.ts'
import { compareObservations, type Observation, withFirstRuns } from './baseline/observation.ts'
import { noteSample, type SampledExecution } from './baseline/path-samples.ts'
import { noteRun, type RecentRun } from './baseline/recent-runs.ts'
import { noVariants, rememberVariant, type Variants } from './baseline/variants.ts'
import { applyWaitSteps, judgeWaits, type Wait } from './detect/bottleneck.ts'
import { type Cause, causeKey } from './detect/cause.ts'
import type { Change } from './detect/change.ts'
import type { Finding, FindingChange } from './detect/finding.ts'
import type { FreshEvidence } from './detect/fresh-evidence.ts'
import {
  type ChangeStep,
  emptyWatch,
  judge,
  type RegressionSettings,
  type RegressionWatch,
} from './detect/regression.ts'
import type { AlertInput } from './explain/alert/alert-book.ts'
import { bottleneckFinding } from './explain/bottleneck-finding.ts'
import { type Explanation, explainChanges } from './explain/explanations.ts'
import { regressionFinding } from './explain/regression-finding.ts'
import type { FlowDefinition } from './otlp/span-record.ts'
import { reconcile } from './recommend/reconcile.ts'
import { durationUnixNs } from './time/unix-ns.ts'

/** Everything known of one flow besides its executions in full. Plain data. */
export interface FlowState {
  readonly tenant: string
  readonly flowId: string
  definition: FlowDefinition | undefined
  /** The last versions of it, the newest last. */
  readonly definitions: FlowDefinition[]
  readonly versions: VersionBaseline[]
  readonly variants: Variants
  readonly circumstances: Circumstances
  readonly deployments: Deployments
  readonly runs: RecentRun[]
  readonly queues: GroupQueue[]
  readonly samples: SampledExecution[]
  readonly history: History
  readonly watch: RegressionWatch
  /** Why the watch's open changes are. */
  explanations: readonly Explanation[]
  /** What the executions since then say of changes that were confirmed lately. */
  fresh: FreshEvidence[]
  /** Whether its changes were ever judged. */
  isWatched: boolean
  /** Open bottlenecks, the oldest first. */
  waits: Wait[]
  /** Open findings, the oldest first. */
  findings: Finding[]
  /** The last that were resolved, the oldest first: who looks now and then must see an end as well. */
  resolved: Finding[]
  readonly orders: LearntOrders
  /** Closed executions that still wait for earlier ones, in the order in which they will enter. */
  readonly pending: Observation[]
  /** The last that entered. */
  entered: Pick<Observation, 'endUnixNs' | 'executionId'> | undefined
  /** `flowKey`, made once. */
  readonly key: string
}

/** One fault with its bottleneck and advice, three times over; the events tell every one. */
const MAX_RESOLVED_COUNT = 10

export function emptyFlow(tenant: string, flowId: string): FlowState {
  return {
    tenant,
    flowId,
    definition: undefined,
    definitions: [],
    versions: [],
    variants: noVariants(),
    circumstances: noCircumstances(),
    deployments: noDeployments(),
    runs: [],
    queues: [],
    samples: [],
    history: emptyHistory(),
    watch: emptyWatch(),
    explanations: [],
    fresh: [],
    isWatched: false,
    waits: [],
    findings: [],
    resolved: [],
    orders: [],
    pending: [],
    entered: undefined,
    key: flowKey({ tenant, flowId }),
  }
}

/** Names a flow among all tenants'. */
export function flowKey({ tenant, flowId }: { tenant: string; flowId: string }): string {
  return JSON.stringify([tenant, flowId])
}

/** A closed execution on its way into the detectors. */
export interface Arrival {
  readonly observation: Observation
  readonly isReplacement: boolean
}

/**
 * Queues closed executions, replacing earlier forms of them; `late_replacement` when one has entered already.
 * O(n log n) in what is queued, once for all arrivals: close to O(n), since both sides are in order.
 */
export function enqueue(flow: FlowState, arrivals: readonly Arrival[], counters: Counters): void {
  const { pending } = flow
  const replaced = new Set(
    arrivals.flatMap((one) => (one.isReplacement ? [one.observation.executionId] : [])),
  )
  const found = new Set<string>()
  if (replaced.size > 0) {
    const others = pending.filter(({ executionId }) => {
      const isReplaced = replaced.has(executionId)
      if (isReplaced) found.add(executionId)
      return !isReplaced
    })
    pending.length = 0
    for (const one of others) pending.push(one)
  }
  let isInOrder = true
  for (const { observation, isReplacement } of arrivals) {
    if (isReplacement && !found.has(observation.executionId)) {
      countOne(counters, 'late_replacement')
      continue
    }
    const last = pending.at(-1)
    if (last !== undefined && compareObservations(last, observation) > 0) isInOrder = false
    pending.push(observation)
  }
  // Mostly all that arrives ended after all that waits.
  if (!isInOrder) pending.sort(compareObservations)
}

/** Clocks of hosts disagree by less; a later end than this is a broken clock. */
const MAX_AHEAD_MS = 60_000

/**
 * An execution that ends in the future has no place in the order of ends: it takes that of its arrival, so that it
 * neither waits for years nor puts all others behind it. `future_dated` counts it.
 */
export function datedByArrival(
  observation: Observation,
  { nowUnixNs, latenessMs }: { nowUnixNs: bigint; latenessMs: number },
  counters: Counters,
): Observation {
  const aheadUnixNs = observation.endUnixNs - nowUnixNs
  if (aheadUnixNs <= durationUnixNs(latenessMs + MAX_AHEAD_MS)) return observation
  countOne(counters, 'future_dated')
  const startUnixNs = observation.startUnixNs - aheadUnixNs
  return { ...observation, startUnixNs, endUnixNs: nowUnixNs }
}

/** What a queued execution weighs, by estimate. */
export function pendingBytes({ parts, savings, steps, queued }: Observation): number {
  const placeCount = parts.length + (savings?.length ?? 0)
  return 600 + 150 * placeCount + 400 * steps.length + 100 * queued.length
}

export interface FlowSettings extends RegressionSettings {
  /** Without, no change is looked for. */
  readonly enableDetection: boolean
  /** Entries that the flow's history may have. */
  readonly entryCapacity: number
  /** Those that may concern the flow, oldest first. */
  readonly marks: readonly Mark[]
}

/** Lets every queued execution that ended by `untilUnixNs` enter, in order; what it means for alerts is added to the news. */
export function enter(
  flow: FlowState,
  untilUnixNs: bigint,
  settings: FlowSettings,
  counters: Counters,
  news: AlertInput[] = [],
): FindingChange[] {
  const changes: FindingChange[] = []
  const waiting = flow.pending.findIndex(({ endUnixNs }) => endUnixNs > untilUnixNs)
  const ready = flow.pending.splice(0, waiting < 0 ? flow.pending.length : waiting)
  for (const observation of ready) {
    const { entered } = flow
    if (entered !== undefined && isBefore(observation, entered)) countOne(counters, 'out_of_order')
    else flow.entered = { endUnixNs: observation.endUnixNs, executionId: observation.executionId }
    changes.push(...enterOne(flow, observation, { settings, counters, news }))
  }
  return changes
}

function enterOne(
  flow: FlowState,
  observation: Observation,
  { settings, counters, news }: { settings: FlowSettings; counters: Counters; news: AlertInput[] },
): FindingChange[] {
  remember(flow.versions, observation, counters)
  const kept = withFirstRuns(observation, counters)
  noteRun(flow.runs, kept)
  rememberQueues(flow.queues, observation, counters)
  const variant = rememberVariant(flow.variants, observation, counters)
  const { history, circumstances, variants } = flow
  noteVersions(flow.deployments, observation, history.nextSequence, counters)
  if (observation.unjudged !== undefined) {
    countOne(counters, observation.unjudged)
    return []
  }
  const place = { entries: history.entries, sequence: history.nextSequence }
  const circumstance = rememberCircumstance(circumstances, kept.facts, place, counters)
  const options = { capacity: settings.entryCapacity, variant, circumstance }
  const entry = appendEntry(history, kept, counters, options)
  noteSample(flow.samples, observation, entry.sequence)
  const { flowVersion } = observation
  const judged = settings.enableDetection
    ? judge(
        flow.watch,
        { history, entry, flowVersion, circumstances, variants },
        settings,
        counters,
      )
    : []
  const from = flow.watch.detector.baselineStart
  const waited = judgeWaits(flow.waits, { history, entry, from }, settings)
  flow.waits = applyWaitSteps(flow.waits, waited)
  const changes: FindingChange[] = [
    ...explained(flow, judged, settings),
    ...waited.map(({ step, wait }) => ({
      change: step,
      finding: bottleneckFinding(wait, { ...settings, flowVersion }),
    })),
  ]
  const advised = changes.length === 0 ? [] : advise(flow, { entry, from, changes }, settings)
  const told = [...changes, ...advised]
  tellNews(flow, { entry, judged, changes: told }, { ...settings, news })
  return told
}

/** Keeps the changes and returns what follows from them about advice. */
function advise(
  flow: FlowState,
  {
    entry,
    from,
    changes,
  }: { entry: HistoryEntry; from: number; changes: readonly FindingChange[] },
  settings: FlowSettings,
): FindingChange[] {
  flow.findings = applyChanges(flow.findings, changes)
  const advised = reconcile({
    ...settings,
    findings: flow.findings,
    history: flow.history,
    from,
    nowUnixNs: entry.endUnixNs,
  })
  flow.findings = applyChanges(flow.findings, advised)
  const ended = [...changes, ...advised].filter(({ change }) => change === 'resolved')
  const resolved = ended.map(({ finding }) => finding)
  flow.resolved = [...flow.resolved, ...resolved].slice(-MAX_RESOLVED_COUNT)
  return advised
}

/** Steps in the lives of changes as findings with their causes; another main cause is news of its own. */
function explained(
  flow: FlowState,
  judged: readonly ChangeStep[],
  settings: FlowSettings,
): readonly FindingChange[] {
  if (judged.length === 0 && flow.watch.changes.length === 0) return NONE
  const { history, circumstances, variants, definitions } = flow
  const known = flow.explanations
  const background = {
    history,
    circumstances,
    variants,
    definitions,
    deployments: flow.deployments.all,
    marks: settings.marks,
  }
  const changes = flow.watch.changes
  flow.explanations = explainChanges(known, changes, background)
  const causesOf = (id: string, all: readonly Explanation[]) =>
    all.find(({ changeId }) => changeId === id)?.causes ?? []
  const isNews = ({ id }: Change) => {
    const before = known.find(({ changeId }) => changeId === id)
    return before !== undefined && !isSameMain(before.causes, causesOf(id, flow.explanations))
  }
  const isTold = ({ id }: Change) => judged.some(({ change }) => change.id === id)
  const news = changes.filter((change) => !isTold(change) && isNews(change))
  return [...judged, ...news.map((change) => ({ step: 'updated' as const, change }))].map(
    ({ step, change }) => {
      const causes = causesOf(change.id, step === 'resolved' ? known : flow.explanations)
      return { change: step, finding: regressionFinding(change, { history, causes }, settings) }
    },
  )
}

const NONE: readonly FindingChange[] = []

function isSameMain([a]: readonly Cause[], [b]: readonly Cause[]): boolean {
  return a === undefined || b === undefined ? a === b : causeKey(a) === causeKey(b)
}

function applyChanges(findings: readonly Finding[], changes: readonly FindingChange[]): Finding[] {
  const changed = new Map(changes.map(({ finding }) => [finding.id, finding]))
  const opened = changes.flatMap((one) => (one.change === 'opened' ? [one.finding] : []))
  return [...findings.map((finding) => changed.get(finding.id) ?? finding), ...opened].filter(
    ({ state }) => state === 'open',
  )
}

function isBefore(
  a: Pick<Observation, 'endUnixNs' | 'executionId'>,
  b: Pick<Observation, 'endUnixNs' | 'executionId'>,
): boolean {
  return a.endUnixNs < b.endUnixNs || (a.endUnixNs === b.endUnixNs && a.executionId < b.executionId)
}
