import { executionRatePerMs, type HistoryEntry } from '../baseline/history.ts'
import type { Severity } from './finding.ts'

/**
 * Weight by the time that is lost, whatever its share of the flow: on average, how many executions stand waiting
 * for it at any moment (Little's law: lost time per execution x executions per time).
 *
 * 0.01, 0.1 and 1 of them: below a hundredth nobody would look, and one means that some execution always waits.
 */
export function severityOf(lostMs: number, entries: readonly HistoryEntry[]): Severity {
  const waitingCount = Math.abs(lostMs) * (executionRatePerMs(entries) ?? 0)
  if (waitingCount >= 1) return 'critical'
  if (waitingCount >= 0.1) return 'high'
  return waitingCount >= 0.01 ? 'medium' : 'low'
}
