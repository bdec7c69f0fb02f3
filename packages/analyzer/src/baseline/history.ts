import { hashText } from '../stats/hash-uniform.ts'
import { unixMsFromNs } from '../time/unix-ns.ts'
import { NO_CIRCUMSTANCE } from './circumstances.ts'
import { type Counters, countOne } from './counters.ts'
import { emptyRecentEnds, noteEnd, type RecentEnds } from './execution-rate.ts'
import type { HistoryEntry } from './history-entry.ts'
import { entryFigures, type PlacedMs, placedParts } from './history-places.ts'
import type { ExecutionHead, Observation, PlaceMs, StepFigure } from './observation.ts'
import type { PathPlace } from './place.ts'
import { type RunTable, runTable } from './run-table.ts'

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

interface EntryOptions {
  readonly capacity?: number
  readonly variant?: number
  readonly circumstance?: number
  /** Those of the runs, where the caller has a list of them. */
  readonly stepIds?: readonly string[] | undefined
  /** Whether its savings are kept. */
  readonly isAsked?: boolean
  /** When it ended. */
  readonly unixMs?: number
}

/** As `appendPlaced`, of an observation. */
export function appendEntry(
  history: History,
  observation: Observation,
  counters: Counters,
  options: EntryOptions = {},
): HistoryEntry {
  const parts = placedParts(history, observation.parts, counters)
  const { savings } = observation
  const told = { head: observation, parts, savings, runs: runTable(observation) }
  return appendPlaced(history, told, counters, options)
}

/**
 * Appends an execution, forgetting the oldest beyond the capacity: `history_limit` counts those that a smaller one than
 * `MAX_ENTRY_COUNT` cost, `series_limit` places without room.
 */
export function appendPlaced(
  history: History,
  {
    head,
    parts,
    savings,
    runs,
  }: {
    readonly head: ExecutionHead
    readonly parts: PlacedMs
    readonly savings: readonly PlaceMs[] | undefined
    readonly runs: RunTable
  },
  counters: Counters,
  {
    capacity = MAX_ENTRY_COUNT,
    variant = 0,
    circumstance = NO_CIRCUMSTANCE,
    stepIds,
    isAsked = isSimulated(history.nextSequence, head, capacity),
    unixMs = unixMsFromNs(head.endUnixNs),
  }: EntryOptions,
): HistoryEntry {
  const asked = isAsked ? savings : undefined
  const saved = asked === undefined ? NOTHING : placedParts(history, asked, counters)
  const { partCount, columns, figures } = entryFigures({ parts, saved, runs })
  const entry: HistoryEntry = {
    sequence: history.nextSequence,
    executionId: head.executionId,
    traceId: head.traceId,
    startUnixNs: head.startUnixNs,
    endUnixNs: head.endUnixNs,
    durationMs: head.durationMs,
    variant,
    circumstance,
    partCount,
    savingCount: asked?.length,
    stepIds: stepIds ?? stepIdsOf(runs.steps, history.entries.at(-1)?.stepIds),
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

const NOTHING: PlacedMs = { count: 0, places: [], ms: [] }
