import type { Answer, Plain } from '@qflow-otel/analyzer'
import { EMPTY_LINE, justified, type Line, piece } from '../text/line.ts'
import { counted, duration, moment } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'
import type { DrawnExecution } from './drawn-execution.ts'
import { evidenceLines } from './evidence.ts'
import type { Layout } from './layout.ts'
import { pathSentence } from './path-words.ts'
import { waterfall } from './waterfall.ts'

/** An answer in words: the headline, the facts, for an execution the picture, and what to check. */
export function answerLines(
  answer: Plain<Answer>,
  report: DrawnExecution | undefined,
  layout: Layout,
): readonly Line[] {
  const { width } = layout
  return [
    ...(report === undefined ? [[piece(answer.id, 'strong')]] : executionHeader(report, layout)),
    [piece('─'.repeat(width), 'faint')],
    ...wrapped({ text: answer.headline, width, indent: 0, tone: 'strong' }),
    ...answer.facts.flatMap((fact) =>
      wrapped({ text: fact, width, indent: 4, mark: [piece('  · ', 'faint')] }),
    ),
    EMPTY_LINE,
    ...(report === undefined ? [] : executionPicture(report, layout)),
    ...evidenceLines(answer.evidence, { width, indent: 0 }),
  ]
}

/** The waterfall, and its critical path in words. */
export function executionPicture(
  report: DrawnExecution,
  layout: Layout,
  maxRows?: number,
): readonly Line[] {
  const sentence = pathSentence(report)
  const mark = [piece('path', 'faint')]
  return [
    ...waterfall(report, layout, maxRows),
    EMPTY_LINE,
    ...(sentence === undefined
      ? []
      : wrapped({ text: sentence, width: layout.width, indent: 10, mark })),
  ]
}

/** What it is, how it ended and how long it took. */
export function executionHeader({ execution }: DrawnExecution, { width }: Layout): readonly Line[] {
  const version = execution.flowVersion === undefined ? '' : ` v${execution.flowVersion}`
  const failure = execution.errorType === undefined ? '' : ` (${execution.errorType})`
  const status = execution.status ?? (execution.closeReason === undefined ? 'running' : 'ended')
  const isBad = execution.errorType !== undefined || status === 'failed'
  return [
    justified({
      left: [piece(execution.executionId, 'strong'), piece(`  ${execution.flowId}${version}`)],
      right: [
        piece(`${status}${failure}`, isBad ? 'bad' : 'plain'),
        piece(`  ${duration(execution.durationNs / 1e6)}`, 'strong'),
      ],
      width,
    }),
    [
      piece(
        `${moment(execution.startUnixNs)}, ${counted(execution.spanCount, 'span')}, closed: ${execution.closeReason?.replaceAll('_', ' ') ?? 'still running'}`,
        'faint',
      ),
    ],
  ]
}
