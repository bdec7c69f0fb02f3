import { simulatedEntries } from '../baseline/history.ts'
import { type HistoryEntry, visitSavings } from '../baseline/history-entry.ts'
import { isSamePlace } from '../baseline/place.ts'
import type { Estimate } from '../detect/finding.ts'
import { ratioInterval } from '../stats/mean-interval.ts'
import type { Situation } from './advice.ts'

/** The executions that speak for the present. */
const WINDOW_COUNT = 100

/**
 * Share of the flow's duration that is saved when the cause is gone; absent when that is not above 0.
 *
 * A bottleneck: its virtual speed-up. A regression: in each execution of the new level the re-simulated saving at
 * its place, at most what the place gained on average: its level before comes back, not more.
 */
export function predictGain({ cause, history, from }: Situation): Estimate | undefined {
  if (cause.kind === 'bottleneck') return positive(cause.speedup)
  const index = history.places.findIndex((place) => isSamePlace(place, cause.place))
  const gainedMs = cause.contributions.find((one) => isSamePlace(one, cause.place))?.changeMs
  if (gainedMs === undefined || gainedMs <= 0) return undefined
  return savedShare(simulatedEntries(history, from), (entry) =>
    Math.min(gainedMs, savingMs(entry, index)),
  )
}

/** What the entry would have saved had the place taken no time; 0 when it was too small to be re-simulated. */
function savingMs(entry: HistoryEntry, placeIndex: number): number {
  let savedMs = 0
  visitSavings(entry, (index, ms) => {
    if (index === placeIndex) savedMs += ms
  })
  return savedMs
}

/** Saved share of the duration over the last entries, with its interval. */
function savedShare(
  entries: readonly HistoryEntry[],
  savedMs: (entry: HistoryEntry) => number,
): Estimate | undefined {
  const pairs = entries
    .slice(-WINDOW_COUNT)
    .map((entry) => ({ part: savedMs(entry), whole: entry.durationMs }))
  return positive(ratioInterval(pairs))
}

function positive(estimate: Estimate | undefined): Estimate | undefined {
  return estimate !== undefined && estimate.value > 0 ? estimate : undefined
}
