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
  /** Which of the evidence's columns were measured in any run: a bit each, in the order of `COLUMNS`. */
  readonly columns: number
  /**
   * One list, since a list of its own for each kind weighs more than what it holds:
   * `[ms by place] [index of place, saved ms]… [measured columns of the first run] [of the second] …`
   */
  readonly figures: readonly number[]
}

type Column = (run: StepFigure) => number | undefined

/** What is kept of a run. No figure is negative: a heap shrinks by a collection only, and then nothing is known of the step. */
const COLUMNS: readonly Column[] = [
  (run) => run.phasesMs.work,
  (run) => run.clientMs || undefined,
  (run) => run.exclusiveCpuMs,
  (run) => run.cacheHits,
  (run) => run.cacheMisses,
  (run) => run.sharedCpuMs,
  (run) => run.heapGrowthBytes,
  (run) => run.phasesMs.queue || undefined,
  (run) => (run.isFailed ? 1 : undefined),
]
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
    if ((entry.columns & (1 << column)) === 0) return undefined
    const figure = entry.figures[at++]
    return figure === undefined || figure < 0 ? undefined : figure
  }
  return entry.stepIds.map((stepId) => ({
    stepId,
    workMs: next(0) ?? 0,
    clientMs: next(1) ?? 0,
    exclusiveCpuMs: next(2),
    cacheHits: next(3),
    cacheMisses: next(4),
    sharedCpuMs: next(5),
    heapGrowthBytes: next(6),
    queueMs: next(7) ?? 0,
    isFailed: next(8) === 1,
  }))
}

/** The columns that any of the runs has. */
export function columnsOf(runs: readonly StepFigure[]): number {
  let columns = 0
  for (const run of runs) {
    for (let column = 0; column < COLUMNS.length; column++) {
      // An index below the length.
      if ((COLUMNS[column] as Column)(run) !== undefined) columns |= 1 << column
    }
  }
  return columns
}

/** Appends these columns of all runs. */
export function appendEvidence(
  figures: number[],
  runs: readonly StepFigure[],
  columns: number,
): void {
  for (const run of runs) {
    for (let column = 0; column < COLUMNS.length; column++) {
      if ((columns & (1 << column)) === 0) continue
      figures.push(Math.max((COLUMNS[column] as Column)(run) ?? UNMEASURED, UNMEASURED))
    }
  }
}
