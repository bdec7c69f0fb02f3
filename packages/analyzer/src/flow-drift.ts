import { entriesBetween, type History } from './baseline/history.ts'
import type { HistoryEntry } from './baseline/history-entry.ts'
import { addToDrift, driftOf, driftSeriesOf } from './detect/trend/drift.ts'
import type { TrendSeries } from './detect/trend/trend-series.ts'
import { type DriftReport, driftSentence } from './explain/drift-sentence.ts'
import { unixMsFromNs, unixNsFromMs } from './time/unix-ns.ts'

/** Adds an execution's duration to those of the flow's present level. */
export function noteDuration(
  drift: TrendSeries,
  { unixMs, durationMs }: { readonly unixMs: number; readonly durationMs: number },
): void {
  addToDrift(drift, { unixMs, value: durationMs })
}

/** A new level began: what it was before belongs to another story. */
export function driftSince(history: History, from: number): TrendSeries {
  return driftSeriesOf(entriesBetween(history, from).map(pointOf))
}

/** How the present level drifts; absent while it does not. */
export function driftReport(flowId: string, series: TrendSeries): DriftReport | undefined {
  const drift = driftOf(series)
  if (drift === undefined) return undefined
  const { change, perHour, fromUnixMs, toUnixMs } = drift
  const figures = {
    change,
    perHour,
    fromUnixNs: unixNsFromMs(fromUnixMs),
    toUnixNs: unixNsFromMs(toUnixMs),
  }
  return { ...figures, sentence: driftSentence(flowId, figures) }
}

function pointOf({ endUnixNs, durationMs }: HistoryEntry): { unixMs: number; value: number } {
  return { unixMs: unixMsFromNs(endUnixNs), value: durationMs }
}
