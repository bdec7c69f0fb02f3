import { actOn, tellAll } from './alert-desk.ts'
import type { FlowNews } from './alert-news.ts'
import type { Analyzer, AnalyzerChange, AnalyzerOptions, AnalyzerSnapshot } from './analyzer.ts'
import { lossesOf } from './analyzer-losses.ts'
import { allAlerts, allFindings, reportFlows } from './analyzer-report.ts'
import { fromSnapshot, toSnapshot } from './analyzer-snapshot.ts'
import type { AnalyzerState } from './analyzer-state.ts'
import { answerExecution, answerFlow, executionReport } from './answers.ts'
import { countOne } from './baseline/counters.ts'
import { entryCapacity, isSimulated } from './baseline/history.ts'
import { marksOf, noteMark } from './baseline/marks.ts'
import { resumeTraffic } from './baseline/traffic.ts'
import { UsualExecutions } from './baseline/usual-executions.ts'
import { PresentSavings } from './detect/bottleneck/present-savings.ts'
import { detectionReport } from './detection-report.ts'
import { type DetectionSettings, resolveDetection } from './detection-settings.ts'
import { enter, hasReady, type Until } from './enter-flow.ts'
import { listExecutions } from './execution-list.ts'
import type { AlertInput } from './explain/alert/alert-book.ts'
import { emptyDesk, replayCalm } from './false-alarm-desk.ts'
import { flowReport } from './flow-report.ts'
import type { FlowState } from './flow-state.ts'
import { FlowTable } from './flow-table.ts'
import { KeptExecutions } from './kept-executions.ts'
import { emptyMemoryDesk, takeHeaps, tellMemory } from './memory-desk.ts'
import { Observer } from './observer.ts'
import { observedFlow, weighPending } from './pending-executions.ts'
import { findingsNow, type ShownEvidence } from './shown-evidence.ts'
import { takeClosed } from './take-closed.ts'
import { durationUnixNs, unixMsFromNs } from './time/unix-ns.ts'
import { Assembler } from './trace/assembler.ts'
import type { Execution } from './trace/execution.ts'
import type { ClosedExecution } from './trace/stored-execution.ts'

const DEFAULT_TENANT = 'default'
/** Executions kept in full may weigh this part of the budget on top of it, by estimate. */
const KEPT_BUDGET_RATIO = 0.1
/** Histories of all flows, by estimate. */
const HISTORY_BUDGET_RATIO = 0.25
/** Executions that wait for late ones may weigh this part of the budget; beyond it they enter at once. */
const PENDING_BUDGET_RATIO = 0.25
/** Flows that sleep. */
const SLEEPING_BUDGET_RATIO = 0.25
/** Definitions of active flows, by estimate: by default some 60 steps for each of a thousand. */
const DEFINITION_BUDGET_RATIO = 0.1

/** See `AnalyzerOptions`. */
const defaults: Omit<Required<AnalyzerOptions>, keyof DetectionSettings> = {
  latenessMs: 5_000,
  idleMs: 60_000,
  memoryBudgetBytes: 256 * 2 ** 20,
  keptExecutionsPerFlow: 50,
  activeFlowCount: 1_000,
  maxFlowCount: 10_000,
}

/**
 * The analyzer, empty or with what an earlier one remembered. Throws `SnapshotError` when that cannot be used, `RangeError` for
 * a setting of the detection that cannot.
 */
