import { type Counters, countOne } from '../../baseline/counters.ts'
import type { Failure } from '../../baseline/failures.ts'
import { entriesBetween } from '../../baseline/history.ts'
import type { HistoryEntry } from '../../baseline/history-entry.ts'
import type { FlowMemory } from '../flow-memory.ts'
import { learn } from '../level/level-series.ts'
import type { ChangeDetector } from './change-detector.ts'
import { seenPlaces } from './seen-places.ts'
import { lateWeight, MAX_LATE_COUNT, withWeights } from './series-budget.ts'
import { inputOf, momentOf } from './series-input.ts'
import { isSameSeries, type SeriesPlace } from './series-place.ts'
import { seriesReader } from './series-value.ts'

/**
 * What was seen while learning becomes series. The set depends on the learned executions as a bag, not on their order, so
 * bets on later ranks stay fair.
 */
export function addSeenSeries(
  detector: ChangeDetector,
  memory: FlowMemory,
  counters: Counters,
): void {
  const places = seenPlaces(memory, detector.baselineStart)
  const weighted = withWeights(places)
  const leftCount = places.length - weighted.length
  if (leftCount > 0) countOne(counters, 'watched_series_limit', leftCount)
  detector.series.reserve(weighted.length)
  for (const { place, weight } of weighted) addSeries(detector, memory, place, weight)
}

/**
 * A series that is first seen after learning learns what it was until now, mostly nothing at all, the execution that showed it
 * included: it never bets on what made it one.
 */
export function addLateSeries(
  detector: ChangeDetector,
  memory: FlowMemory,
  place: SeriesPlace,
  counters: Counters,
): void {
  if (detector.series.places.some((one) => isSameSeries(one, place))) return
  if (detector.lateCount >= MAX_LATE_COUNT) {
    countOne(counters, 'watched_series_limit')
    return
  }
  detector.lateCount += 1
  addSeries(detector, memory, place, lateWeight(place))
}

function addSeries(
  detector: ChangeDetector,
  memory: FlowMemory,
  place: SeriesPlace,
  weight: number,
): void {
  const stream = detector.series.add(place, weight)
  detector.seriesByPlace.length = 0
  detector.stepSeries.length = 0
  learnPast(detector, memory, stream)
}

/** Learns what a series was in every execution since the baseline began, failed ones included where failures are meant. */
export function learnPast(detector: ChangeDetector, memory: FlowMemory, stream: number): void {
  const { baselineStart, series } = detector
  const { history, failures } = memory
  const place = series.places[stream]
  const isErrors = place?.metric === 'error_rate'
  const failed = isErrors ? failures.last.filter((one) => one.position >= baselineStart) : []
  const learnValue = (execution: HistoryEntry | Failure, position: number, value: number) => {
    if (!Number.isNaN(value))
      learn(series.rows, stream, inputOf(momentOf(execution, position), stream, value))
  }
  let next = 0
  const learnFailed = (before: number) => {
    for (; next < failed.length; next += 1) {
      const failure = failed[next] as Failure
      if (failure.position > before) return
      learnValue(failure, failure.position, failureValue(failure, place))
    }
  }
  const read = seriesReader(history, place)
  for (const entry of entriesBetween(history, baselineStart)) {
    learnFailed(entry.sequence)
    learnValue(entry, entry.sequence, read(entry))
  }
  learnFailed(Number.POSITIVE_INFINITY)
}

/** 1 when the execution, or the step in it, failed; NaN when the step did not run. */
export function failureValue(failure: Failure, place: SeriesPlace | undefined): number {
  if (place?.stepId === undefined) return 1
  if (failure.failedStepIds.includes(place.stepId)) return 1
  return failure.stepIds.includes(place.stepId) ? 0 : Number.NaN
}
