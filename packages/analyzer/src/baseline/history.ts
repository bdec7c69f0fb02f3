import { hashText } from '../stats/hash-uniform.ts'
import { type Counters, countOne } from './counters.ts'
import { emptyRecentEnds, noteEnd, type RecentEnds } from './execution-rate.ts'
import type { Observation, PlaceMs, StepEvidence, StepFigure } from './observation.ts'
import { isSamePlace, MAX_PLACE_COUNT, OTHER_PLACE, type PathPlace } from './place.ts'

/** The last judged executions of a flow. */
export interface History {
  /** The table that entries point into; places are only ever added. */
  readonly places: PathPlace[]
  readonly entries: HistoryEntry[]
  readonly recent: RecentEnds
  /** Executions that ever entered: the sequence number of the next one. */
  nextSequence: number
}

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
  /** ms on the critical path by index of the place; 0 behind the end. */
  readonly partsMs: readonly number[]
  /**
   * Pairs of a place's index and the ms that would be saved there, one behind the other: a handful of places saves enough.
   * Absent where it was not re-simulated: see `isSimulated`.
   */
  readonly savings: readonly number[] | undefined
  /** Runs of steps, see `evidenceOf`: entries share the list while the same steps run. */
  readonly stepIds: readonly string[]
  /** `EVIDENCE_COLUMNS` of each run; `UNMEASURED` where nothing was. */
  readonly evidence: readonly number[]
}

/** What is kept of a run, in the order of `evidenceOf`. */
const EVIDENCE_COLUMNS = 7
/** No figure of a run is negative, and JSON knows no NaN. */
const UNMEASURED = -1

/** Enough for a median within a few percent at CV 0.5, and 20 KiB for a flow of five steps. */
export const MAX_ENTRY_COUNT = 256

/** Executions that are all re-simulated: everything that a flow is found to be at first. */
const ALL_SIMULATED_COUNT = 1_000
/** Later one in so many speaks for all: the hundred that a verdict rests on come from the last 500. */
const SIMULATED_EVERY_COUNT = 5

/**
 * Whether the execution of this sequence number is re-simulated. Its id draws the later ones, so that neither order nor
 * batching of spans can change which.
 */
export function isSimulated(
  sequence: number,
  { executionId }: Pick<Observation, 'executionId'>,
): boolean {
  return sequence < ALL_SIMULATED_COUNT || hashText(executionId) % SIMULATED_EVERY_COUNT === 0
}

export function emptyHistory(): History {
  return { places: [], entries: [], recent: emptyRecentEnds(), nextSequence: 0 }
}

/** What an entry of a few steps weighs, by estimate: docs/evidence/analyzer.md. */
const ENTRY_BYTES = 1_000
/** Fewer say nothing about a level. */
const MIN_ENTRY_COUNT = 64

/** How many entries each flow may have, so that the histories of all stay within these bytes. */
export function entryCapacity(flowCount: number, maxBytes: number): number {
  const share = Math.floor(maxBytes / (ENTRY_BYTES * Math.max(1, flowCount)))
  return Math.min(MAX_ENTRY_COUNT, Math.max(MIN_ENTRY_COUNT, share))
}

/**
 * Appends an execution, forgetting the oldest beyond the capacity: `history_limit` counts those that a smaller one than
 * `MAX_ENTRY_COUNT` cost, `series_limit` places without room.
 */
export function appendEntry(
  history: History,
  observation: Observation,
  counters: Counters,
  { capacity = MAX_ENTRY_COUNT, variant = 0 }: { capacity?: number; variant?: number } = {},
): HistoryEntry {
  const entry: HistoryEntry = {
    sequence: history.nextSequence,
    executionId: observation.executionId,
    traceId: observation.traceId,
    startUnixNs: observation.startUnixNs,
    endUnixNs: observation.endUnixNs,
    durationMs: observation.durationMs,
    variant,
    partsMs: byPlace(history, observation.parts, counters),
    savings: isSimulated(history.nextSequence, observation)
      ? pairsOf(history, observation.savings, counters)
      : undefined,
    stepIds: stepIdsOf(observation.steps, history.entries.at(-1)?.stepIds),
    evidence: columnsOf(observation.steps),
  }
  history.nextSequence += 1
  noteEnd(history.recent, observation.endUnixNs)
  history.entries.push(entry)
  while (history.entries.length > capacity) {
    if (history.entries.length <= MAX_ENTRY_COUNT) countOne(counters, 'history_limit')
    history.entries.shift()
  }
  return entry
}

