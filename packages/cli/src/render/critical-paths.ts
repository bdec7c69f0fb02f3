import type { Losses } from '@qflow-otel/analyzer'
import { EMPTY_LINE, type Line, piece } from '../text/line.ts'
import { counted } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'
import { executionHeader, executionPicture } from './answer.ts'
import type { DrawnExecution } from './drawn-execution.ts'
import type { Layout } from './layout.ts'
import { lossLines } from './report.ts'

/** What was not used on the way to the paths. */
export type CriticalPathLosses = Pick<
  Losses,
  'acceptedSpanCount' | 'droppedSpans' | 'closedExecutions'
>

/** With several pictures one below the other, each has fewer rows. */
const MAX_ROWS_OF_SEVERAL = 14

/** The critical paths of the longest executions, in pictures and words. */
export function criticalPathLines(
  shown: {
    readonly reports: readonly DrawnExecution[]
    /** Of all executions, shown or not. */
    readonly count: number
    readonly losses: CriticalPathLosses
  },
  layout: Layout,
): readonly Line[] {
  const { reports, count, losses } = shown
  const maxRows = reports.length > 1 ? MAX_ROWS_OF_SEVERAL : undefined
  const hiddenCount = count - reports.length
  const more = `the ${reports.length} longest of ${counted(count, 'execution')} are shown; one by its id: --trace ID or --execution ID; all: --json`
  return [
    ...reports.flatMap((report) => [
      ...executionHeader(report, layout),
      [piece('─'.repeat(layout.width), 'faint')],
      ...executionPicture(report, layout, maxRows),
      EMPTY_LINE,
    ]),
    ...(hiddenCount > 0
      ? [...wrapped({ text: more, width: layout.width, indent: 0, tone: 'faint' }), EMPTY_LINE]
      : []),
    ...evictedLines(losses, layout),
    ...lossLines(losses, layout),
  ]
}

/** Nothing of them is lost as long as nothing came late; that is counted, and said below. */
function evictedLines(
  { closedExecutions }: CriticalPathLosses,
  { width }: Layout,
): readonly Line[] {
  const evictedCount = closedExecutions['evicted'] ?? 0
  if (evictedCount === 0) return []
  const text = `${counted(evictedCount, 'execution')} closed early, as they were, to stay within --memory-budget-bytes`
  return wrapped({ text, width, indent: 2, mark: [piece('! ', 'warn')] })
}
