import { type Counters, countOne } from '../../baseline/counters.ts'
import { entriesBetween, type History } from '../../baseline/history.ts'
import type { HistoryEntry } from '../../baseline/history-entry.ts'
import type { Interval } from '../../stats/mean-interval.ts'
import type { MedianChange } from '../../stats/median-change.ts'
import type { FlowMemory } from '../flow-memory.ts'
import {
  type Alarmed,
  beginAgain,
  type ChangeStep,
  type RegressionSettings,
  type RegressionWatch,
} from '../regression-watch.ts'
import { isSameSeries, type SeriesPlace } from '../series/series-place.ts'
import { seriesReader, seriesValues } from '../series/series-value.ts'
import { type Change, measureAgain, openChange } from './change.ts'
import { confirm } from './confirm.ts'
import { effectOf } from './effect.ts'
import { focusMs, focusOf } from './focus.ts'
import { judgeMix, type MixShift } from './mix-shift.ts'
import { findOnset } from './onset.ts'

/** Levels on top of each other in one flow; another is only counted, as `change_limit`. */
const MAX_OPEN_COUNT = 8
/** A page has no room for more. */
const MAX_MIX_SHIFT_COUNT = 8
/** The effect is measured on so many executions and then stands. */
const MEASURED_COUNT = 200
/** How often the effect is measured, and how often an update may be told. */
const MEASURE_EVERY_COUNT = 5
const TELL_EVERY_COUNT = 50
/** An interval of many alike executions is narrower than anybody cares about: a tenth of the effect is news. */
const TELL_EFFECT_SHARE = 0.1

/** Judges an alarm of a level; what is nothing but other inputs is told as that. */
export function judgeLevelAlarm(
  state: RegressionWatch,
  { memory, alarm, flowVersion }: Alarmed,
  settings: RegressionSettings,
  counters: Counters,
): ChangeStep[] {
  const { history } = memory
  const smallestRatio = settings.alertThreshold
  const verdict = confirm(state.detector, { history, alarm, smallestRatio })
  if (verdict.kind === 'open') return []
  if (verdict.kind === 'immaterial') {
    countOne(counters, 'immaterial_change')
    beginAgain(state, memory, verdict.from, settings, counters)
    return []
  }
  const { after } = verdict
  const mix = judgeMix({ ...memory, ...verdict, ...valuesOf(history, verdict) }, { smallestRatio })
  if (mix.kind === 'undecided') return []
  if (mix.kind === 'mix') {
    noteMixShift(state, { ...verdict, shift: mix.shift })
    beginAgain(state, memory, after[0]?.sequence ?? 0, settings, counters)
    return []
  }
  const change = openChange(history, {
    ...verdict,
    logEvidence: alarm.logEvidence,
    flow: settings,
    flowVersion,
  })
  if (change === undefined) return []
  beginAgain(state, memory, change.onset.sequence, settings, counters)
  return admit(state, { history, change, after: verdict.after }, settings, counters)
}

/** What a shift of the inputs is looked for in: where a change of the duration lies, or the series that changed. */
function valuesOf(
  history: History,
  {
    series,
    before,
    after,
    effect,
  }: {
    readonly before: readonly HistoryEntry[]
    readonly after: readonly HistoryEntry[]
    readonly series: SeriesPlace | undefined
    readonly effect: MedianChange
  },
) {
  const wholeIn = seriesReader(history, series)
  if (series !== undefined) return { wholeIn, valueIn: wholeIn }
  const focus = focusOf(history, { before, after, series, sign: Math.sign(effect.ratio.value) })
  return { wholeIn, valueIn: (entry: HistoryEntry) => focusMs(focus, entry) }
}

/** Slower or faster inputs are told, and no change. */
function noteMixShift(
  state: RegressionWatch,
  {
    shift,
    series,
    effect,
    after: [onset],
  }: {
    readonly shift: MixShift
    readonly series: SeriesPlace | undefined
    readonly effect: MedianChange
    readonly after: readonly HistoryEntry[]
  },
): void {
  if (onset === undefined) return
  const { executionId, startUnixNs } = onset
  const at = { onsetExecutionId: executionId, onsetUnixNs: startUnixNs }
  const told = { ...shift, series, effect: effect.ratio, ...at }
  state.mixShifts = [...state.mixShifts, told].slice(-MAX_MIX_SHIFT_COUNT)
}

/** A new level resolves what it undoes; it is a finding of its own unless it is nothing but a way back. */
function admit(
  state: RegressionWatch,
  shift: { history: History; change: Change; after: readonly HistoryEntry[] },
  settings: RegressionSettings,
  counters: Counters,
): ChangeStep[] {
  const { history, change, after } = shift
  const opposite = state.changes.filter(
    (one) => one.direction !== change.direction && isComparable(one, change),
  )
  const undone = opposite
    .map((one) => measureAgain(history, one, after))
    .filter((one) => isBack(one, one.effect, settings.alertThreshold))
  const steps = undone.map((one) => resolve(state, one))
  const isWayBack = change.direction === 'improvement' && opposite.length > 0
  if (isWayBack) {
    // Part of the way back: what stays open is measured from here on.
    state.changes = state.changes.map((one) =>
      opposite.includes(one) ? { ...one, levelFrom: change.onset.sequence } : one,
    )
    return steps
  }
  if (state.changes.length >= MAX_OPEN_COUNT) {
    countOne(counters, 'change_limit')
    return steps
  }
  state.changes.push(change)
  return [...steps, { step: 'opened', change }]
}

