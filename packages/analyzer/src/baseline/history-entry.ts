import type { StepEvidence, StepFigure } from './observation.ts'

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
const EXCLUSIVE_CPU = 4
const CACHE_HITS = 8
const CACHE_MISSES = 16
const SHARED_CPU = 32
const HEAP_GROWTH = 64
const QUEUE = 128
const FAILED = 256
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
    cacheHits: next(CACHE_HITS),
    cacheMisses: next(CACHE_MISSES),
    sharedCpuMs: next(SHARED_CPU),
    heapGrowthBytes: next(HEAP_GROWTH),
    queueMs: next(QUEUE) ?? 0,
    isFailed: next(FAILED) === 1,
  }))
}

/** The columns that any of the runs has. */
export function columnsOf(runs: readonly StepFigure[]): number {
  let columns = 0
  // An index below the length.
  for (let run = 0; run < runs.length; run++) columns |= ownColumns(runs[run] as StepFigure)
  return columns
}

/** No figure is negative: a heap shrinks by a collection only, and then nothing is known of the step. */
function ownColumns(run: StepFigure): number {
  return (
    (run.phasesMs.work === undefined ? 0 : WORK) |
    (run.clientMs ? CLIENT : 0) |
    (run.exclusiveCpuMs === undefined ? 0 : EXCLUSIVE_CPU) |
    (run.cacheHits === undefined ? 0 : CACHE_HITS) |
    (run.cacheMisses === undefined ? 0 : CACHE_MISSES) |
    (run.sharedCpuMs === undefined ? 0 : SHARED_CPU) |
    (run.heapGrowthBytes === undefined ? 0 : HEAP_GROWTH) |
    (run.phasesMs.queue ? QUEUE : 0) |
    (run.isFailed ? FAILED : 0)
  )
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
  runs: readonly StepFigure[],
  { columns, at }: { readonly columns: number; readonly at: number },
): void {
  let to = at
  for (let index = 0; index < runs.length; index++) {
    // An index below the length.
    const run = runs[index] as StepFigure
    if (columns & WORK) figures[to++] = kept(run.phasesMs.work)
    if (columns & CLIENT) figures[to++] = kept(run.clientMs || undefined)
    if (columns & EXCLUSIVE_CPU) figures[to++] = kept(run.exclusiveCpuMs)
    if (columns & CACHE_HITS) figures[to++] = kept(run.cacheHits)
    if (columns & CACHE_MISSES) figures[to++] = kept(run.cacheMisses)
    if (columns & SHARED_CPU) figures[to++] = kept(run.sharedCpuMs)
    if (columns & HEAP_GROWTH) figures[to++] = kept(run.heapGrowthBytes)
    if (columns & QUEUE) figures[to++] = kept(run.phasesMs.queue || undefined)
    if (columns & FAILED) figures[to++] = kept(run.isFailed ? 1 : undefined)
  }
}

function kept(figure: number | undefined): number {
  return Math.max(figure ?? UNMEASURED, UNMEASURED)
}
