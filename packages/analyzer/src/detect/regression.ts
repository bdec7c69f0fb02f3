import { type Counters, countOne } from '../baseline/counters.ts'
import type { Failure } from '../baseline/failures.ts'
import type { HistoryEntry } from '../baseline/history-entry.ts'
import type { ClosedBucket } from '../baseline/traffic.ts'
import { followLevels, judgeLevelAlarm } from './change/level-watch.ts'
import type { FlowMemory } from './flow-memory.ts'
import { confirmRate } from './rate/confirm-rate.ts'
import { openRateChange } from './rate/rate-change.ts'
import { admitRate, followRates, type RateStep } from './rate/rate-watch.ts'
import {
  type Alarmed,
  beginAgain,
  type ChangeStep,
  type RegressionSettings,
  type RegressionWatch,
} from './regression-watch.ts'
import { type Alarm, watchBucket, watchEntry, watchFailure } from './series/change-detector.ts'
import type { Moment } from './series/series-input.ts'
import { isRate, type RateMetric } from './series/series-place.ts'

/** What a new execution or bucket changed about the open changes, in order. */
export interface Judged {
  readonly levels: readonly ChangeStep[]
  readonly rates: readonly RateStep[]
}

const NO_STEPS: readonly ChangeStep[] = []
const NOTHING: Judged = { levels: [], rates: [] }

/** Takes the newest entry of the history. */
export function judge(
  state: RegressionWatch,
  shown: {
    readonly memory: FlowMemory
    readonly entry: HistoryEntry
    /** Of the entry, where the caller has it. */
    readonly moment?: Moment
    readonly flowVersion: string | undefined
  },
  settings: RegressionSettings,
  counters: Counters,
): Judged {
  const { memory, entry, flowVersion } = shown
  const alarms = watchEntry(state.detector, shown, watchSettings(settings), counters)
  const levels =
    state.changes.length === 0
      ? NO_STEPS
      : followLevels(state, { memory, entry }, settings, counters)
  const followed = followRate(state, memory, 'error_rate', settings, counters)
  if (alarms.length + levels.length + followed.length === 0) return NOTHING
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
