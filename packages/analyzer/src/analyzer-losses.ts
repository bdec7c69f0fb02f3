import type { AnalyzerState } from './analyzer-state.ts'
import type { Losses } from './report.ts'
import type { Assembler } from './trace/assembler.ts'

/** Judged, though not where their ends would have put them. */
const MISPLACED = ['out_of_order', 'future_dated', 'pending_limit']

/** What was lost or not judged, by reason: of the spans, and of the executions that closed. */
export function lossesOf({ counters }: AnalyzerState, assembler: Assembler): Losses {
  const { acceptedSpanCount, droppedSpans, closedExecutions, rejectedStartCount } =
    assembler.losses()
  const counts = Object.entries(counters)
  const misplaced = Object.fromEntries(counts.filter(([reason]) => MISPLACED.includes(reason)))
  const unjudged = Object.fromEntries(counts.filter(([reason]) => !MISPLACED.includes(reason)))
  if (rejectedStartCount > 0) unjudged['rejected_start'] = rejectedStartCount
  return { acceptedSpanCount, droppedSpans, closedExecutions, unjudged, misplaced }
}
