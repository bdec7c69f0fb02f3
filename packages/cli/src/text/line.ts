import { MAX_NAME_LENGTH, type Visible, visible } from './visible.ts'
import { clipped, widthOf } from './width.ts'

/** What a piece of text means; `paint` alone knows what that looks like. */
export type Tone = 'plain' | 'strong' | 'faint' | 'good' | 'bad' | 'warn' | 'accent'

/** Text in one tone. */
export interface Piece {
  readonly text: Visible
  readonly tone: Tone
}

/** A line of output; never holds a line break. */
export type Line = readonly Piece[]

/** Between two paragraphs. */
export const EMPTY_LINE: Line = []

/** Any text becomes a piece, and safe, here. */
export function piece(text: string, tone: Tone = 'plain', maxLength = MAX_NAME_LENGTH): Piece {
  return { text: visible(text, maxLength), tone }
}

/** Columns that the line takes. */
export function lineWidth(line: Line): number {
  return line.reduce((width, { text }) => width + widthOf(text), 0)
}

/** `left … right`, with the right part at the end of `width` columns; the left part gives way. */
export function justified(parts: { left: Line; right: Line; width: number }): Line {
  const room = Math.max(0, parts.width - lineWidth(parts.right) - 2)
  const left = clippedLine(parts.left, room)
  const gap = Math.max(2, parts.width - lineWidth(left) - lineWidth(parts.right))
  return [...left, piece(' '.repeat(gap), 'plain', gap), ...parts.right]
}

/** The line, cut at `width` columns. */
export function clippedLine(line: Line, width: number): Line {
  const kept: Piece[] = []
  let left = width
  for (const { text, tone } of line) {
    if (left <= 0) break
    const shown = clipped(text, left)
    kept.push({ text: shown, tone })
    left -= widthOf(shown)
  }
  return kept
}

/** Columns of blank text. */
export function blank(width: number): Piece {
  return piece(' '.repeat(Math.max(0, width)), 'plain', Number.POSITIVE_INFINITY)
}
