import { executionRatePerMs } from '../../baseline/execution-rate.ts'
import type { History } from '../../baseline/history.ts'
import type { HistoryEntry } from '../../baseline/history-entry.ts'
import type { Severity } from '../finding.ts'

const MS_PER_HOUR = 3_600_000
/** From here on, in ms lost per hour; the most severe first. See `severityOf`. */
const levels: readonly (readonly [Severity, number])[] = [
  ['critical', 10 * MS_PER_HOUR],
  ['high', MS_PER_HOUR],
  ['medium', MS_PER_HOUR / 10],
]
/** As far beyond a level the loss must be before a told severity changes: a rate that hovers around one is no news. */
const OUTGROWN_RATIO = 1.5

/** Ms lost in each execution times executions per hour, as they were seen (`executionRatePerMs`). */
export function lostMsPerHour(
  lostMs: number,
  history: History,
  entries: readonly HistoryEntry[],
): number {
  return Math.abs(lostMs) * executionRatePerMs(history, entries) * MS_PER_HOUR
}

/**
 * Weight by the time that is lost in an hour, whatever its share of the flow.
 *
 * An hour lost per hour means that some execution stands waiting there at any moment (Little's law). From there on
 * it is worth doing something now; from ten of them on whoever waits is a crowd; from a tenth on, 2.4 hours a day,
 * the work of a change pays within days. Below that nobody would begin one.
 */
export function severityOf(lostMsInHour: number): Severity {
  return levels.find(([, fromMs]) => lostMsInHour >= fromMs)?.[0] ?? 'low'
}

/** Whether the loss left the level that was told, clearly. */
export function hasOutgrown(told: Severity, lostMsInHour: number): boolean {
  return (
    rankOf(severityOf(lostMsInHour / OUTGROWN_RATIO)) > rankOf(told) ||
    rankOf(severityOf(lostMsInHour * OUTGROWN_RATIO)) < rankOf(told)
  )
}

/** 0 for `low`. */
function rankOf(severity: Severity): number {
  const index = levels.findIndex(([level]) => level === severity)
  return index < 0 ? 0 : levels.length - index
}