/** Whether the one may be the way back of the other: times of a flow and its phases are parts of one whole. */
function isComparable({ series: a }: Change, { series: b }: Change): boolean {
  const isTime = (series: Change['series']) => series === undefined || series.metric === 'phase'
  return isSameSeries(a, b) || (isTime(a) && isTime(b))
}

/** Measures the open changes of levels again and ends those that are over. */
export function followLevels(
  state: RegressionWatch,
  { memory, entry }: { memory: FlowMemory; entry: HistoryEntry },
  settings: RegressionSettings,
  counters: Counters,
): ChangeStep[] {
  const { history } = memory
  const steps: ChangeStep[] = []
  for (const change of [...state.changes]) {
    const age = entry.sequence - change.opened.sequence
    if (age % MEASURE_EVERY_COUNT !== 0) continue
    const recovered = recoveredChange(history, change, settings)
    if (recovered !== undefined) {
      steps.push(resolve(state, recovered.change))
      // One way back may end several changes; it began once.
      if (recovered.from > state.detector.baselineStart)
        beginAgain(state, memory, recovered.from, settings, counters)
      continue
    }
    if (entry.sequence - change.levelFrom > MEASURED_COUNT) {
      // An improvement that lasted is the normal state.
      if (change.direction === 'improvement') steps.push(resolve(state, change))
      continue
    }
    const entries = entriesBetween(history, change.levelFrom)
    const told = tell(measureAgain(history, change, entries), entry.sequence)
    state.changes = state.changes.map((one) => (one.id === change.id ? told.change : one))
    if (told.isNews) steps.push({ step: 'updated', change: told.change })
  }
  return steps
}

/** The change at its end, and where the way back began; absent while the last executions do not look as before. */
function recoveredChange(
  history: History,
  change: Change,
  settings: RegressionSettings,
): { change: Change; from: number } | undefined {
  const since = entriesBetween(history, change.opened.sequence + 1)
  const recent = since.slice(-settings.windowSize)
  if (recent.length < settings.windowSize) return undefined
  const effect = effectOf(change.before, seriesValues(history, recent, change.series))
  if (effect === undefined) return undefined
  if (!isBack(change, effect, settings.alertThreshold)) return undefined
  const entries = entriesBetween(history, change.onset.sequence)
  const to = entries.length - Math.ceil(settings.windowSize / 2)
  const split = findOnset(seriesValues(history, entries, change.series), {
    hint: Math.max(1, to),
    from: 1,
    to,
  })
  const from = entries[split]?.sequence ?? change.opened.sequence
  return { change: measureAgain(history, change, recent), from }
}

/**
 * Whether the level is that of before again: it may be (the interval reaches the smallest change that matters), it is
 * not the changed one (the interval excludes that), and it is nearer to before.
 */
function isBack(change: Change, { ratio }: MedianChange, smallestRatio: number): boolean {
  const { low, value, high } = upward(change, ratio)
  const opened = upward(change, { ...ratio, value: change.openedRatio }).value
  return low <= smallestRatio && high < opened && value <= Math.max(smallestRatio, opened / 4)
}

/** An improvement seen as the regression that its end would be. */
function upward({ direction }: Change, ratio: Interval): Interval {
  if (direction === 'regression') return ratio
  const inverse = (value: number) => 1 / (1 + value) - 1
  return {
    value: inverse(ratio.value),
    low: inverse(ratio.high),
    high: inverse(ratio.low),
    n: ratio.n,
  }
}

function resolve(state: RegressionWatch, change: Change): ChangeStep {
  state.changes = state.changes.filter(({ id }) => id !== change.id)
  return { step: 'resolved', change: { ...change, state: 'resolved' } }
}

function tell(change: Change, sequence: number): { change: Change; isNews: boolean } {
  const { ratio } = change.effect
  // What was told is an interval: while the effect stays in it, nothing is new.
  const isInside = ratio.value >= change.toldRatio.low && ratio.value <= change.toldRatio.high
  const moved = Math.abs(ratio.value - change.toldRatio.value)
  const isNear = moved <= TELL_EFFECT_SHARE * Math.abs(change.toldRatio.value)
  const isDue = sequence - change.toldSequence >= TELL_EVERY_COUNT
  if (!isDue || isInside || isNear) return { change, isNews: false }
  return { change: { ...change, toldSequence: sequence, toldRatio: ratio }, isNews: true }
}
