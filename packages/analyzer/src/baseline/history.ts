import { hashText } from '../stats/hash-uniform.ts'
import { msFromNs, offsetNs } from '../time/unix-ns.ts'
import { type Counters, countOne } from './counters.ts'
import type { Observation, PlaceMs, StepEvidence, StepFigure } from './observation.ts'
import { isSamePlace, MAX_PLACE_COUNT, OTHER_PLACE, type PathPlace } from './place.ts'

/** The last judged executions of a flow. */
export interface History {
  /** The table that entries point into; places are only ever added. */
  readonly places: PathPlace[]
  readonly entries: HistoryEntry[]
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
  /** Index into `places` -> ms on the critical path. */
  readonly partsMs: readonly IndexedMs[]
  /** Absent where it was not re-simulated: see `isSimulated`. */
  readonly savingsMs: readonly IndexedMs[] | undefined
  readonly steps: readonly StepEvidence[]
}

/** `[index of a place, ms]` */
type IndexedMs = readonly [number, number]

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
  return { places: [], entries: [], nextSequence: 0 }
}

/** Appends an execution, forgetting the oldest beyond the bound; `series_limit` counts places without room. */
export function appendEntry(
  history: History,
  observation: Observation,
  counters: Counters,
): HistoryEntry {
  const entry: HistoryEntry = {
    sequence: history.nextSequence,
    executionId: observation.executionId,
    traceId: observation.traceId,
    startUnixNs: observation.startUnixNs,
    endUnixNs: observation.endUnixNs,
    durationMs: observation.durationMs,
    partsMs: indexed(history, observation.parts, counters),
    savingsMs: isSimulated(history.nextSequence, observation)
      ? indexed(history, observation.savings, counters)
      : undefined,
    steps: observation.steps.map(evidenceOf),
  }
  history.nextSequence += 1
  history.entries.push(entry)
  if (history.entries.length > MAX_ENTRY_COUNT) history.entries.shift()
  return entry
}

function evidenceOf(figure: StepFigure): StepEvidence {
  const { stepId, phasesMs, exclusiveCpuMs, clientMs, cacheHits, cacheMisses } = figure
  return { stepId, workMs: phasesMs.work ?? 0, exclusiveCpuMs, clientMs, cacheHits, cacheMisses }
}

/** Entries with sequence in [from, to). */
export function entriesBetween(
  history: History,
  from: number,
  to: number = Number.POSITIVE_INFINITY,
): HistoryEntry[] {
  return history.entries.filter(({ sequence }) => sequence >= from && sequence < to)
}

/** Those with sequence from `from` that were re-simulated. */
export function simulatedEntries(history: History, from: number): HistoryEntry[] {
  return entriesBetween(history, from).filter(({ savingsMs }) => savingsMs !== undefined)
}

/** Mean ms per place over the entries, in order of `places`; they sum to the mean duration. */
export function meanParts(history: History, entries: readonly HistoryEntry[]): number[] {
  const sums = history.places.map(() => 0)
  for (const entry of entries) {
    for (const [index, ms] of entry.partsMs) sums[index] = (sums[index] ?? 0) + ms
  }
  return sums.map((sum) => sum / Math.max(1, entries.length))
}

/** Executions per ms of wall time while these ran; absent without a span of time. */
export function executionRatePerMs(entries: readonly HistoryEntry[]): number | undefined {
  const first = entries[0]
  const last = entries.at(-1)
  if (first === undefined || last === undefined || entries.length < 2) return undefined
  const spanMs = msFromNs(offsetNs(last.endUnixNs, first.endUnixNs))
  return spanMs > 0 ? (entries.length - 1) / spanMs : undefined
}

/** One pair per place. */
function indexed(history: History, rows: readonly PlaceMs[], counters: Counters): IndexedMs[] {
  const pairs: IndexedMs[] = []
  for (const { place, ms } of rows) {
    const index = indexOfPlace(history, place, counters)
    const at = pairs.findIndex(([known]) => known === index)
    const known = pairs[at]
    if (known === undefined) pairs.push([index, ms])
    else pairs[at] = [index, known[1] + ms]
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
