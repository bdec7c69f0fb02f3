import type { Circumstances } from '../../baseline/circumstances.ts'
import { emptyHistory, entriesBetween, type History } from '../../baseline/history.ts'
import type { HistoryEntry } from '../../baseline/history-entry.ts'
import type { Variants } from '../../baseline/variants.ts'
import { hashText, uniformFrom } from '../../stats/hash-uniform.ts'
import { durationUnixNs } from '../../time/unix-ns.ts'
import { emptyWatch, judge, type RegressionSettings, type RegressionWatch } from '../regression.ts'

/** What is replayed: the executions of a flow since its level was last seen to change. */
export interface CalmFlow {
  readonly key: string
  readonly history: History
  readonly circumstances: Circumstances
  readonly variants: Variants
  readonly watch: RegressionWatch
}

/** One flow's calm executions on their way through a fresh detector, again and again. */
export interface Replay {
  readonly flow: Pick<CalmFlow, 'key' | 'circumstances' | 'variants'>
  readonly pool: readonly HistoryEntry[]
  /** Decides every draw. */
  readonly seed: number
  /** Executions drawn so far. */
  drawnCount: number
  /** Index into the pool of the last one. */
  at: number
  /** Days that the present block is shifted by: time goes on, and an hour of the day stays one. */
  shiftDays: number
  watch: RegressionWatch
  history: History
  judgedCount: number
  alarmCount: number
}

/** Fewer executions do not say what is normal. */
const MIN_POOL_COUNT = 100
/** Blocks are so long on average: ten times what neighbours of an autocorrelation of 0.5 know of each other. */
const BLOCK_COUNT = 20
/** As many as a flow keeps: a detector sees no more of the past. */
const HISTORY_COUNT = 256
const DAY_NS = durationUnixNs(86_400_000)

/** Absent while something is under test or open, or too few executions are calm. */
export function beginReplay(flow: CalmFlow, round: number): Replay | undefined {
  const { history, watch } = flow
  const { detector, changes } = watch
  const isCalm = changes.length === 0 && detector.alarmSince === undefined
  const pool = isCalm ? entriesBetween(history, detector.baselineStart) : []
  if (pool.length < MIN_POOL_COUNT) return undefined
  const { key, circumstances, variants } = flow
  return {
    flow: { key, circumstances, variants },
    pool,
    seed: hashText(JSON.stringify([key, round])),
    drawnCount: 0,
    at: 0,
    shiftDays: 0,
    watch: emptyWatch(),
    history: { ...emptyHistory(), places: [...history.places] },
    judgedCount: 0,
    alarmCount: 0,
  }
}

/**
 * Draws the next execution and shows it to the detector; after an alarm that is told, a new detector begins. What is drawn
 * while it learns is not counted. O(series), as a live execution.
 *
 * Source: Politis and Romano, "The Stationary Bootstrap", JASA 89 (1994).
 */
export function stepReplay(
  replay: Replay,
  settings: RegressionSettings & { readonly flowVersion?: string },
): void {
  const entry = nextEntry(replay)
  const { history, watch } = replay
  history.entries.push(entry)
  history.nextSequence += 1
  if (history.entries.length > HISTORY_COUNT) history.entries.shift()
  const isJudged = watch.detector.count >= settings.minSampleSize
  const { circumstances, variants } = replay.flow
  const shown = { history, entry, flowVersion: settings.flowVersion, circumstances, variants }
  const steps = judge(watch, shown, settings, {})
  if (isJudged) replay.judgedCount += 1
  if (!steps.some(({ step }) => step === 'opened')) return
  replay.alarmCount += 1
  replay.watch = emptyWatch()
  replay.history = { ...emptyHistory(), places: history.places }
}

/** The neighbour of the last one, or, once in `BLOCK_COUNT`, any. */
function nextEntry(replay: Replay): HistoryEntry {
  const { pool, seed, drawnCount } = replay
  const isNewBlock = drawnCount === 0 || uniformFrom(seed, 2 * drawnCount) * BLOCK_COUNT < 1
  const next = isNewBlock
    ? Math.floor(uniformFrom(seed, 2 * drawnCount + 1) * pool.length)
    : (replay.at + 1) % pool.length
  if (next !== replay.at + 1) replay.shiftDays += 1
  replay.at = next
  replay.drawnCount += 1
  // Below the length of a pool that is not empty.
  const entry = pool[next] as HistoryEntry
  const shift = BigInt(replay.shiftDays) * (DAY_NS * BigInt(spanDays(pool)))
  return {
    ...entry,
    sequence: replay.history.nextSequence,
    executionId: `${entry.executionId}~${drawnCount}`,
    startUnixNs: entry.startUnixNs + shift,
    endUnixNs: entry.endUnixNs + shift,
  }
}

/** Whole days that the pool spans, at least 1: a block that follows another comes later. */
function spanDays(pool: readonly HistoryEntry[]): number {
  const [first, last] = [pool[0], pool.at(-1)]
  if (first === undefined || last === undefined) return 1
  return Number((last.endUnixNs - first.endUnixNs) / DAY_NS) + 1
}
