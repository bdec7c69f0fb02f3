import { entriesBetween, type History } from '../../baseline/history.ts'
import type { HistoryEntry } from '../../baseline/history-entry.ts'
import { type MedianChange, median } from '../../stats/median-change.ts'
import type { Alarm, ChangeDetector } from '../series/change-detector.ts'
import type { SeriesPlace } from '../series/series-place.ts'
import { seriesReader } from '../series/series-value.ts'
import { effectOf, isImmaterial, matters, mattersToFlow } from './effect.ts'
import { findOnset } from './onset.ts'

/** What an alarm turned out to be. */
export type Verdict =
  | {
      readonly kind: 'confirmed'
      readonly series: SeriesPlace | undefined
      readonly effect: MedianChange
      readonly before: readonly HistoryEntry[]
      readonly after: readonly HistoryEntry[]
    }
  /** Real or not, it does not matter: a baseline may begin here. */
  | { readonly kind: 'immaterial'; readonly from: number }
  /** Too early to say. */
  | { readonly kind: 'open' }

/** A level needs this many executions to have a median worth the name. */
const MIN_BEFORE_COUNT = 8
/** A hiccup (a pause of the process, a lost packet) slows up to six executions in a row; a new level lasts longer. */
const MIN_AFTER_COUNT = 7
/** The executions that must show that it does: their median, and the newest of them. */
const NEWEST_COUNT = 5
/** How far before the bettors' run the onset may lie: the first values after a change are bet on too low. */
const ONSET_REACH_COUNT = 20
/** After this many executions an interval within the smallest change settles it, after twice as many anything does. */
const PATIENCE_COUNT = 100

/** Judges an alarm: where the change began and whether the median moved by more than the smallest change. */
export function confirm(
  detector: ChangeDetector,
  { history, alarm, smallestRatio }: { history: History; alarm: Alarm; smallestRatio: number },
): Verdict {
  const { entries, values: all } = measured(history, detector.baselineStart, alarm.place)
  const split = splitOf(entries, all, alarm)
  if (split === undefined) return { kind: 'open' }
  const before = entries.slice(0, split)
  const after = entries.slice(split)
  const durations = { before: before.map(durationMs), after: after.map(durationMs) }
  const ofFlow = effectOf(durations.before, durations.after)
  if (ofFlow && matters(ofFlow, smallestRatio) && lasts(durations, ofFlow)) {
    return { kind: 'confirmed', series: undefined, effect: ofFlow, before, after }
  }
  if (alarm.place !== undefined) {
    const values = { before: all.slice(0, split), after: all.slice(split) }
    const effect = effectOf(values.before, values.after)
    const flow = { metric: alarm.place.metric, flowDurationsMs: durations.before, smallestRatio }
    const counts = effect && matters(effect, smallestRatio) && mattersToFlow(effect, flow)
    if (counts && lasts(values, effect)) {
      return { kind: 'confirmed', series: alarm.place, effect, before, after }
    }
  }
  const waited = (entries.at(-1)?.sequence ?? 0) - (detector.alarmSince ?? 0)
  const isSettled = ofFlow !== undefined && isImmaterial(ofFlow, smallestRatio)
  if (waited >= 2 * PATIENCE_COUNT || (waited >= PATIENCE_COUNT && isSettled)) {
    return { kind: 'immaterial', from: after[0]?.sequence ?? 0 }
  }
  return { kind: 'open' }
}

/** The entries since then in which the series was measured, with its values: a step's CPU time is not in every execution. */
function measured(history: History, from: number, place: SeriesPlace | undefined) {
  const read = seriesReader(history, place)
  const entries: HistoryEntry[] = []
  const values: number[] = []
  for (const entry of entriesBetween(history, from)) {
    const value = read(entry)
    if (Number.isNaN(value)) continue
    entries.push(entry)
    values.push(value)
  }
  return { entries, values }
}

/** Index of the first entry after the change; absent while one side is too short. */
function splitOf(
  entries: readonly HistoryEntry[],
  values: readonly number[],
  alarm: Alarm,
): number | undefined {
  // Later splits are candidates too: a change that is too young must not be moved to where it would be old enough.
  const to = entries.length - 2
  if (entries.length < MIN_BEFORE_COUNT + MIN_AFTER_COUNT) return undefined
  const start = entries.findIndex(({ sequence }) => sequence >= alarm.start)
  const hint = Math.min(Math.max(start, MIN_BEFORE_COUNT), to)
  const from = Math.max(MIN_BEFORE_COUNT, hint - ONSET_REACH_COUNT)
  const split = findOnset(values, { hint, from, to })
  return entries.length - split < MIN_AFTER_COUNT ? undefined : split
}

/** Whether the newest executions are on the new level too, the very newest included: nearer to it than to the old, in logs. */
function lasts(
  { before, after }: { readonly before: readonly number[]; readonly after: readonly number[] },
  { ratio }: MedianChange,
): boolean {
  const old = median(before)
  const newest = after.slice(-NEWEST_COUNT)
  return [median(newest), newest.at(-1) ?? old].every(
    (value) => Math.log(value / old) / Math.log1p(ratio.value) > 0.5,
  )
}

function durationMs(entry: HistoryEntry): number {
  return entry.durationMs
}
