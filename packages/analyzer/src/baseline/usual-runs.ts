import { listOf } from './list-of.ts'
import type { ExecutionHead } from './observation.ts'
import { forgetOldest, MAX_RUN_COUNT, type RecentRun } from './recent-runs.ts'
import { DURATION_MS, RUN_LENGTH, type RunTable, START_MS } from './run-table.ts'

/**
 * When like executions and their steps ran: the last ones as rows of numbers, of which the oldest is written over. What is written
 * in objects of its own for each execution lives just long enough to be moved by every collection.
 */
export interface UsualRuns {
  /** Of the runs. */
  readonly stepIds: readonly string[]
  /** A row an execution: start and end of each run, as in `RecentRun`. */
  timesMs: Float64Array
  /** When each started and ended, in turn. */
  readonly timesUnixNs: bigint[]
  /** Executions since they were told last. */
  count: number
}

/** Rows that there is room for at first; it doubles as they come. */
const FIRST_ROW_COUNT = 8

export function noUsualRuns(stepIds: readonly string[]): UsualRuns {
  return { stepIds, timesMs: new Float64Array(0), timesUnixNs: [], count: 0 }
}

/** Notes an execution of these runs, and forgets the oldest that was told where they are too many together. O(runs). */
export function noteUsualRun(
  usual: UsualRuns,
  { startUnixNs, endUnixNs }: Pick<ExecutionHead, 'startUnixNs' | 'endUnixNs'>,
  { figures }: RunTable,
  told: RecentRun[],
): void {
  const row = usual.count % MAX_RUN_COUNT
  const rowLength = 2 * usual.stepIds.length
  if ((row + 1) * rowLength > usual.timesMs.length) makeRoom(usual, rowLength)
  const { timesMs, timesUnixNs } = usual
  timesUnixNs[2 * row] = startUnixNs
  timesUnixNs[2 * row + 1] = endUnixNs
  let at = row * rowLength
  for (let from = 0; from < figures.length; from += RUN_LENGTH) {
    // Places in the row of a run.
    const startMs = figures[from + START_MS] as number
    timesMs[at++] = startMs
    timesMs[at++] = startMs + (figures[from + DURATION_MS] as number)
  }
  usual.count += 1
  // Else both kinds would be held until somebody looks.
  if (told.length > 0 && told.length + usual.count > MAX_RUN_COUNT) told.shift()
}

/** Appends what was noted, as `noteRun` of each would have; nothing is noted after it. */
export function tellUsualRuns(usual: UsualRuns, runs: RecentRun[]): void {
  const { stepIds, timesMs, timesUnixNs, count } = usual
  const rowLength = 2 * stepIds.length
  for (let told = Math.max(0, count - MAX_RUN_COUNT); told < count; told++) {
    const row = told % MAX_RUN_COUNT
    const own = listOf(rowLength)
    // Positions below the length, and two a row.
    for (let at = 0; at < rowLength; at++) own[at] = timesMs[row * rowLength + at] as number
    const startUnixNs = timesUnixNs[2 * row] as bigint
    const endUnixNs = timesUnixNs[2 * row + 1] as bigint
    runs.push({ startUnixNs, endUnixNs, stepIds, timesMs: own })
  }
  forgetOldest(runs)
  usual.count = 0
}

function makeRoom(usual: UsualRuns, rowLength: number): void {
  const rowCount = Math.max(FIRST_ROW_COUNT, (2 * usual.timesMs.length) / rowLength)
  const roomy = new Float64Array(rowLength * Math.min(rowCount, MAX_RUN_COUNT))
  roomy.set(usual.timesMs)
  usual.timesMs = roomy
}
