import type { FindingChange, Plain } from '@qflow-otel/analyzer'
import { type Line, piece, type Tone } from '../text/line.ts'
import { timeOfDay } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'
import { causeClause, findingSentence } from './finding-sentence.ts'

/** One change in a finding's life as a line of a live log; on a terminal it wraps under its own text. */
export function findingChangeLines(
  { change, finding }: Plain<FindingChange>,
  layout: { readonly width: number | undefined },
): readonly Line[] {
  const mark = [
    piece(timeOfDay(finding.updatedUnixNs), 'faint'),
    piece(` ${change.padEnd(8)} `, toneOf({ change, finding })),
    piece(`${finding.kind.padEnd(14)} `, 'strong'),
  ]
  const text = `${finding.place.flowId}: ${findingSentence(finding)}${causeClause(finding)}`
  const indent = layout.width === undefined ? MARK_WIDTH : HANGING_INDENT
  const width = layout.width ?? Number.POSITIVE_INFINITY
  if (layout.width === undefined) return wrapped({ text, width, indent, mark })
  return [mark, ...wrapped({ text, width, indent })]
}

/** Time, change and kind, as padded above. */
const MARK_WIDTH = 9 + 10 + 15
const HANGING_INDENT = 10

function toneOf({ change, finding }: Plain<FindingChange>): Tone {
  if (change === 'resolved') return 'good'
  if (finding.kind === 'recommendation') return 'accent'
  return finding.severity === 'high' || finding.severity === 'critical' ? 'bad' : 'warn'
}
