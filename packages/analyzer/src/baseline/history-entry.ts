import type { StepEvidence } from './observation.ts'
import {
  CACHE_HITS,
  CACHE_MISSES,
  CLIENT_MS,
  EXCLUSIVE_CPU_MS,
  HEAP_GROWTH_BYTES,
  FAILED as IS_FAILED,
  QUEUE_MS,
  RUN_LENGTH,
  type RunTable,
  SHARED_CPU_MS,
  WORK_MS,
} from './run-table.ts'

/** One judged execution, in some 700 bytes for five steps. */
export interface HistoryEntry {
  /** 0, 1, 2, … per flow. */
  readonly sequence: number
  readonly executionId: string
  readonly traceId: string
  readonly startUnixNs: bigint
  readonly endUnixNs: bigint
  readonly durationMs: number
  /** Index of the flow's variant, see `rememberVariant`. */
  readonly variant: number
  /** Index among the flow's circumstances, see `rememberCircumstance`. */
  readonly circumstance: number
  /** Places whose ms on the critical path stand first in the figures; 0 for all behind them. */
  readonly partCount: number
  /** Savings that stand next; absent where the execution was not re-simulated. */
  readonly savingCount: number | undefined
  /** Runs of steps, whose evidence stands last; entries share the list while the same steps run. */
  readonly stepIds: readonly string[]
  /** Which of the evidence's columns were measured in any run: a bit each, see `columnsOf`. */
  readonly columns: number
  /**
   * One list, since a list of its own for each kind weighs more than what it holds:
   * `[ms by place] [index of place, saved ms]… [measured columns of the first run] [of the second] …`
   */
  readonly figures: readonly number[]
}

/** What is kept of a run, a bit each: `evidenceOf` reads them in this order. */
const WORK = 1
const CLIENT = 2
export const EXCLUSIVE_CPU = 4
const HITS = 8
const MISSES = 16
const SHARED_CPU = 32
export const HEAP_GROWTH = 64
export const QUEUE = 128
export const FAILED = 256
/** JSON knows no NaN. */
const UNMEASURED = -1

/** ms on the critical path at a place of the history's table. */
export function partMs({ partCount, figures }: HistoryEntry, place: number): number {
  return place < partCount ? (figures[place] ?? 0) : 0
}

/**
 * What an entry would have saved: `visit` with the index of each place and ms; a place that is not there saved too little to be
 * asked about. Not an iterator, which costs more than all that verdicts do with it.
 */
export function visitSavings(
  { partCount, savingCount = 0, figures }: HistoryEntry,
  visit: (place: number, ms: number) => void,
): void {
  const end = partCount + 2 * savingCount
  for (let at = partCount; at < end; at += 2) visit(figures[at] ?? 0, figures[at + 1] ?? 0)
}

/** The runs of an entry. */
export function evidenceOf(entry: HistoryEntry): readonly StepEvidence[] {
  let at = entry.partCount + 2 * (entry.savingCount ?? 0)
  const next = (column: number): number | undefined => {
    if ((entry.columns & column) === 0) return undefined
    const figure = entry.figures[at++]
    return figure === undefined || figure < 0 ? undefined : figure
  }
  return entry.stepIds.map((stepId) => ({
    stepId,
    workMs: next(WORK) ?? 0,
    clientMs: next(CLIENT) ?? 0,
    exclusiveCpuMs: next(EXCLUSIVE_CPU),
    cacheHits: next(HITS),
    cacheMisses: next(MISSES),
    sharedCpuMs: next(SHARED_CPU),
    heapGrowthBytes: next(HEAP_GROWTH),
    queueMs: next(QUEUE) ?? 0,
    isFailed: next(FAILED) === 1,
  }))
}

/** The columns that any of the runs has. No figure is negative: a heap shrinks by a collection only, and then nothing is known. */
export function columnsOf({ figures }: Pick<RunTable, 'figures'>): number {
  let columns = 0
  for (let at = 0; at < figures.length; at += RUN_LENGTH) {
    columns |=
      (isMeasured(figures, at + WORK_MS) ? WORK : 0) |
      (isPositive(figures, at + CLIENT_MS) ? CLIENT : 0) |
      (isMeasured(figures, at + EXCLUSIVE_CPU_MS) ? EXCLUSIVE_CPU : 0) |
      (isMeasured(figures, at + CACHE_HITS) ? HITS : 0) |
      (isMeasured(figures, at + CACHE_MISSES) ? MISSES : 0) |
      (isMeasured(figures, at + SHARED_CPU_MS) ? SHARED_CPU : 0) |
      (isMeasured(figures, at + HEAP_GROWTH_BYTES) ? HEAP_GROWTH : 0) |
      (isPositive(figures, at + QUEUE_MS) ? QUEUE : 0) |
      (isPositive(figures, at + IS_FAILED) ? FAILED : 0)
  }
  return columns
}

function isMeasured(figures: readonly number[], at: number): boolean {
  return !Number.isNaN(figures[at])
}

function isPositive(figures: readonly number[], at: number): boolean {
  // A place in the row of a run.
  return (figures[at] as number) > 0
}

/** Where one of these columns begins in the figures, with that of the first run; -1 where no run has it. */
export function evidenceAt(entry: HistoryEntry, column: number): number {
  if ((entry.columns & column) === 0) return -1
  const before = columnCount(entry.columns & (column - 1))
  return entry.partCount + 2 * (entry.savingCount ?? 0) + before
}

/** How many columns these are. */
export function columnCount(columns: number): number {
  let count = 0
  for (let left = columns; left > 0; left &= left - 1) count += 1
  return count
}

/** Writes these columns of all runs from `at` on. */
export function writeEvidence(
  figures: number[],
  runs: Pick<RunTable, 'figures'>,
  { columns, at }: { readonly columns: number; readonly at: number },
): void {
  const own = runs.figures
  let to = at
  for (let from = 0; from < own.length; from += RUN_LENGTH) {
    if (columns & WORK) figures[to++] = kept(own[from + WORK_MS])
    if (columns & CLIENT) figures[to++] = keptPositive(own[from + CLIENT_MS])
    if (columns & EXCLUSIVE_CPU) figures[to++] = kept(own[from + EXCLUSIVE_CPU_MS])
    if (columns & HITS) figures[to++] = kept(own[from + CACHE_HITS])
    if (columns & MISSES) figures[to++] = kept(own[from + CACHE_MISSES])
    if (columns & SHARED_CPU) figures[to++] = kept(own[from + SHARED_CPU_MS])
    if (columns & HEAP_GROWTH) figures[to++] = kept(own[from + HEAP_GROWTH_BYTES])
    if (columns & QUEUE) figures[to++] = keptPositive(own[from + QUEUE_MS])
    if (columns & FAILED) figures[to++] = keptPositive(own[from + IS_FAILED])
  }
}

/** NaN was not measured. */
function kept(figure: number | undefined): number {
  return figure !== undefined && figure > UNMEASURED ? figure : UNMEASURED
}

function keptPositive(figure: number | undefined): number {
  return figure !== undefined && figure > 0 ? figure : UNMEASURED
}
