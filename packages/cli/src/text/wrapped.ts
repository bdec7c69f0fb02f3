import { blank, type Line, piece, type Tone } from './line.ts'
import { MAX_SENTENCE_LENGTH, type Visible, visible } from './visible.ts'
import { clipped, widthOf } from './width.ts'

/** A text and where it stands. */
export interface Paragraph {
  readonly text: string
  readonly width: number
  /** Columns before each line. */
  readonly indent: number
  /** Shown before the first line, inside the indent. */
  readonly mark?: Line
  readonly tone?: Tone
}

/** A text broken at spaces into lines of at most `width` columns, indent included. */
export function wrapped(paragraph: Paragraph): readonly Line[] {
  const { text, width, indent, mark = [], tone = 'plain' } = paragraph
  const markWidth = mark.reduce((sum, part) => sum + widthOf(part.text), 0)
  const rows = brokenAtSpaces(visible(text, MAX_SENTENCE_LENGTH), Math.max(10, width - indent))
  return rows.map((row, index) => {
    const body = piece(row, tone, Number.POSITIVE_INFINITY)
    return index === 0 ? [...mark, blank(indent - markWidth), body] : [blank(indent), body]
  })
}

/** A blank between a number and its unit, or after `±` or before `=`, holds the two together. */
const BREAK = / (?!(?<=\d )(?:%|[mµ]?s|min|h|[KMGT]?i?B)(?!\w))(?!= )(?<![±=] )/

function brokenAtSpaces(text: Visible, width: number): readonly Visible[] {
  const rows: Visible[] = []
  let row = ''
  for (const word of text.split(BREAK).filter((part) => part !== '')) {
    const longer = visible(row === '' ? word : `${row} ${word}`, MAX_SENTENCE_LENGTH)
    if (widthOf(longer) <= width) {
      row = longer
      continue
    }
    if (row !== '') rows.push(visible(row, MAX_SENTENCE_LENGTH))
    row = clipped(visible(word, MAX_SENTENCE_LENGTH), width)
  }
  return row === '' ? rows : [...rows, visible(row, MAX_SENTENCE_LENGTH)]
}
