import { type Visible, visible } from './visible.ts'

/** Terminals give these two columns: East Asian wide and full-width forms, and emoji shown as pictures. */
const WIDE =
  /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\u3000-\u303e\u30a0-\u30ff\uff01-\uff60\uffe0-\uffe6]/u
const MARK = /\p{M}/u
const ASCII_ONLY = /^[\x20-\x7e]*$/

/** Columns that the text takes in a terminal. */
export function widthOf(text: Visible): number {
  if (ASCII_ONLY.test(text)) return text.length
  let width = 0
  for (const character of text) width += columnsOf(character)
  return width
}

/** At most `width` columns; a cut is shown as `…`. */
export function clipped(text: Visible, width: number): Visible {
  if (widthOf(text) <= width) return text
  let kept = ''
  let used = 0
  for (const character of text) {
    used += columnsOf(character)
    if (used > width - 1) break
    kept += character
  }
  return visible(width > 0 ? `${kept}…` : '')
}

function columnsOf(character: string): number {
  if (MARK.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}
