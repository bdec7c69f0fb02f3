import type { Circumstances } from '../../baseline/circumstances.ts'
import { type Failure, noFailures } from '../../baseline/failures.ts'
import { emptyHistory, entriesBetween } from '../../baseline/history.ts'
import type { HistoryEntry } from '../../baseline/history-entry.ts'
import { noTraffic } from '../../baseline/traffic.ts'
import type { Variants } from '../../baseline/variants.ts'
import { hashText, uniformFrom } from '../../stats/hash-uniform.ts'
import { autocorrelationInflation } from '../../stats/median-change.ts'
import { durationUnixNs } from '../../time/unix-ns.ts'
import type { FlowMemory } from '../flow-memory.ts'
import { judge, judgeFailure } from '../regression.ts'
import { emptyWatch, type RegressionSettings, type RegressionWatch } from '../regression-watch.ts'

/** What is replayed: the executions of a flow since its level was last seen to change. */
export interface CalmFlow extends Omit<FlowMemory, 'traffic'> {
  readonly key: string
  readonly watch: RegressionWatch
}

/** One flow's calm executions on their way through a fresh detector, again and again. */
export interface Replay {
  /** Judged and failed executions, in their order. */
  readonly pool: readonly Past[]
  /** Executions of a block, which follow each other as they did. */
  readonly blockCount: number
  /** Whole days that the pool spans, at least 1. */
  readonly spanDays: number
  readonly apart: { readonly circumstances: Circumstances; readonly variants: Variants }
  /** Decides every draw. */
  readonly seed: number
  /** Executions drawn so far. */
  drawnCount: number
  /** Index into the pool of the last one. */
  at: number
  /** How often the pool's span was added to the time: time goes on, and an hour of the day stays one. */
  shiftCount: number
  watch: RegressionWatch
  memory: FlowMemory
  judgedCount: number
  alarmCount: number
}

type Past =
  | { readonly kind: 'judged'; readonly entry: HistoryEntry }
  | { readonly kind: 'failed'; readonly failure: Failure }

/** Fewer executions do not say what is normal. */
const MIN_POOL_COUNT = 100
/**
 * Blocks are so many times as long as the executions of which one is news: long enough to keep what neighbours know of each
 * other, and no longer, since a pool has few long blocks and they differ less than fresh ones would.
 */
const NEWS_PER_BLOCK_COUNT = 6
const MAX_BLOCK_COUNT = 64
/** As many as a flow keeps: a detector sees no more of the past. */
const MEMORY_COUNT = 256
const DAY_NS = durationUnixNs(86_400_000)

/** Absent while something is under test or open, or too few executions are calm. */
export function beginReplay(flow: CalmFlow, round: number): Replay | undefined {
  const { key, history, failures, watch, circumstances, variants } = flow
  const { detector, changes, rateChanges } = watch
  const isCalm = changes.length + rateChanges.length === 0 && detector.alarmSince === undefined
  const entries = isCalm ? entriesBetween(history, detector.baselineStart) : []
  const [first] = entries
  const last = entries.at(-1)
  if (first === undefined || last === undefined || entries.length < MIN_POOL_COUNT) return undefined
  const apart = { circumstances, variants }
  return {
    pool: inOrder(
      entries,
      failures.last.filter(({ position }) => position >= first.sequence),
    ),
    blockCount: blockCountOf(entries),
    spanDays: Number((last.endUnixNs - first.endUnixNs) / DAY_NS) + 1,
    apart,
    seed: hashText(JSON.stringify([key, round])),
    drawnCount: 0,
    at: 0,
    shiftCount: 0,
    watch: emptyWatch(),
    memory: emptyMemory([...history.places], apart),
    judgedCount: 0,
    alarmCount: 0,
  }
}

/**
 * Draws the next execution and shows it to the detector; after an alarm that is told, a new detector begins. What is drawn
 * while it learns is not counted. O(series), as a live execution. Traffic is not replayed: it is no matter of executions.
 *
 * Source: the circular block bootstrap of Politis and Romano, in "Exploring the Limits of Bootstrap" (1992).
 */
