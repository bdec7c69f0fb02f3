import type { Circumstances } from '../baseline/circumstances.ts'
import type { Deployment } from '../baseline/deployments.ts'
import { entriesBetween, type History } from '../baseline/history.ts'
import { type HistoryEntry, partMs } from '../baseline/history-entry.ts'
import type { Mark } from '../baseline/marks.ts'
import type { Variants } from '../baseline/variants.ts'
import type { Change } from '../detect/change/change.ts'
import { focusMs, focusOf } from '../detect/change/focus.ts'
import { seriesReader, seriesValue } from '../detect/series/series-value.ts'
import type { FlowDefinition } from '../otlp/span-record.ts'
import { median } from '../stats/median-change.ts'
import { momentsOf } from '../stats/moments.ts'

/** What a flow knows that may explain a change of it. */
export interface Background {
  readonly history: History
  readonly circumstances: Circumstances
  readonly variants: Variants
  readonly deployments: readonly Deployment[]
  readonly definitions: readonly FlowDefinition[]
  /** Of this flow, or of all of its tenant's. */
  readonly marks: readonly Mark[]
  /** Whether an execution is so new that it can be looked at in full. */
  readonly isKept: (executionId: string) => boolean
}

/** A change with the executions on both of its sides. */
export interface Shift extends Background {
  readonly change: Change
  readonly before: readonly HistoryEntry[]
  readonly after: readonly HistoryEntry[]
  /**
   * What causes are measured by, in ms, or bytes for a change of memory: how far the mean moved, or the places of the focus where
   * others moved against them (what is no cause moves by chance).
   */
  readonly whole: number
  /** 1 for slower or larger, -1 for faster or smaller. */
  readonly sign: 1 | -1
  /** Whether times of the critical path changed, and not another figure of a step. */
  readonly isTime: boolean
  /** Indices of places of the history; none where it is no time that changed. */
  readonly focus: readonly number[]
}

/**
 * The executions on both sides, as far as they are remembered and were measured. The focus is the phase that changed, or the
 * fewest places that hold most of the change: elsewhere there is nothing but noise.
 */
export function shiftOf(change: Change, background: Background): Shift {
  const { history } = background
  const { series } = change
  const read = seriesReader(history, series)
  const isMeasured = (entry: HistoryEntry) => !Number.isNaN(read(entry))
  const before = entriesBetween(history, change.beforeFrom, change.onset.sequence).filter(
    isMeasured,
  )
  const after = entriesBetween(history, change.levelFrom).filter(isMeasured)
  const sign = change.direction === 'regression' ? 1 : -1
  const isTime = series === undefined || series.metric === 'phase'
  const base = { ...background, change, before, after, sign, isTime } as const
  if (!isTime) {
    const mean = (entries: readonly HistoryEntry[]) => momentsOf(entries.map(read)).mean
    return { ...base, whole: mean(after) - mean(before), focus: [] }
  }
  const focus = focusOf(history, { before, after, series, sign })
  const movedMs = (msOf: (entry: HistoryEntry) => number) =>
    momentsOf(after.map(msOf)).mean - momentsOf(before.map(msOf)).mean
  const wholeMs = movedMs(({ durationMs }) => durationMs)
  const ownMs = movedMs((entry) => focusMs(focus, entry))
  return { ...base, whole: sign * Math.max(sign * wholeMs, sign * ownMs), focus }
}

/** ms of the places in which the change is seen, or the figure of a step that changed. */
export function valueIn({ focus, isTime, history, change }: Shift, entry: HistoryEntry): number {
  return isTime ? focusMs(focus, entry) : seriesValue(history, entry, change.series)
}

/** What part of the whole a change is. */
export function shareOf({ whole }: Shift, change: number): number {
  return whole === 0 ? 0 : change / whole
}

/** A person opens no more traces of one cause. */
const MAX_EVIDENCE_COUNT = 3

/** The executions nearest to their median, of those that are kept where any is: what they look like. */
export function evidenceOf(
  shift: Shift,
  entries: readonly HistoryEntry[],
): { readonly executionIds: readonly string[]; readonly traceIds: readonly string[] } {
  const middle = median(entries.map((entry) => valueIn(shift, entry)))
  const kept = entries.filter(({ executionId }) => shift.isKept(executionId))
  const nearest = (kept.length === 0 ? entries : kept)
    .map((entry) => ({ entry, distance: Math.abs(valueIn(shift, entry) - middle) }))
    .sort((a, b) => a.distance - b.distance || a.entry.sequence - b.entry.sequence)
    .slice(0, MAX_EVIDENCE_COUNT)
  return {
    executionIds: nearest.map(({ entry }) => entry.executionId),
    traceIds: nearest.map(({ entry }) => entry.traceId),
  }
}

/** ms of an execution by step; those between steps under no id. */
export function stepsMs(
  history: History,
  entry: HistoryEntry,
): ReadonlyMap<string | undefined, number> {
  const sums = new Map<string | undefined, number>()
  for (let index = 0; index < entry.partCount; index += 1) {
    const stepId = history.places[index]?.stepId
    sums.set(stepId, (sums.get(stepId) ?? 0) + partMs(entry, index))
  }
  return sums
}
