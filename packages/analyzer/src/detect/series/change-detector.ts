import type { Counters } from '../../baseline/counters.ts'
import type { Failure } from '../../baseline/failures.ts'
import { entriesBetween } from '../../baseline/history.ts'
import type { HistoryEntry } from '../../baseline/history-entry.ts'
import type { ClosedBucket } from '../../baseline/traffic.ts'
import { uniformFrom } from '../../stats/hash-uniform.ts'
import type { FlowMemory } from '../flow-memory.ts'
import { bet, betOnAll, leadingRun, learn } from '../level/level-series.ts'
import { executionValues, type StepSeries, stepSeriesOf } from './execution-values.ts'
import { addLateSeries, addSeenSeries, learnPast } from './learn-series.ts'
import { ownWeight } from './series-budget.ts'
import { bucketMoment, inputOf, type Moment, momentOf } from './series-input.ts'
import { isRate, type SeriesPlace } from './series-place.ts'
import { SeriesTable } from './series-table.ts'
import {
  isTrafficLearned,
  noTrafficLevel,
  type TrafficLevel,
  trafficRatio,
} from './traffic-level.ts'

/** Watches all series of one flow under one budget. Plain data but for its series, which a snapshot holds as a list. */
export interface ChangeDetector {
  /** Judged executions of the flow before the baseline begins: the sequence number of its first. */
  baselineStart: number
  /** Judged executions since then. */
  count: number
  /** Duration, errors and traffic of the whole flow, then what was seen while learning, then what came later. */
  series: SeriesTable
  /** Index of the series that watches each place of the history, as far as they were asked for. */
  readonly seriesByPlace: number[]
  readonly stepSeries: StepSeries[]
  /** Series that were first seen after learning. */
  lateCount: number
  readonly traffic: TrafficLevel
  /** Since when the alarm stands, while it stands. */
  alarmSince: number | undefined
}

/**
 * The series that speaks loudest, and since when. Of levels and of rates each, since the one must not drown the other: what they
 * need to be confirmed differs.
 */
export interface Alarm {
  readonly place: SeriesPlace | undefined
  readonly direction: 'up' | 'down'
  readonly start: number
  /** Natural logarithm of the evidence of all series together. */
  readonly logEvidence: number
}

interface WatchSettings {
  readonly budget: number
  readonly minCount: number
}

/** Places of the series that every detector has. */
const DURATION = 0
const ERRORS = 1
const THROUGHPUT = 2

export function emptyDetector(baselineStart: number): ChangeDetector {
  const ofFlow = { stepId: undefined, phase: undefined }
  const series = new SeriesTable()
  series.add(undefined, ownWeight('duration'))
  series.add({ metric: 'error_rate', ...ofFlow }, ownWeight('error_rate'))
  series.add({ metric: 'throughput', ...ofFlow }, ownWeight('throughput'))
  return {
    baselineStart,
    count: 0,
    series,
    seriesByPlace: [],
    stepSeries: [],
    lateCount: 0,
    traffic: noTrafficLevel(),
    alarmSince: undefined,
  }
}

/**
 * Shows the detector the newest entry of the history; an alarm when the weighted evidence reaches the budget.
 *
 * At most one false alarm in `budget` executions on average over all series together, as long as executions are
 * exchangeable once season and echo are taken out. O(series).
 */
export function watchEntry(
  detector: ChangeDetector,
  shown: {
    readonly memory: FlowMemory
    readonly entry: HistoryEntry
    /** Of the entry, where the caller has it. */
    readonly moment?: Moment
  },
  settings: WatchSettings,
  counters: Counters,
): readonly Alarm[] {
  const { memory, entry, moment = momentOf(entry, entry.sequence) } = shown
  const { series } = detector
  detector.count += 1
  if (detector.count <= settings.minCount) {
    learn(series.rows, DURATION, inputOf(moment, DURATION, entry.durationMs))
    learn(series.rows, ERRORS, inputOf(moment, ERRORS, 0))
    if (detector.count === settings.minCount) addSeenSeries(detector, memory, counters)
    return []
  }
  const late = executionValues(detector, { history: memory.history, entry })
  series.rows.values[ERRORS] = 0
  betOnExecution(series, moment)
  for (const place of late) addLateSeries(detector, memory, place, counters)
  return alarmsOf(detector, settings, entry.sequence)
}