export function createAnalyzer(
  options: AnalyzerOptions = {},
  snapshot?: AnalyzerSnapshot,
): Analyzer {
  const settings = { ...defaults, ...options, ...resolveDetection(options) }
  const assembler = new Assembler({
    idleMs: settings.idleMs,
    memoryBudgetBytes: settings.memoryBudgetBytes,
  })
  const state = createState(settings, snapshot)
  const take = (closed: readonly ClosedExecution[], nowUnixNs: bigint) =>
    takeClosed(state, closed, { latenessMs: settings.latenessMs, nowUnixNs })
  return {
    ingest: (spans, at) => assembler.add(spans, at),
    noteStarted: (started, at) => assembler.noteStarted(started, at),
    define: (flow, { tenant = DEFAULT_TENANT }) => state.flows.define(flow, tenant),
    noteHeaps: (readings, { tenant = DEFAULT_TENANT, nowUnixNs }) =>
      takeHeaps(state.memory, readings, { tenant, nowUnixNs, counters: state.counters }),
    mark({ tenant = DEFAULT_TENANT, flowId, unixNs, text }) {
      noteMark(state.marks, { tenant, flowId, unixNs, text }, state.counters)
      for (const flow of state.flows.active()) state.reports.delete(flow)
    },
    advance(nowUnixNs) {
      take(assembler.advance(nowUnixNs), nowUnixNs)
      const untilUnixNs = nowUnixNs - durationUnixNs(settings.latenessMs)
      const until = { untilUnixNs, isWatermark: true }
      return enterAndTell(state, until, { settings, nowUnixNs: untilUnixNs })
    },
    close(nowUnixNs) {
      take(assembler.close(nowUnixNs), nowUnixNs)
      const until = allPending(state, { isWatermark: true })
      return enterAndTell(state, until, { settings, nowUnixNs })
    },
    report: (tenant) => ({
      ...reportFlows(state, { settings, tenant }),
      losses: lossesOf(state, assembler),
    }),
    findings: (tenant) => allFindings(state, { settings, tenant }),
    alerts: (tenant) => allAlerts(state, { settings, tenant }),
    actOnAlert: ({ tenant = DEFAULT_TENANT, ...act }) => actOn(state, { tenant, ...act }),
    executions: (query) =>
      listExecutions(state, assembler, { ...query, tenant: query.tenant ?? DEFAULT_TENANT }),
    execution: (query) => executionReport(state, findExecution(state, assembler, query)),
    why(query) {
      if ('flowId' in query) return answerFlow(state, query, settings)
      return answerExecution(state, findExecution(state, assembler, query))
    },
    detection: (query = {}) => detectionReport(state, query, resolveDetection(settings)),
    losses: () => lossesOf(state, assembler),
    snapshot: () =>
      toSnapshot(plainFlows(state, settings), { ...state, books: state.books.values() }),
  }
}

/** Empty, or what a snapshot remembers. */
function createState(
  settings: Required<AnalyzerOptions>,
  snapshot: AnalyzerSnapshot | undefined,
): AnalyzerState {
  const { activeFlowCount, maxFlowCount, memoryBudgetBytes, keptExecutionsPerFlow } = settings
  const counters = {}
  const usual = new UsualExecutions()
  const shown: ShownEvidence = new WeakMap()
  const maxBytes = memoryBudgetBytes * KEPT_BUDGET_RATIO
  const kept = new KeptExecutions({ perFlowCount: keptExecutionsPerFlow, maxBytes })
  const maxSleepingBytes = memoryBudgetBytes * SLEEPING_BUDGET_RATIO
  const maxDefinitionBytes = memoryBudgetBytes * DEFINITION_BUDGET_RATIO
  const remembered = snapshot === undefined ? undefined : fromSnapshot(snapshot)
  const marks = [...(remembered?.marks ?? [])]
  const flows = new FlowTable(
    { activeFlowCount, maxFlowCount, maxSleepingBytes, maxDefinitionBytes },
    {
      counters,
      reportOf: (flow) => flowReport(flow, settings, marks),
      settle: (flow) => usual.settle(flow),
      findingsOf: (flow) => findingsNow({ shown }, flow),
      forget: ({ key, tenant }) =>
        kept.pin({ kind: 'findings', key }, { tenant, executionIds: [] }),
    },
  )
  for (const flow of remembered?.flows ?? []) flows.add(flow)
  const books = new Map((remembered?.books ?? []).map((book) => [book.tenant, book]))
  return {
    flows,
    kept,
    shown,
    marks,
    pools: [],
    observer: new Observer(),
    usual,
    savings: new PresentSavings(),
    reports: new WeakMap(),
    books,
    desk: emptyDesk(),
    memory: remembered?.memory ?? emptyMemoryDesk(),
    counters,
    // What a snapshot has waiting is weighed first.
    waitingBytes: snapshot === undefined ? 0 : Number.POSITIVE_INFINITY,
    isRestored: snapshot !== undefined,
  }
}

/** All flows as plain data. */
function plainFlows(state: AnalyzerState, settings: Required<AnalyzerOptions>): FlowState[] {
  const capacity = capacityOf(state, settings)
  for (const flow of state.flows.active()) state.usual.settle(flow)
  return Array.from(state.flows.all(), (flow) =>
    observedFlow(flow, state.observer, (one) =>
      isSimulated(flow.history.nextSequence, one, capacity),
    ),
  )
}

