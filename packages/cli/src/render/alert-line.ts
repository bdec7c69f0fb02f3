import type { Alert, Plain, Recommendation } from '@qflow-otel/analyzer'
import { blank, type Line, piece, type Tone } from '../text/line.ts'
import { counted, duration, timeOfDay } from '../text/quantity.ts'
import { wrapped } from '../text/wrapped.ts'
import { findingSentence } from './finding-sentence.ts'

/** Enough to look an alert up in another tool; `--json` has the rest. */
const MAX_TRACES = 2
/** As much of an id as tells a handful of alerts apart; commands take any beginning that does. */
export const SHORT_ID_LENGTH = 8

/** On a terminal lines wrap under themselves; without a width, in a file, each is one line. */
export interface LiveLayout {
  readonly width: number | undefined
}

/** That an alert opened, came back or has another cause: one line, and below it what to do and which traces show it. */
export function alertLines(
  alert: Plain<Alert>,
  {
    word,
    advice,
    layout,
  }: { word: string; advice: readonly Plain<Recommendation>[]; layout: LiveLayout },
): readonly Line[] {
  const column = columnOf(layout)
  return [
    ...sentenceLines(alert, { word, text: alert.sentence, tone: toneOf(alert), layout }),
    ...advice.flatMap((one) => adviceLines(one, layout)),
    ...traceLines(alert, column),
  ]
}

/** That it is over. */
export function alertEndLines(alert: Plain<Alert>, layout: LiveLayout): readonly Line[] {
  const lengthMs = Number(BigInt(alert.updatedUnixNs) - BigInt(alert.onsetUnixNs)) / 1e6
  const [what = alert.sentence] = alert.sentence.split(': ')
  const where =
    alert.flowIds.length === 1 ? alert.flowIds[0] : counted(alert.flowIds.length, 'flow')
  const text = `${what}: over after ${duration(lengthMs)}, ${where} as before`
  return sentenceLines(alert, { word: 'resolved', text, tone: 'good', layout })
}

/** Advice that came after the alert that it is for. */
export function adviceLines(advice: Plain<Recommendation>, layout: LiveLayout): readonly Line[] {
  const { width, indent } = columnOf(layout)
  const mark = [blank(indent), piece('→ ', 'accent')]
  return wrapped({ text: findingSentence(advice), width, indent: indent + 2, mark })
}

function sentenceLines(
  alert: Plain<Alert>,
  { word, text, tone, layout }: { word: string; text: string; tone: Tone; layout: LiveLayout },
): readonly Line[] {
  const column = columnOf(layout)
  const mark = [
    piece(timeOfDay(alert.updatedUnixNs), 'faint'),
    piece(` ${word.padEnd(WORD_WIDTH)} `, tone),
    piece(alert.id.slice(0, SHORT_ID_LENGTH), 'faint'),
    piece(' '),
  ]
  if (layout.width === undefined) return wrapped({ ...column, text, mark })
  return [mark, ...wrapped({ ...column, text })]
}

function traceLines(alert: Plain<Alert>, { width, indent }: Column): readonly Line[] {
  const shown = alert.evidence.traceIds.slice(0, MAX_TRACES)
  if (shown.length === 0) return []
  const text = `${shown.length > 1 ? 'traces' : 'trace'} ${shown.join(' ')}`
  return wrapped({ text, width, indent, tone: 'faint' })
}

const WORD_WIDTH = 'resolved'.length
const MARK_WIDTH = 9 + WORD_WIDTH + 2 + SHORT_ID_LENGTH + 1
const HANGING_INDENT = 10

interface Column {
  readonly width: number
  readonly indent: number
}

function columnOf({ width }: LiveLayout): Column {
  if (width === undefined) return { width: Number.POSITIVE_INFINITY, indent: MARK_WIDTH }
  return { width, indent: HANGING_INDENT }
}

function toneOf({ severity }: Plain<Alert>): Tone {
  return severity === 'high' || severity === 'critical' ? 'bad' : 'warn'
}
