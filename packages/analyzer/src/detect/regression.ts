import type { Circumstances } from '../baseline/circumstances.ts'
import { type Counters, countOne } from '../baseline/counters.ts'
import { entriesBetween, type History } from '../baseline/history.ts'
import type { HistoryEntry } from '../baseline/history-entry.ts'
import type { Variants } from '../baseline/variants.ts'
import type { Interval } from '../stats/mean-interval.ts'
import type { MedianChange } from '../stats/median-change.ts'
import { type Change, measureAgain, openChange } from './change.ts'
import {
  type Alarm,
  type ChangeDetector,
  emptyDetector,
  rebaseline,
  type SeriesPlace,
  seriesValue,
  watch,
} from './change-detector.ts'
import { confirm } from './confirm.ts'
import { effectOf } from './effect.ts'
import { judgeMix, type MixShift } from './mix-shift.ts'
import { findOnset } from './onset.ts'

/** The watch over one flow and its open changes. Plain data. */
export interface RegressionWatch {
  detector: ChangeDetector
  /** Open changes, the oldest first. */
  changes: Change[]
  /** The last shifts of inputs that were told apart from changes, the oldest first. */
  mixShifts: readonly ToldMixShift[]
}

/** What is shown of each execution: the newest entry of the history, and by what executions can be told apart. */
export interface Judged {
  readonly history: History
  readonly entry: HistoryEntry
  readonly flowVersion: string | undefined
  readonly circumstances: Circumstances
  readonly variants: Variants
}

/** A shift of inputs that alone moved a level. */
interface ToldMixShift extends MixShift {
  /** The phase whose level moved; absent when the flow's duration did. */
  readonly series: SeriesPlace | undefined
  /** Relative change of the median. */
  readonly effect: Interval
  readonly onsetExecutionId: string
  readonly onsetUnixNs: bigint
}

export interface RegressionSettings {
  readonly tenant: string
  readonly flowId: string
  readonly falseAlarmBudgetExecutions: number
  readonly minSampleSize: number
  readonly alertThreshold: number
  /** The newest executions that must look as before for a change to be over. */
  readonly windowSize: number
}

/** A step in a change's life. */
export interface ChangeStep {
  readonly step: 'opened' | 'updated' | 'resolved'
  readonly change: Change
}

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
export function emptyWatch(): RegressionWatch {
  return { detector: emptyDetector(0), changes: [], mixShifts: [] }
}

/** Takes the newest entry of the history; returns what it changed, in order. */
export function judge(
  state: RegressionWatch,
  judged: Judged,
  settings: RegressionSettings,
  counters: Counters,
): ChangeStep[] {
  const alarm = watch(state.detector, judged, {
    budget: settings.falseAlarmBudgetExecutions,
    minCount: settings.minSampleSize,
  })
  const steps = followOpen(state, judged, settings)
  if (alarm === undefined || steps.some(({ step }) => step === 'resolved')) return steps
  return [...steps, ...judgeAlarm(state, { ...judged, alarm }, settings, counters)]
}

function judgeAlarm(
  state: RegressionWatch,
  shown: Judged & { readonly alarm: Alarm },
  settings: RegressionSettings,
  counters: Counters,
): ChangeStep[] {
  const { history, alarm, flowVersion } = shown
  const smallestRatio = settings.alertThreshold
  const verdict = confirm(state.detector, { history, alarm, smallestRatio })
  if (verdict.kind === 'open') return []
  if (verdict.kind === 'immaterial') {
    countOne(counters, 'immaterial_change')
    beginAgain(state, history, verdict.from, settings)
    return []
  }
  const { series, before, after } = verdict
  const valueIn = (entry: HistoryEntry) => seriesValue(history, entry, series)
  const mix = judgeMix({ ...shown, before, after, valueIn }, { smallestRatio })
  if (mix.kind === 'undecided') return []
  if (mix.kind === 'mix') {
    noteMixShift(state, { ...verdict, shift: mix.shift })
    beginAgain(state, history, after[0]?.sequence ?? 0, settings)
    return []
  }
  const change = openChange(history, {
    ...verdict,
    logEvidence: alarm.logEvidence,
    flow: settings,
    flowVersion,
  })
  if (change === undefined) return []
  beginAgain(state, history, change.onset.sequence, settings)
  return admit(state, { history, change, after: verdict.after }, settings, counters)
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
  const opposite = state.changes.filter(({ direction }) => direction !== change.direction)
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

function followOpen(
  state: RegressionWatch,
  { history, entry }: { history: History; entry: HistoryEntry },
  settings: RegressionSettings,
): ChangeStep[] {
  const steps: ChangeStep[] = []
  for (const change of [...state.changes]) {
    const age = entry.sequence - change.opened.sequence
    if (age % MEASURE_EVERY_COUNT !== 0) continue
    const recovered = recoveredChange(history, change, settings)
    if (recovered !== undefined) {
      steps.push(resolve(state, recovered.change))
      // One way back may end several changes; it began once.
      if (recovered.from > state.detector.baselineStart)
        beginAgain(state, history, recovered.from, settings)
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
  const valueIn = (entry: HistoryEntry) => seriesValue(history, entry, change.series)
  const effect = effectOf(change.beforeMs, recent.map(valueIn))
  if (effect === undefined) return undefined
  if (!isBack(change, effect, settings.alertThreshold)) return undefined
  const entries = entriesBetween(history, change.onset.sequence)
  const to = entries.length - Math.ceil(settings.windowSize / 2)
  const split = findOnset(entries.map(valueIn), { hint: Math.max(1, to), from: 1, to })
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

function beginAgain(
  state: RegressionWatch,
  history: History,
  from: number,
  { minSampleSize }: RegressionSettings,
): void {
  state.detector = rebaseline(history, { from, minCount: minSampleSize })
}
