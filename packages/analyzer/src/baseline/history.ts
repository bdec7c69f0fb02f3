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
  readonly savingsMs: readonly IndexedMs[]
  readonly steps: readonly StepEvidence[]
}

/** `[index of a place, ms]` */
type IndexedMs = readonly [number, number]

/** Enough for a median within a few percent at CV 0.5, and 20 KiB for a flow of five steps. */
export const MAX_ENTRY_COUNT = 256

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
    savingsMs: indexed(history, observation.savings, counters),
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

function indexed(history: History, rows: readonly PlaceMs[], counters: Counters): IndexedMs[] {
  const sums = new Map<number, number>()
  for (const { place, ms } of rows) {
    const index = indexOfPlace(history, place, counters)
    sums.set(index, (sums.get(index) ?? 0) + ms)
  }
  return [...sums]
}

function indexOfPlace(history: History, place: PathPlace, counters: Counters): number {
  const known = history.places.findIndex((one) => isSamePlace(one, place))
  if (known >= 0) return known
  if (history.places.length < MAX_PLACE_COUNT - 1) return history.places.push(place) - 1
  countOne(counters, 'series_limit')
  const other = history.places.findIndex((one) => one.stepId === OTHER_PLACE.stepId)
  return other >= 0 ? other : history.places.push(OTHER_PLACE) - 1
}
