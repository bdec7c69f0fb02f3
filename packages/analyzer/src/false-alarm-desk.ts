import type { AnalyzerState } from './analyzer-state.ts'
import type { RegressionSettings } from './detect/regression-watch.ts'
import { beginReplay, type Replay, stepReplay } from './detect/replay/replay.ts'
import {
  countReplay,
  emptyTally,
  mergeTallies,
  type ReplayTally,
  replayedRate,
} from './detect/replay/replay-tally.ts'
import type { FlowState } from './flow-state.ts'
import type { FalseAlarmReport } from './report.ts'
import { rateInterval } from './stats/rate-interval.ts'
import { durationUnixNs } from './time/unix-ns.ts'

/** The replays of all tenants. A restart begins anew: what is measured is the detector, and that is another version then. */
export interface FalseAlarmDesk {
  readonly tallies: Map<string, ReplayTally>
  current: (Replay & { readonly tenant: string; readonly flowId: string }) | undefined
  /** Replays begun so far: each draws in another order. */
  roundCount: number
  /** Of the last flow that was replayed. */
  lastKey: string
  /** Up to here the analyzer's clock has paid for replays. */
  paidUnixNs: bigint | undefined
}

type ReplaySettings = Omit<RegressionSettings, 'tenant' | 'flowId'> & {
  readonly enableDetection: boolean
}

/**
 * Ten executions a second of the analyzer's clock: a thousandth of a core, and 36,000 an hour. Together, since the detector of a
 * replay is far away in memory when its turn comes. A clock that leaps (a file that is read, a process that slept) brings no more.
 */
const BURST_COUNT = 100
const BURST_EVERY_NS = durationUnixNs(10_000)
/** Then another flow has its turn, and this one a newer pool. */
const REPLAY_COUNT = 1_000

export function emptyDesk(): FalseAlarmDesk {
  return {
    tallies: new Map(),
    current: undefined,
    roundCount: 0,
    lastKey: '',
    paidUnixNs: undefined,
  }
}

/** Replays as much as the time that has passed pays for. */
export function replayCalm(
  { desk, flows }: Pick<AnalyzerState, 'desk' | 'flows'>,
  nowUnixNs: bigint,
  settings: ReplaySettings,
): void {
  if (!settings.enableDetection) return
  const since = desk.paidUnixNs ?? nowUnixNs
  const due = Number((nowUnixNs - since) / BURST_EVERY_NS)
  desk.paidUnixNs = due === 1 || due === 0 ? since + BigInt(due) * BURST_EVERY_NS : nowUnixNs
  for (let left = due > 0 ? BURST_COUNT : 0; left > 0; left -= 1) {
    desk.current ??= nextReplay(desk, flows.active())
    if (desk.current === undefined) return
    stepDesk(desk, desk.current, settings)
  }
}

/** What is promised, and what came of it. */
export function falseAlarmReport(
  { desk, books }: Pick<AnalyzerState, 'desk' | 'books'>,
  { falseAlarmBudgetExecutions }: Pick<ReplaySettings, 'falseAlarmBudgetExecutions'>,
  tenant: string | undefined,
): FalseAlarmReport {
  const isAsked = (one: string) => tenant === undefined || one === tenant
  const told = [...books.values()].filter((book) => isAsked(book.tenant))
  const judgedCount = told.reduce((sum, book) => sum + book.judgedCount, 0)
  const falsePositiveCount = told.reduce((sum, book) => sum + book.falsePositiveCount, 0)
  const { current } = desk
  const tallies = [...desk.tallies].flatMap(([name, tally]) => (isAsked(name) ? [tally] : []))
  const underWay = current !== undefined && isAsked(current.tenant) ? current : undefined
  return {
    budgetExecutions: falseAlarmBudgetExecutions,
    replayed: replayedRate(mergeTallies(tallies, underWay)),
    // Nobody has to say anything: without a verdict nothing is known.
    verdicts:
      falsePositiveCount === 0
        ? undefined
        : rateInterval({ count: falsePositiveCount, trialCount: judgedCount }),
    falsePositiveCount,
  }
}

function stepDesk(
  desk: FalseAlarmDesk,
  current: NonNullable<FalseAlarmDesk['current']>,
  settings: ReplaySettings,
): void {
  const { tenant, flowId } = current
  // Named one by one: a copy of all settings is a table, and took a fifth of the replay.
  stepReplay(current, {
    tenant,
    flowId,
    falseAlarmBudgetExecutions: settings.falseAlarmBudgetExecutions,
    minSampleSize: settings.minSampleSize,
    alertThreshold: settings.alertThreshold,
    windowSize: settings.windowSize,
  })
  if (current.judgedCount < REPLAY_COUNT) return
  const tally = desk.tallies.get(tenant) ?? emptyTally()
  desk.tallies.set(tenant, tally)
  countReplay(tally, current)
  desk.current = undefined
}

/** Of the next flow in the order of keys that is calm, the first again after the last. */
function nextReplay(
  desk: FalseAlarmDesk,
  active: Iterable<FlowState>,
): NonNullable<FalseAlarmDesk['current']> | undefined {
  const byKey = [...active].sort((a, b) => (a.key < b.key ? -1 : 1))
  const from = byKey.findIndex(({ key }) => key > desk.lastKey)
  const inTurn = from < 0 ? byKey : [...byKey.slice(from), ...byKey.slice(0, from)]
  for (const flow of inTurn) {
    const replay = beginReplay(flow, desk.roundCount)
    if (replay === undefined) continue
    desk.roundCount += 1
    desk.lastKey = flow.key
    return { ...replay, tenant: flow.tenant, flowId: flow.flowId }
  }
  return undefined
}