/** Shows the detector a failed execution, of which only failures are judged. */
export function watchFailure(
  detector: ChangeDetector,
  failure: Failure,
  settings: WatchSettings,
): readonly Alarm[] {
  const moment = momentOf(failure, failure.position)
  if (detector.count < settings.minCount) {
    learn(detector.series.rows, ERRORS, inputOf(moment, ERRORS, 1))
    return []
  }
  bet(detector.series.rows, ERRORS, inputOf(moment, ERRORS, 1))
  for (const stepId of new Set(failure.stepIds)) {
    const stream = stepSeriesOf(detector, stepId)?.errors ?? -1
    const value = failure.failedStepIds.includes(stepId) ? 1 : 0
    if (stream >= 0) bet(detector.series.rows, stream, inputOf(moment, stream, value))
  }
  return alarmsOf(detector, settings, failure.position)
}

/** Shows the detector a bucket of time that is over: what ended in it, against what usually does. */
export function watchBucket(
  detector: ChangeDetector,
  { memory, bucket }: { readonly memory: FlowMemory; readonly bucket: ClosedBucket },
  settings: WatchSettings,
): readonly Alarm[] {
  const { widthMs } = memory.traffic
  const moment = bucketMoment(bucket, widthMs)
  const isLearned = isTrafficLearned(detector.traffic, widthMs)
  const ratio = trafficRatio(detector.traffic, bucket.weight)
  if (ratio === undefined) return []
  if (isLearned && detector.count >= settings.minCount) {
    bet(detector.series.rows, THROUGHPUT, inputOf(moment, THROUGHPUT, ratio))
    return alarmsOf(detector, settings, bucket.position)
  }
  learn(detector.series.rows, THROUGHPUT, inputOf(moment, THROUGHPUT, ratio))
  return []
}

/** Begins a new baseline at a past execution: what is remembered since then is learned, not judged. */
export function rebaseline(
  memory: FlowMemory,
  { from, minCount }: { from: number; minCount: number },
  counters: Counters,
): ChangeDetector {
  const detector = emptyDetector(from)
  const { history, traffic } = memory
  const entries = entriesBetween(history, from)
  detector.count = entries.length
  learnPast(detector, memory, DURATION)
  learnPast(detector, memory, ERRORS)
  for (const bucket of traffic.closed) {
    if (bucket.position < from) continue
    const ratio = trafficRatio(detector.traffic, bucket.weight)
    if (ratio === undefined) continue
    const moment = bucketMoment(bucket, traffic.widthMs)
    learn(detector.series.rows, THROUGHPUT, inputOf(moment, THROUGHPUT, ratio))
  }
  if (detector.count >= minCount) addSeenSeries(detector, memory, counters)
  return detector
}

/** Bets on the value that each series has in an execution, where it has one. */
function betOnExecution({ rows, count }: SeriesTable, moment: Moment): void {
  const { seed, sequence, unixMs } = moment
  for (let stream = 0; stream < count; stream += 1)
    rows.uniforms[stream] = uniformFrom(seed, stream)
  betOnAll(rows, { from: 0, to: count, sequence, unixMs })
}

/** The series that speaks loudest of levels and of rates when all together reach the budget. */
function alarmsOf(
  detector: ChangeDetector,
  { budget }: WatchSettings,
  position: number,
): readonly Alarm[] {
  const { levels, rates } = detector.series.totals()
  const total = levels + rates
  if (total < budget) {
    detector.alarmSince = undefined
    return CALM
  }
  detector.alarmSince ??= position
  const loud = [
    ...(levels >= Math.min(budget, rates) ? [loudest(detector, false)] : []),
    ...(rates >= Math.min(budget, levels) ? [loudest(detector, true)] : []),
  ]
  const logEvidence = Math.log(total)
  return loud.map((one) => ({ ...one, logEvidence }))
}

const CALM: readonly Alarm[] = []

function loudest({ series }: ChangeDetector, isOfRates: boolean): Omit<Alarm, 'logEvidence'> {
  const { places, weights, rows } = series
  const { evidences } = rows
  const weighted = (stream: number) => (weights[stream] ?? 0) * (evidences[stream] ?? 0)
  const own = [...places.keys()].filter((stream) => isRate(places[stream]) === isOfRates)
  const best = own.reduce((a, b) => (weighted(b) > weighted(a) ? b : a))
  return { place: places[best], ...leadingRun(rows, best) }
}