/** The runs of an entry. */
export function evidenceOf({ stepIds, evidence }: HistoryEntry): readonly StepEvidence[] {
  return stepIds.map((stepId, run) => {
    const at = run * EVIDENCE_COLUMNS
    return {
      stepId,
      workMs: evidence[at] ?? 0,
      clientMs: evidence[at + 1] ?? 0,
      exclusiveCpuMs: measured(evidence[at + 2]),
      cacheHits: measured(evidence[at + 3]),
      cacheMisses: measured(evidence[at + 4]),
      sharedCpuMs: measured(evidence[at + 5]),
      heapGrowthBytes: measured(evidence[at + 6]),
    }
  })
}

function columnsOf(steps: readonly StepFigure[]): readonly number[] {
  const columns = new Array<number>(steps.length * EVIDENCE_COLUMNS).fill(UNMEASURED)
  let at = 0
  for (const step of steps) {
    columns[at] = step.phasesMs.work ?? 0
    columns[at + 1] = step.clientMs
    columns[at + 2] = step.exclusiveCpuMs ?? UNMEASURED
    columns[at + 3] = step.cacheHits ?? UNMEASURED
    columns[at + 4] = step.cacheMisses ?? UNMEASURED
    columns[at + 5] = step.sharedCpuMs ?? UNMEASURED
    // A heap shrinks by a collection only, and then nothing is known of the step.
    columns[at + 6] = Math.max(step.heapGrowthBytes ?? UNMEASURED, UNMEASURED)
    at += EVIDENCE_COLUMNS
  }
  return columns
}

function measured(value: number | undefined): number | undefined {
  return value === undefined || value < 0 ? undefined : value
}

/** The ids of the runs: the same list as the one before where the same steps ran. */
export function stepIdsOf(
  steps: readonly StepFigure[],
  previous: readonly string[] | undefined,
): readonly string[] {
  if (previous?.length !== steps.length) return steps.map(({ stepId }) => stepId)
  for (let run = 0; run < steps.length; run++)
    if (previous[run] !== steps[run]?.stepId) return steps.map(({ stepId }) => stepId)
  return previous
}

/** Entries with sequence in [from, to); they follow each other without a gap. */
export function entriesBetween(
  history: History,
  from: number,
  to: number = Number.POSITIVE_INFINITY,
): HistoryEntry[] {
  const { entries } = history
  const first = entries[0]?.sequence ?? 0
  return entries.slice(Math.max(0, from - first), Math.max(0, to - first))
}

/** Those with sequence from `from` that were re-simulated. */
export function simulatedEntries(history: History, from: number): HistoryEntry[] {
  return entriesBetween(history, from).filter(({ savings }) => savings !== undefined)
}

/** What an entry would have saved by index of the place; a place that is not there saved too little to be asked about. */
export function* savedMsByPlace({ savings = [] }: HistoryEntry): Iterable<[number, number]> {
  for (let at = 0; at + 1 < savings.length; at += 2) yield [savings[at] ?? 0, savings[at + 1] ?? 0]
}

/** Mean ms per place over the entries, in order of `places`; they sum to the mean duration. */
export function meanParts(history: History, entries: readonly HistoryEntry[]): number[] {
  const sums = history.places.map(() => 0)
  for (const entry of entries) {
    for (let index = 0; index < entry.partsMs.length; index++)
      sums[index] = (sums[index] ?? 0) + (entry.partsMs[index] ?? 0)
  }
  return sums.map((sum) => sum / Math.max(1, entries.length))
}

/** Sums by index of the place; as long as the last place needs. */
function byPlace(history: History, rows: readonly PlaceMs[], counters: Counters): number[] {
  const indices: number[] = []
  for (const { place } of rows) indices.push(indexOfPlace(history, place, counters))
  const sums = new Array<number>(rows.length === 0 ? 0 : Math.max(...indices) + 1).fill(0)
  for (let row = 0; row < rows.length; row++) {
    // An index below the length, and one for each row.
    const index = indices[row] as number
    sums[index] = (sums[index] ?? 0) + (rows[row] as PlaceMs).ms
  }
  return sums
}

function pairsOf(history: History, rows: readonly PlaceMs[], counters: Counters): number[] {
  const pairs = new Array<number>(2 * rows.length).fill(0)
  let at = 0
  for (const { place, ms } of rows) {
    pairs[at++] = indexOfPlace(history, place, counters)
    pairs[at++] = ms
  }
  return pairs
}

function indexOfPlace(history: History, place: PathPlace, counters: Counters): number {
  for (let index = 0; index < history.places.length; index++) {
    // An index below the length.
    if (isSamePlace(history.places[index] as PathPlace, place)) return index
  }
  if (history.places.length < MAX_PLACE_COUNT - 1) return history.places.push(place) - 1
  countOne(counters, 'series_limit')
  const other = history.places.findIndex((one) => one.stepId === OTHER_PLACE.stepId)
  return other >= 0 ? other : history.places.push(OTHER_PLACE) - 1
}
