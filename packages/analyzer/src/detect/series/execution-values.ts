import type { History } from '../../baseline/history.ts'
import {
  columnCount,
  EXCLUSIVE_CPU,
  evidenceAt,
  FAILED,
  HEAP_GROWTH,
  type HistoryEntry,
  QUEUE,
} from '../../baseline/history-entry.ts'
import { OTHER_PLACE } from '../../baseline/place.ts'
import type { SeriesPlace } from './series-place.ts'
import { ABSENT, type SeriesTable } from './series-table.ts'

/** Indices of the series that watch a step; -1 for none. Plain data. */
export interface StepSeries {
  readonly stepId: string
  readonly cpu: number
  readonly memory: number
  readonly queueWait: number
  readonly errors: number
}

interface Watching {
  readonly series: SeriesTable
  readonly seriesByPlace: number[]
  readonly stepSeries: StepSeries[]
}

/** In `seriesByPlace`: no series watches the place, or nobody asked yet. */
const NONE = -1
const UNASKED = -2
/** A place or CPU time that no series watches gets one when it takes so much of an execution: less of it would not matter to the flow. */
const LATE_RATIO = 0.05
/** Steps that are looked up once; more than one execution may have. A flow that makes up its steps' ids has no end of them. */
const MAX_STEP_COUNT = 512

/**
 * Writes `seriesValue` of every series into the table's values, in one pass over the execution; the places that no series watches.
 * One without a value is negative or NaN. What runs for each execution: O(places + runs + series), and places are looked up once.
 */
export function executionValues(
  watching: Watching,
  { history, entry }: { readonly history: History; readonly entry: HistoryEntry },
): readonly SeriesPlace[] {
  const { blanks } = watching.series
  const { values } = watching.series.rows
  const late: SeriesPlace[] = []
  values.set(blanks)
  values[0] = entry.durationMs
  const { partCount, figures } = entry
  const lateMs = LATE_RATIO * entry.durationMs
  for (let index = 0; index < partCount; index++) {
    // Indices below the lengths, here and below; a number that might be absent is put on the heap, and this runs for each.
    const ms = figures[index] as number
    if (ms === 0) continue
    const stream = watching.seriesByPlace[index] ?? UNASKED
    const own = stream === UNASKED ? seriesOfPlace(watching, history, index) : stream
    if (own >= 0) values[own] = (values[own] as number) + ms
    else if (ms >= lateMs) late.push(...latePlace(history, index))
  }
  addRuns(watching, entry, late)
  return late
}

/** Adds what was measured of the runs, and to `late` what no series watches. */
function addRuns(watching: Watching, entry: HistoryEntry, late: SeriesPlace[]): void {
  const { stepIds, columns } = entry
  const lateMs = LATE_RATIO * entry.durationMs
  const stride = columnCount(columns)
  const cpuAt = evidenceAt(entry, EXCLUSIVE_CPU)
  const heapAt = evidenceAt(entry, HEAP_GROWTH)
  const queueAt = evidenceAt(entry, QUEUE)
  const failedAt = evidenceAt(entry, FAILED)
  const { values } = watching.series.rows
  for (let run = 0; run < stepIds.length; run++) {
    // An index below the length.
    const stepId = stepIds[run] as string
    const usual = watching.stepSeries[run]
    const own = usual?.stepId === stepId ? usual : stepSeriesOf(watching, stepId)
    if (own === undefined) {
      late.push(...addStep(watching, stepId))
      continue
    }
    const from = run * stride
    const cpuMs = figureAt(entry, cpuAt, from)
    add(values, own.cpu, cpuMs)
    add(values, own.memory, figureAt(entry, heapAt, from))
    add(values, own.queueWait, Math.max(0, figureAt(entry, queueAt, from)))
    const isFailed = figureAt(entry, failedAt, from) > 0
    if (own.errors >= 0)
      values[own.errors] = Math.max(values[own.errors] as number, isFailed ? 1 : 0)
    if (own.cpu === NONE && Math.max(0, cpuMs) >= lateMs)
      late.push({ metric: 'cpu', stepId, phase: undefined })
  }
}

/** What an entry keeps of a run in a column; negative where it was not measured. */
function figureAt({ figures }: HistoryEntry, column: number, from: number): number {
  // Each run has one figure in each column there is.
  return column < 0 ? ABSENT : (figures[column + from] as number)
}

/** The series of a step; absent for one that nobody asked for yet. */
export function stepSeriesOf({ stepSeries }: Watching, stepId: string): StepSeries | undefined {
  for (const one of stepSeries) if (one.stepId === stepId) return one
  return undefined
}

function seriesOfPlace(
  { series, seriesByPlace }: Watching,
  history: History,
  index: number,
): number {
  while (seriesByPlace.length <= index) seriesByPlace.push(UNASKED)
  const { stepId, phase } = history.places[index] ?? OTHER_PLACE
  const found = series.places.findIndex(
    (place) => place?.metric === 'phase' && place.stepId === stepId && place.phase === phase,
  )
  seriesByPlace[index] = found
  return found
}

/** Pauses are not the flow's time, and what found no room is no place. */
function latePlace({ places }: History, index: number): SeriesPlace[] {
  const { stepId, phase } = places[index] ?? OTHER_PLACE
  const isWatchable = phase !== 'paused' && stepId !== OTHER_PLACE.stepId
  return isWatchable ? [{ metric: 'phase', stepId, phase }] : []
}

/** Looks the series of a step up; when none watches its failures, that one is missing. */
function addStep({ series, stepSeries }: Watching, stepId: string): SeriesPlace[] {
  const find = (metric: SeriesPlace['metric']) =>
    series.places.findIndex((place) => place?.metric === metric && place.stepId === stepId)
  const own = {
    stepId,
    cpu: find('cpu'),
    memory: find('memory'),
    queueWait: find('queue_wait'),
    errors: find('error_rate'),
  }
  if (stepSeries.length < MAX_STEP_COUNT) stepSeries.push(own)
  return own.errors === NONE ? [{ metric: 'error_rate', stepId, phase: undefined }] : []
}

/** NaN once a run was not measured. */
function add(values: Float64Array, stream: number, figure: number): void {
  if (stream < 0) return
  const sum = values[stream] as number
  const value = figure < 0 ? Number.NaN : figure
  values[stream] = sum === ABSENT ? value : sum + value
}
