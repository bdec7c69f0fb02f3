import { emptySeries, type LevelSeries } from '../level/level-series.ts'
import type { SeriesPlace } from './series-place.ts'

/** A series with its part of the budget. Plain data. */
export interface WatchedSeries {
  /** Absent for the flow's duration. */
  readonly place: SeriesPlace | undefined
  readonly weight: number
  readonly state: LevelSeries
  /** After its last value: a series without one in an execution keeps what it had. */
  evidence: number
}

export function watchedSeries(place: SeriesPlace | undefined, weight: number): WatchedSeries {
  const kind = place?.metric === 'error_rate' ? 'rate' : 'positive'
  return { place, weight, state: emptySeries(kind), evidence: 0 }
}
