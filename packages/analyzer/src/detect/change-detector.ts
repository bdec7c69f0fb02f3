import { type History, meanParts } from '../baseline/history.ts'
import { type HistoryEntry, partMs } from '../baseline/history-entry.ts'
import { hashText, uniformFrom } from '../stats/hash-uniform.ts'
import { autocorrelationInflation } from '../stats/median-change.ts'
import { unixMsFromNs } from '../time/unix-ns.ts'
import type { Phase } from '../trace/execution.ts'
import {
  bet,
  emptySeries,
  evidence,
  type LevelSeries,
  leadingRun,
  learn,
  type SeriesInput,
} from './level-series.ts'

/** Watches all series of one flow under one budget. Plain data. */
export interface ChangeDetector {
  /** Sequence number at which the baseline begins. */
  baselineStart: number
  /** Executions since then. */
  count: number
  /** The flow's duration first; phases join when learning ends. */
  readonly series: WatchedSeries[]
  /** Index of the series that watches each place of the history, -1 for none; as far as they were asked for. */
  readonly seriesByPlace: number[]
  /** Since when the alarm stands, while it stands. */
  alarmSince: number | undefined
}

interface WatchedSeries {
  /** Absent together for the flow's duration. */
  readonly place: SeriesPlace | undefined
  readonly weight: number
  readonly state: LevelSeries
}

/** A phase of a step on the critical path, the user's spans included. */
export interface SeriesPlace {
  readonly stepId: string | undefined
  readonly phase: Phase | 'paused' | undefined
}

/** The series that speaks loudest, and since when. */
export interface Alarm {
  readonly place: SeriesPlace | undefined
  readonly direction: 'up' | 'down'
  readonly start: number
  /** Natural logarithm of the evidence of all series together, for what it is worth among executions that follow each other. */
  readonly logEvidence: number
}

/** Phases watched per flow; more are left to the flow's duration. */
const MAX_PHASE_SERIES_COUNT = 64
/** Half of the budget is the duration's own; the phases share the rest. */
const DURATION_WEIGHT = 0.5

export function emptyDetector(baselineStart: number): ChangeDetector {
  const duration = { place: undefined, weight: DURATION_WEIGHT, state: emptySeries('positive') }
  return { baselineStart, count: 0, series: [duration], seriesByPlace: [], alarmSince: undefined }
}

/**
 * Shows the detector the newest entry of the history; an alarm when the weighted evidence reaches the budget.
 *
 * At most one false alarm in `budget` executions on average over all series together, as long as executions are
 * exchangeable. O(series x bins).
 */
export function watch(
  detector: ChangeDetector,
  { history, entry }: { history: History; entry: HistoryEntry },
  { budget, minCount }: { budget: number; minCount: number },
): Alarm | undefined {
  detector.count += 1
  if (detector.count <= minCount) {
    learn(durationSeries(detector).state, inputOf(momentOf(entry), 0, entry.durationMs))
    if (detector.count === minCount) addPhaseSeries(detector, history)
    return undefined
  }
  const values = seriesValues(detector, history, entry)
  const moment = momentOf(entry)
  let total = 0
  for (let stream = 0; stream < detector.series.length; stream += 1) {
    // An index below the length; there is a value for each.
    const { state, weight } = detector.series[stream] as WatchedSeries
    total += weight * bet(state, inputOf(moment, stream, values[stream] as number))
  }
  const loud = total < budget ? undefined : loudest(detector)
  const logEvidence = loud && Math.log(total) / newsCount(detector, history, loud)
  if (loud === undefined || logEvidence === undefined || logEvidence < Math.log(budget)) {
    detector.alarmSince = undefined
    return undefined
  }
  detector.alarmSince ??= entry.sequence
  return { ...loud, logEvidence }
}

interface Moment {
  readonly seed: number
  readonly sequence: number
  readonly unixMs: number
}

/** What all series share of an execution: it comes when it ends. */
function momentOf({ executionId, sequence, endUnixNs }: HistoryEntry): Moment {
  return { seed: hashText(executionId), sequence, unixMs: unixMsFromNs(endUnixNs) }
}

function inputOf({ seed, sequence, unixMs }: Moment, stream: number, value: number): SeriesInput {
  return { value, uniform: uniformFrom(seed, stream), sequence, unixMs }
}

/** `seriesValue` of every series: one pass over the parts of the execution. */
function seriesValues(detector: ChangeDetector, history: History, entry: HistoryEntry): number[] {
  const values = new Array<number>(detector.series.length).fill(0)
  values[0] = entry.durationMs
  for (let index = 0; index < entry.partCount; index++) {
    const series = seriesOfPlace(detector, history, index)
    if (series >= 0) values[series] = (values[series] ?? 0) + partMs(entry, index)
  }
  return values
}

