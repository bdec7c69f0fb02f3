import { type Counters, countOne } from '../baseline/counters.ts'
import type { Failure } from '../baseline/failures.ts'
import type { HistoryEntry } from '../baseline/history-entry.ts'
import type { Observation } from '../baseline/observation.ts'
import type { ClosedBucket } from '../baseline/traffic.ts'
import type { Interval } from '../stats/mean-interval.ts'
import type { Change } from './change.ts'
import {
  type Alarm,
  type ChangeDetector,
  emptyDetector,
  rebaseline,
  watchBucket,
  watchEntry,
  watchFailure,
} from './change-detector.ts'
import { confirmRate } from './confirm-rate.ts'
import type { FlowMemory } from './flow-memory.ts'
import { followLevels, judgeLevelAlarm } from './level-watch.ts'
import type { MixShift } from './mix-shift.ts'
import { openRateChange, type RateChange } from './rate-change.ts'
import { admitRate, followRates, type RateStep } from './rate-watch.ts'
import { isRate, type RateMetric, type SeriesPlace } from './series-place.ts'

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

/** What a new execution or bucket changed about the open changes, in order. */
export interface Judged {
  readonly levels: readonly ChangeStep[]
  readonly rates: readonly RateStep[]
}

/** Takes the newest entry of the history. */
export function judge(
  state: RegressionWatch,
  shown: {
    readonly memory: FlowMemory
    readonly entry: HistoryEntry
    readonly runs: Observation['steps']
    readonly flowVersion: string | undefined
  },
  settings: RegressionSettings,
  counters: Counters,
): Judged {
  const { memory, entry, flowVersion } = shown
  const alarms = watchEntry(state.detector, shown, watchSettings(settings), counters)
  const levels = followLevels(state, { memory, entry }, settings, counters)
  const followed = followRate(state, memory, 'error_rate', settings, counters)
  // What ended began a new baseline, which no alarm was raised against.
  if ([...levels, ...followed].some(({ step }) => step === 'resolved'))
    return { levels, rates: followed }
  const about = { memory, flowVersion }
  for (const alarm of alarms) {
    const judged = isRate(alarm.place)
      ? { levels: [], rates: judgeRateAlarm(state, { ...about, alarm }, settings, counters) }
      : { levels: judgeLevelAlarm(state, { ...about, alarm }, settings, counters), rates: [] }
    const isNews = judged.levels.length + judged.rates.length > 0
    if (isNews)
      return { levels: [...levels, ...judged.levels], rates: [...followed, ...judged.rates] }
  }
  return { levels, rates: followed }
}

/** Takes a failed execution, which says nothing of levels. */
export function judgeFailure(
  state: RegressionWatch,
  shown: {
    readonly memory: FlowMemory
    readonly failure: Failure
    readonly flowVersion: string | undefined
  },
  settings: RegressionSettings,
  counters: Counters,
): RateStep[] {
  const alarms = watchFailure(state.detector, shown.failure, watchSettings(settings))
  return judgeRate(state, { ...shown, alarms, metric: 'error_rate' }, settings, counters)
}

/** Takes a bucket of time that is over. */
export function judgeBucket(
  state: RegressionWatch,
  shown: {
    readonly memory: FlowMemory
    readonly bucket: ClosedBucket
    readonly flowVersion: string | undefined
  },
  settings: RegressionSettings,
  counters: Counters,
): RateStep[] {
  const alarms = watchBucket(state.detector, shown, watchSettings(settings))
  return judgeRate(state, { ...shown, alarms, metric: 'throughput' }, settings, counters)
}

function judgeRate(
  state: RegressionWatch,
  shown: {
    readonly memory: FlowMemory
    readonly alarms: readonly Alarm[]
    readonly metric: RateMetric
    readonly flowVersion: string | undefined
  },
  settings: RegressionSettings,
  counters: Counters,
): RateStep[] {
  const { memory, alarms, metric, flowVersion } = shown
  const steps = followRate(state, memory, metric, settings, counters)
  const alarm = alarms.find(({ place }) => isRate(place))
  if (alarm === undefined || steps.some(({ step }) => step === 'resolved')) return steps
  const about = { memory, alarm, flowVersion }
  return [...steps, ...judgeRateAlarm(state, about, settings, counters)]
}

function watchSettings({ falseAlarmBudgetExecutions, minSampleSize }: RegressionSettings) {
  return { budget: falseAlarmBudgetExecutions, minCount: minSampleSize }
}

function followRate(
  state: RegressionWatch,
  memory: FlowMemory,
  metric: RateMetric,
  settings: RegressionSettings,
  counters: Counters,
): RateStep[] {
  if (state.rateChanges.length === 0) return []
  const { open, steps, from } = followRates(state.rateChanges, memory, settings, metric)
  state.rateChanges = open
  if (from !== undefined && from > state.detector.baselineStart)
    beginAgain(state, memory, from, settings, counters)
  return steps
}

/** An alarm and what it was raised over. */
export interface Alarmed {
  readonly memory: FlowMemory
  readonly alarm: Alarm
  readonly flowVersion: string | undefined
}

function judgeRateAlarm(
  state: RegressionWatch,
  { memory, alarm, flowVersion }: Alarmed,
  settings: RegressionSettings,
  counters: Counters,
): RateStep[] {
  const { place, start, logEvidence } = alarm
  if (!isRate(place)) return []
  const { baselineStart } = state.detector
  const { alertThreshold } = settings
  const verdict = confirmRate(memory, { place, start }, { baselineStart, alertThreshold })
  if (verdict.kind === 'open') return []
  if (verdict.kind === 'immaterial') {
    countOne(counters, 'immaterial_change')
    beginAgain(state, memory, verdict.from, settings, counters)
    return []
  }
  const about = { ...verdict, logEvidence, flow: settings, flowVersion }
  const change = openRateChange(memory, about)
  if (change === undefined) return []
  beginAgain(state, memory, change.onset.position, settings, counters)
  const shift = { change, after: verdict.after, alertThreshold }
  const { open, steps } = admitRate(state.rateChanges, shift, counters)
  state.rateChanges = open
  return steps
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
