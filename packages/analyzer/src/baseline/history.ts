import { hashText } from '../stats/hash-uniform.ts'
import { unixMsFromNs } from '../time/unix-ns.ts'
import { NO_CIRCUMSTANCE } from './circumstances.ts'
import { type Counters, countOne } from './counters.ts'
import { emptyRecentEnds, noteEnd, type RecentEnds } from './execution-rate.ts'
import { columnCount, columnsOf, type HistoryEntry, writeEvidence } from './history-entry.ts'
import type { Observation, PlaceMs, StepFigure } from './observation.ts'
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

/** Enough for a median within a few percent at CV 0.5, and some 180 KB for a flow of five steps. */
export const MAX_ENTRY_COUNT = 256

/** Executions that are all re-simulated: everything that a flow is found to be at first. */
const ALL_SIMULATED_COUNT = 1_000
/** Later so many of a history speak for all: a share is then known within a few points. */
const SIMULATED_COUNT = 50

/**
 * Whether the execution of this sequence number is re-simulated. Its id draws the later ones, so that neither order nor
 * batching of spans can change which.
 */
export function isSimulated(
  sequence: number,
  { executionId, seed }: Pick<Observation, 'executionId'> & { readonly seed?: number },
  capacity: number = MAX_ENTRY_COUNT,
): boolean {
  if (sequence < ALL_SIMULATED_COUNT) return true
  const everyCount = Math.max(1, Math.floor(capacity / SIMULATED_COUNT))
  return (seed ?? hashText(executionId)) % everyCount === 0
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
  {
    capacity = MAX_ENTRY_COUNT,
    variant = 0,
    circumstance = NO_CIRCUMSTANCE,
    stepIds,
    isAsked = isSimulated(history.nextSequence, observation, capacity),
    unixMs = unixMsFromNs(observation.endUnixNs),
  }: {
    capacity?: number
    variant?: number
    circumstance?: number
    /** Those of the runs, where the caller has a list of them. */
    stepIds?: readonly string[] | undefined
    /** Whether its savings are kept. */
    isAsked?: boolean
    /** When it ended. */
    unixMs?: number
  } = {},
): HistoryEntry {
  const { parts, steps } = observation
  const asked = isAsked ? observation.savings : undefined
  const savings = asked ?? NO_ROWS
  const places = placeIndices(history, { parts, savings }, counters)
  const partCount = lengthFor(places, parts.length)
  const evidenceAt = partCount + 2 * savings.length
  const columns = columnsOf(steps)
  const figures = listOf(evidenceAt + columnCount(columns) * steps.length)
  figures.fill(0, 0, partCount)
  sumParts(figures, parts, places)
  for (let row = 0; row < savings.length; row++) {
    // Indices below the lengths.
    figures[partCount + 2 * row] = places[parts.length + row] as number
    figures[partCount + 2 * row + 1] = (savings[row] as PlaceMs).ms
  }
  writeEvidence(figures, steps, { columns, at: evidenceAt })
  const entry: HistoryEntry = {
    sequence: history.nextSequence,
    executionId: observation.executionId,
    traceId: observation.traceId,
    startUnixNs: observation.startUnixNs,
    endUnixNs: observation.endUnixNs,
    durationMs: observation.durationMs,
    variant,
    circumstance,
    partCount,
    savingCount: asked?.length,
    stepIds: stepIds ?? stepIdsOf(steps, history.entries.at(-1)?.stepIds),
    columns,
    figures,
  }
  history.nextSequence += 1
  noteEnd(history.recent, unixMs)
  history.entries.push(entry)
  while (history.entries.length > capacity) {
    if (history.entries.length <= MAX_ENTRY_COUNT) countOne(counters, 'history_limit')
    history.entries.shift()
  }
  return entry
}

/** The ids of the runs: the same list as the one before where the same steps ran. */
export function stepIdsOf(
  steps: readonly Pick<StepFigure, 'stepId'>[],
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
  return entriesBetween(history, from).filter(({ savingCount }) => savingCount !== undefined)
}

/** Mean ms per place over the entries, in order of `places`; they sum to the mean duration. */
export function meanParts(history: History, entries: readonly HistoryEntry[]): number[] {
  const sums = new Float64Array(history.places.length)
  for (const { partCount, figures } of entries) {
    const count = Math.min(partCount, sums.length)
    // Indices below the lengths.
    for (let index = 0; index < count; index++)
      sums[index] = (sums[index] as number) + (figures[index] as number)
  }
  const n = Math.max(1, entries.length)
  return Array.from(sums, (sum) => sum / n)
}

/** A list to write over: a copy has the right size and kind at once, while one that grows is made again and again. */
export function listOf(length: number): number[] {
  return length <= FRACTIONS.length ? FRACTIONS.slice(0, length) : new Array<number>(length).fill(0)
}

/** A list of fractions is of another kind than one of whole numbers. The same for all flows, it stays in the caches. */
const FRACTIONS: readonly number[] = Array.from({ length: 128 }, () => 0.5)

const NO_ROWS: readonly PlaceMs[] = []

/** Of the parts, then of the savings. */
function placeIndices(
  { places }: History,
  { parts, savings }: { readonly parts: readonly PlaceMs[]; readonly savings: readonly PlaceMs[] },
  counters: Counters,
): readonly number[] {
  const partCount = parts.length
  const indices = new Array<number>(partCount + savings.length)
  let next = 0
  for (let at = 0; at < indices.length; at++) {
    // Indices below the lengths.
    const { place } = (at < partCount ? parts[at] : savings[at - partCount]) as PlaceMs
    // Mostly it follows the one before.
    const index = places[next] === place ? next : indexOfPlace(places, place, counters)
    indices[at] = index
    next = index + 1
  }
  return indices
}

/** How many places there are up to the last of the first `count`. */
function lengthFor(indices: readonly number[], count: number): number {
  let length = 0
  for (let at = 0; at < count; at++) {
    // An index below the length.
    const index = indices[at] as number
    if (index >= length) length = index + 1
  }
  return length
}

/** Adds each row to the figure of its place. */
function sumParts(figures: number[], rows: readonly PlaceMs[], places: readonly number[]): void {
  for (let row = 0; row < rows.length; row++) {
    // Indices below the lengths.
    const place = places[row] as number
    figures[place] = (figures[place] as number) + (rows[row] as PlaceMs).ms
  }
}

function indexOfPlace(places: PathPlace[], place: PathPlace, counters: Counters): number {
  // Executions of the same spans name their places by the same objects.
  const known = places.indexOf(place)
  if (known >= 0) return known
  for (let index = 0; index < places.length; index++) {
    // An index below the length.
    if (!isSamePlace(places[index] as PathPlace, place)) continue
    // The next of these spans finds its own object again.
    places[index] = place
    return index
  }
  if (places.length < MAX_PLACE_COUNT - 1) return places.push(place) - 1
  countOne(counters, 'series_limit')
  const other = places.findIndex((one) => one.stepId === OTHER_PLACE.stepId)
  return other >= 0 ? other : places.push(OTHER_PLACE) - 1
}
