import type { FindingChange, Plain } from '@qflow-otel/analyzer'
import { blank, type Line, piece, type Tone } from '../text/line.ts'
import { timeOfDay } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'
import { causeClause, findingSentence, resolvedSentence } from './finding-sentence.ts'

/** Enough to look a change up in another tool; `--json` has the rest. */
const MAX_TRACES = 2

type Change = Plain<FindingChange>
type Layout = { readonly width: number | undefined }

/** Changes of one moment: advice stands beneath the first of its findings that is among them. */
export function findingChangesLines(changes: readonly Change[], layout: Layout): readonly Line[] {
  const told = new Set(changes.map(({ finding }) => finding.id))
  const firstOf = ({ finding }: Change) =>
    finding.kind === 'recommendation' ? finding.forFindingIds.find((id) => told.has(id)) : undefined
  const beneath = (id: string) => changes.filter((change) => firstOf(change) === id)
  return changes
    .filter((change) => firstOf(change) === undefined)
    .flatMap((change) => [
      ...findingChangeLines(change, layout),
      ...beneath(change.finding.id).flatMap((advice) => adviceLines(advice, columnOf(layout))),
    ])
}

/**
 * One change in a finding's life in a live log. What follows from it stands below, indented: advice, and the traces
 * that show a regression. On a terminal all wrap under their own text; in a file each is one line.
 */
function findingChangeLines({ change, finding }: Change, layout: Layout): readonly Line[] {
  const isWrapped = layout.width !== undefined
  const place = columnOf(layout)
  const isAdvice = finding.kind === 'recommendation'
  if (isAdvice && change !== 'opened') return []
  const mark = [
    piece(timeOfDay(finding.updatedUnixNs), 'faint'),
    piece(` ${change.padEnd(8)} `, toneOf({ change, finding })),
    piece(`${kindWord(finding).padEnd(KIND_WIDTH)} `, 'strong'),
  ]
  const says =
    change === 'resolved'
      ? resolvedSentence(finding)
      : `${findingSentence(finding)}${causeClause(finding)}`
  const text = `${finding.place.flowId}: ${says}`
  const sentence = isWrapped
    ? [mark, ...wrapped({ ...place, text })]
    : wrapped({ ...place, text, mark })
  const isNewRegression = change === 'opened' && finding.kind === 'regression'
  return [...sentence, ...(isNewRegression ? traceLines(finding.evidence.traceIds, place) : [])]
}

/** A change of level goes by its direction: nobody looks for good news under `regression`. */
function kindWord(finding: Change['finding']): string {
  if (finding.kind === 'recommendation') return 'advice'
  return finding.kind === 'regression' ? finding.direction : finding.kind
}

const KIND_WIDTH = 'improvement'.length

/** Time, change and kind, as padded above. */
const MARK_WIDTH = 9 + 10 + KIND_WIDTH + 1
const HANGING_INDENT = 10

interface Column {
  readonly width: number
  readonly indent: number
}

function columnOf({ width }: Layout): Column {
  if (width === undefined) return { width: Number.POSITIVE_INFINITY, indent: MARK_WIDTH }
  return { width, indent: HANGING_INDENT }
}

/** Advice's gain changes and ends with the finding that it is for, which says so itself. */
function adviceLines({ change, finding }: Change, { width, indent }: Column): readonly Line[] {
  if (change !== 'opened') return []
  const mark = [blank(indent), piece('→ ', 'accent')]
  return wrapped({ text: findingSentence(finding), width, indent: indent + 2, mark })
}

function traceLines(traceIds: readonly string[], { width, indent }: Column): readonly Line[] {
  const shown = traceIds.slice(0, MAX_TRACES)
  if (shown.length === 0) return []
  const text = `${shown.length > 1 ? 'traces' : 'trace'} ${shown.join(' ')}`
  return wrapped({ text, width, indent, tone: 'faint' })
}

function toneOf({ change, finding }: Plain<FindingChange>): Tone {
  if (change === 'resolved') return 'good'
  return finding.severity === 'high' || finding.severity === 'critical' ? 'bad' : 'warn'
}
