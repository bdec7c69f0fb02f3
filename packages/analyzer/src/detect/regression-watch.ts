import type { Counters } from '../baseline/counters.ts'
import type { Interval } from '../stats/mean-interval.ts'
import type { Change } from './change/change.ts'
import type { MixShift } from './change/mix-shift.ts'
import type { FlowMemory } from './flow-memory.ts'
import type { RateChange } from './rate/rate-change.ts'
import {
  type Alarm,
  type ChangeDetector,
  emptyDetector,
  rebaseline,
} from './series/change-detector.ts'
import type { SeriesPlace } from './series/series-place.ts'

/** The watch over one flow and its open changes. Plain data. */
export interface RegressionWatch {
  detector: ChangeDetector
  /** Open changes of levels, the oldest first. */
  changes: Change[]
  /** Open changes of rates, the oldest first. */
  rateChanges: RateChange[]
  /** The last shifts of inputs that were told apart from changes, the oldest first. */
  mixShifts: readonly ToldMixShift[]
}

/** A shift of inputs that alone moved a level. */
export interface ToldMixShift extends MixShift {
  /** What moved; absent when the flow's duration did. */
  readonly series: SeriesPlace | undefined
  /** Relative change of the median. */
  readonly effect: Interval
  readonly onsetExecutionId: string
  readonly onsetUnixNs: bigint
}

/** What is told of the changes of one flow: docs/math/series.md. */
export interface RegressionSettings {
  readonly tenant: string
  readonly flowId: string
  /** One false alarm in so many executions, over all series. */
  readonly falseAlarmBudgetExecutions: number
  /** Executions that are learned before any is judged. */
  readonly minSampleSize: number
  /** Smallest relative change that is told; a ratio. */
  readonly alertThreshold: number
  /** The newest executions that must look as before for a change to be over. */
  readonly windowSize: number
}

/** A step in a change's life. */
export interface ChangeStep {
  readonly step: 'opened' | 'updated' | 'resolved'
  readonly change: Change
}

export function emptyWatch(): RegressionWatch {
  return { detector: emptyDetector(0), changes: [], rateChanges: [], mixShifts: [] }
}

/** An alarm and what it was raised over. */
export interface Alarmed {
  readonly memory: FlowMemory
  readonly alarm: Alarm
  readonly flowVersion: string | undefined
}

/** The level begins at `from`, for all series. */
export function beginAgain(
  state: RegressionWatch,
  memory: FlowMemory,
  from: number,
  { minSampleSize }: RegressionSettings,
  counters: Counters,
): void {
  state.detector = rebaseline(memory, { from, minCount: minSampleSize }, counters)
}