/** Index of the series that watches a place of the history, -1 for none. Looked up once for each place. */
function seriesOfPlace(detector: ChangeDetector, history: History, index: number): number {
  const { seriesByPlace, series } = detector
  while (seriesByPlace.length <= index) {
    const part = history.places[seriesByPlace.length]
    seriesByPlace.push(
      series.findIndex(
        ({ place }) =>
          place !== undefined && place.stepId === part?.stepId && place.phase === part?.phase,
      ),
    )
  }
  return seriesByPlace[index] ?? -1
}

/**
 * Executions that follow each other carry less news than the bets assume: evidence of k executions is worth that of
 * one, k = (1 + r) / (1 - r), so its logarithm counts for a kth. Never less than 1.
 */
function newsCount(
  detector: ChangeDetector,
  history: History,
  alarm: Omit<Alarm, 'logEvidence'>,
): number {
  const calm = history.entries.filter(
    ({ sequence }) => sequence >= detector.baselineStart && sequence < alarm.start,
  )
  const values = calm.map((entry) => seriesValue(history, entry, alarm.place))
  return autocorrelationInflation(values) ** 2
}

/** Begins a new baseline at a past execution: what is still in the history since then is learned, not judged. */
export function rebaseline(
  history: History,
  { from, minCount }: { from: number; minCount: number },
): ChangeDetector {
  const detector = emptyDetector(from)
  const entries = history.entries.filter(({ sequence }) => sequence >= from)
  const duration = durationSeries(detector)
  for (const entry of entries) learn(duration.state, inputOf(momentOf(entry), 0, entry.durationMs))
  detector.count = entries.length
  if (detector.count >= minCount) addPhaseSeries(detector, history)
  return detector
}

/** ms on the critical path at the place, 0 when it was not on it; the duration without a place. */
export function seriesValue(
  history: History,
  entry: HistoryEntry,
  place: SeriesPlace | undefined,
): number {
  if (place === undefined) return entry.durationMs
  let sum = 0
  for (let index = 0; index < entry.partCount; index++) {
    const part = history.places[index]
    if (part?.stepId === place.stepId && part?.phase === place.phase) sum += partMs(entry, index)
  }
  return sum
}

/**
 * The phases seen while learning become series. The set depends on the learned executions as a bag, not on their
 * order, so bets on later ranks stay fair.
 */
function addPhaseSeries(detector: ChangeDetector, history: History): void {
  const entries = history.entries.filter(({ sequence }) => sequence >= detector.baselineStart)
  const places = seenPlaces(history, entries)
  detector.seriesByPlace.length = 0
  for (const place of places) {
    const state = emptySeries('positive')
    const stream = detector.series.length
    for (const entry of entries)
      learn(state, inputOf(momentOf(entry), stream, seriesValue(history, entry, place)))
    detector.series.push({ place, weight: (1 - DURATION_WEIGHT) / places.length, state })
  }
}

function seenPlaces(history: History, entries: readonly HistoryEntry[]): SeriesPlace[] {
  const sums = new Map<string, { place: SeriesPlace; ms: number }>()
  const meansMs = meanParts(history, entries)
  for (const [index, part] of history.places.entries()) {
    const ms = meansMs[index] ?? 0
    if (ms === 0 || part.phase === 'paused') continue
    const key = JSON.stringify([part.stepId ?? 0, part.phase ?? 0])
    const place = { stepId: part.stepId, phase: part.phase }
    sums.set(key, { place, ms: (sums.get(key)?.ms ?? 0) + ms })
  }
  // The largest, ties by name: a bag has no order, and neither must this.
  return [...sums.entries()]
    .sort(([keyA, a], [keyB, b]) => b.ms - a.ms || (keyA < keyB ? -1 : 1))
    .slice(0, MAX_PHASE_SERIES_COUNT)
    .map(([, { place }]) => place)
}

function loudest(detector: ChangeDetector): Omit<Alarm, 'logEvidence'> {
  const best = detector.series.reduce((a, b) =>
    b.weight * evidence(b.state) > a.weight * evidence(a.state) ? b : a,
  )
  return { place: best.place, ...leadingRun(best.state) }
}

function durationSeries(detector: ChangeDetector): WatchedSeries {
  // `emptyDetector` puts it first and nothing removes it.
  return detector.series[0] as WatchedSeries
}
