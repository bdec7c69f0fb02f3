import { type History, meanParts } from './baseline/history.ts'
import { type HistoryEntry, partMs } from './baseline/history-entry.ts'
import type { Estimate } from './detect/finding.ts'
import type { CriticalPathShare } from './report.ts'
import { ratioInterval } from './stats/mean-interval.ts'

/** Mean ms per place on the path over these executions, the largest first and no more than `maxCount`. */
export function criticalPathShares(
  history: History,
  entries: readonly HistoryEntry[],
  maxCount: number = Number.POSITIVE_INFINITY,
): CriticalPathShare[] {
  return meanParts(history, entries)
    .map((meanMs, index) => ({ meanMs, index }))
    .filter(({ meanMs }) => meanMs > 0)
    .sort((a, b) => b.meanMs - a.meanMs || a.index - b.index)
    .slice(0, maxCount)
    .flatMap(({ meanMs, index }) => {
      const place = history.places[index]
      if (place === undefined) return []
      return [{ ...place, meanMs, share: shareOf(entries, index) }]
    })
}

function shareOf(entries: readonly HistoryEntry[], index: number): Estimate {
  const pairs = entries.map((entry) => ({
    part: partMs(entry, index),
    whole: entry.durationMs,
  }))
  const interval = ratioInterval(pairs)
  if (interval !== undefined) return clampRatio(interval)
  // One execution: the share is what it is, and its interval says that nothing is known.
  const [only = { part: 0, whole: 1 }] = pairs
  return { value: only.part / only.whole, low: 0, high: 1, n: pairs.length }
}

function clampRatio({ value, low, high, n }: Estimate): Estimate {
  return { value, low: Math.max(0, low), high: Math.min(1, high), n }
}
