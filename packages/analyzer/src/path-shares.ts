import { type History, meanParts } from './baseline/history.ts'
import { type HistoryEntry, partMs } from './baseline/history-entry.ts'
import type { Estimate } from './detect/finding.ts'
import type { CriticalPathShare } from './report.ts'
import { ratioIntervalOf } from './stats/mean-interval.ts'

/** Mean ms per place on the path over these executions, the largest first and no more than `maxCount`. O(places x entries). */
export function criticalPathShares(
  history: History,
  entries: readonly HistoryEntry[],
  maxCount: number = Number.POSITIVE_INFINITY,
): CriticalPathShare[] {
  const largest = meanParts(history, entries)
    .map((meanMs, index) => ({ meanMs, index }))
    .filter(({ meanMs }) => meanMs > 0)
    .sort((a, b) => b.meanMs - a.meanMs || a.index - b.index)
    .slice(0, maxCount)
  const shares = sharesOf(
    entries,
    largest.map(({ index }) => index),
  )
  return largest.flatMap(({ meanMs, index }, at) => {
    const place = history.places[index]
    const share = shares[at]
    return place === undefined || share === undefined ? [] : [{ ...place, meanMs, share }]
  })
}

/** `ratioInterval` of each place's ms over the durations, within 0..1: all places in two passes over the entries. */
function sharesOf(entries: readonly HistoryEntry[], places: readonly number[]): Estimate[] {
  const n = entries.length
  const parts = new Float64Array(places.length)
  let whole = 0
  for (const entry of entries) {
    whole += entry.durationMs
    for (let at = 0; at < places.length; at++)
      parts[at] = (parts[at] as number) + partMs(entry, places[at] as number)
  }
  if (n < 2 || whole <= 0) return places.map((place) => onlyShare(entries, place))
  const ratios = parts.map((part) => part / whole)
  const squares = new Float64Array(places.length)
  for (const entry of entries) {
    for (let at = 0; at < places.length; at++) {
      const rest = partMs(entry, places[at] as number) - (ratios[at] as number) * entry.durationMs
      squares[at] = (squares[at] as number) + rest ** 2
    }
  }
  // Indices below the lengths, which all lists share.
  return places.map((_, at) =>
    clampRatio(
      ratioIntervalOf({ n, whole, ratio: ratios[at] as number, squares: squares[at] as number }),
    ),
  )
}

/** One execution: the share is what it is, and its interval says that nothing is known. */
function onlyShare(entries: readonly HistoryEntry[], place: number): Estimate {
  const [only] = entries
  const value = only === undefined ? 0 : partMs(only, place) / only.durationMs
  return { value, low: 0, high: 1, n: entries.length }
}

function clampRatio({ value, low, high, n }: Estimate): Estimate {
  return { value, low: Math.max(0, low), high: Math.min(1, high), n }
}