export function stepReplay(replay: Replay, settings: RegressionSettings): void {
  const isJudged = replay.watch.detector.count >= settings.minSampleSize
  const isAlarm = show(replay, nextPast(replay), settings)
  if (isJudged) replay.judgedCount += 1
  if (!isAlarm) return
  replay.alarmCount += 1
  replay.watch = emptyWatch()
  replay.memory = emptyMemory(replay.memory.history.places, replay.apart)
}

/** Whether the detector tells of a change. */
function show(replay: Replay, past: Past, settings: RegressionSettings): boolean {
  const { memory, watch, drawnCount } = replay
  const { history, failures } = memory
  const flowVersion = undefined
  if (past.kind === 'failed') {
    const at = movedTimes(replay, past.failure)
    const failure = { ...past.failure, ...at, position: history.nextSequence }
    failures.count += 1
    failures.last.push(failure)
    if (failures.last.length > MEMORY_COUNT) failures.last.shift()
    const steps = judgeFailure(watch, { memory, failure, flowVersion }, settings, {})
    return steps.some(({ step }) => step === 'opened')
  }
  const executionId = `${past.entry.executionId}~${drawnCount}`
  const at = movedTimes(replay, past.entry)
  const entry = entryAgain(past.entry, { ...at, sequence: history.nextSequence, executionId })
  history.nextSequence += 1
  history.entries.push(entry)
  if (history.entries.length > MEMORY_COUNT) history.entries.shift()
  const shown = { memory, entry, flowVersion }
  const { levels, rates } = judge(watch, shown, settings, {})
  return [...levels, ...rates].some(({ step }) => step === 'opened')
}

/** Member by member, in the order of `appendEntry`: a copy would be of another kind, and slow down whoever reads live ones. */
function entryAgain(
  entry: HistoryEntry,
  own: Pick<HistoryEntry, 'sequence' | 'executionId' | 'startUnixNs' | 'endUnixNs'>,
): HistoryEntry {
  return {
    sequence: own.sequence,
    executionId: own.executionId,
    traceId: entry.traceId,
    startUnixNs: own.startUnixNs,
    endUnixNs: own.endUnixNs,
    durationMs: entry.durationMs,
    variant: entry.variant,
    circumstance: entry.circumstance,
    partCount: entry.partCount,
    savingCount: entry.savingCount,
    stepIds: entry.stepIds,
    columns: entry.columns,
    figures: entry.figures,
  }
}

/** As long as their neighbours know of each other. */
function blockCountOf(entries: readonly HistoryEntry[]): number {
  const newsCount = autocorrelationInflation(entries.map(({ durationMs }) => durationMs)) ** 2
  return Math.min(Math.ceil(NEWS_PER_BLOCK_COUNT * newsCount), MAX_BLOCK_COUNT)
}

/** The neighbour of the last one, or, at the end of a block, any. */
function nextPast(replay: Replay): Past {
  const { pool, seed, drawnCount, blockCount } = replay
  const isNewBlock = drawnCount % blockCount === 0
  const next = isNewBlock
    ? Math.floor(uniformFrom(seed, drawnCount) * pool.length)
    : (replay.at + 1) % pool.length
  if (next !== replay.at + 1) replay.shiftCount += 1
  replay.at = next
  replay.drawnCount += 1
  // Below the length of a pool that is not empty.
  return pool[next] as Past
}

/** At its hour of a later day, so that time goes on from block to block. */
function movedTimes(
  { shiftCount, spanDays }: Replay,
  past: { readonly startUnixNs: bigint; readonly endUnixNs: bigint },
): { readonly startUnixNs: bigint; readonly endUnixNs: bigint } {
  const shiftNs = BigInt(shiftCount * spanDays) * DAY_NS
  return { startUnixNs: past.startUnixNs + shiftNs, endUnixNs: past.endUnixNs + shiftNs }
}

function inOrder(entries: readonly HistoryEntry[], failures: readonly Failure[]): Past[] {
  const past: Past[] = []
  let next = 0
  for (const entry of entries) {
    for (; (failures[next]?.position ?? Number.POSITIVE_INFINITY) <= entry.sequence; next += 1)
      past.push({ kind: 'failed', failure: failures[next] as Failure })
    past.push({ kind: 'judged', entry })
  }
  return past
}

function emptyMemory(places: FlowMemory['history']['places'], apart: Replay['apart']): FlowMemory {
  const history = { ...emptyHistory(), places }
  return { history, failures: noFailures(), traffic: noTraffic(), ...apart }
}