/** All flows enter before anything is told: what is told is in the order of ends, whatever the order of flows. */
function enterAndTell(
  state: AnalyzerState,
  until: Until | undefined,
  { settings, nowUnixNs }: { settings: Required<AnalyzerOptions>; nowUnixNs: bigint },
): AnalyzerChange[] {
  const news: FlowNews[] = []
  if (until !== undefined) resume(state, until)
  enterAll(state, until, { settings, news })
  news.push(...tellMemory(state.memory, nowUnixNs, settings))
  const told = tellAll(state, news, { settings, untilUnixNs: nowUnixNs })
  replayCalm(state, nowUnixNs, settings)
  state.flows.letSleep()
  return told
}

/** After a restart nobody knows what ended in between. */
function resume(state: AnalyzerState, { untilUnixNs }: Until): void {
  if (!state.isRestored) return
  state.isRestored = false
  const unixMs = unixMsFromNs(untilUnixNs)
  for (const { traffic, history } of state.flows.active())
    resumeTraffic(traffic, { unixMs, position: history.nextSequence })
}

/** Lets enter what ended by then, if anything waits at all; all of it when what waits grows too heavy. */
function enterAll(
  state: AnalyzerState,
  until: Until | undefined,
  { settings, news }: { settings: Required<AnalyzerOptions>; news: FlowNews[] },
): void {
  if (until === undefined) return
  const waiting = [...state.flows.active()].filter((flow) => hasReady(flow, until.untilUnixNs))
  const inOrder = waiting.sort((a, b) => (a.key < b.key ? -1 : 1))
  const capacity = capacityOf(state, settings)
  for (const flow of inOrder) {
    state.reports.delete(flow)
    const { tenant, flowId } = flow
    // Named one by one: a copy of all settings is a table, and takes more room than what an execution leaves behind.
    const flowSettings = {
      tenant,
      flowId,
      enableDetection: settings.enableDetection,
      falseAlarmBudgetExecutions: settings.falseAlarmBudgetExecutions,
      minSampleSize: settings.minSampleSize,
      alertThreshold: settings.alertThreshold,
      windowSize: settings.windowSize,
      entryCapacity: capacity,
      marks: marksOf(state.marks, flow),
      keptCount: settings.keptExecutionsPerFlow,
    }
    const inputs: AlertInput[] = []
    const firstSequence = flow.history.nextSequence
    enter(flow, until, flowSettings, state, inputs)
    news.push({ flow, inputs, judgedCount: flow.history.nextSequence - firstSequence })
  }
  const maxBytes = settings.memoryBudgetBytes * PENDING_BUDGET_RATIO
  // To weigh them is to look at each, flow by flow: most of the time it is plain that they are not too heavy.
  if (state.waitingBytes <= maxBytes) return
  const heavy = weighPending(state.flows.active())
  state.waitingBytes = heavy.bytes
  if (heavy.bytes <= maxBytes) return
  countOne(state.counters, 'pending_limit', heavy.count)
  enterAll(state, allPending(state, { isWatermark: false }), { settings, news })
}

/** All that waits, to the last end of any flow. */
function allPending(
  { flows }: AnalyzerState,
  { isWatermark }: { readonly isWatermark: boolean },
): Until | undefined {
  let untilUnixNs: bigint | undefined
  for (const { pending } of flows.active()) {
    const last = pending.at(-1)?.endUnixNs
    if (last !== undefined && (untilUnixNs === undefined || last > untilUnixNs)) untilUnixNs = last
  }
  return untilUnixNs === undefined ? undefined : { untilUnixNs, isWatermark }
}

/** Of each flow's history. */
function capacityOf({ flows }: AnalyzerState, settings: Required<AnalyzerOptions>): number {
  return entryCapacity(flows.activeCount, settings.memoryBudgetBytes * HISTORY_BUDGET_RATIO)
}

function findExecution(
  state: AnalyzerState,
  assembler: Assembler,
  { tenant = DEFAULT_TENANT, executionId }: { tenant?: string; executionId: string },
): Execution | undefined {
  const query = { tenant, executionId }
  return state.kept.find(query) ?? assembler.execution(query)
}
