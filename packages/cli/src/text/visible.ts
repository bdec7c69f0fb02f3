declare const sanitized: unique symbol

/** Text that is safe to print: no control, format, bidi or line-breaking character is left in it. */
export type Visible = string & { readonly [sanitized]: true }

/** Longest text of a name or id that is shown, in UTF-16 units; a span may carry a megabyte of them. */
export const MAX_NAME_LENGTH = 120

/** Longest sentence that is shown; the analyzer's own sentences stay far below. */
export const MAX_SENTENCE_LENGTH = 1_500

/**
 * Controls (C0, DEL, C1), format characters (bidi overrides, zero-width, tags), line and paragraph
 * separators, and lone surrogates: whatever can move the cursor, reorder or hide text.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** More marks on one letter than any language stacks; they would paint over the lines above. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * The one door between data and the terminal: what is unsafe becomes readable (`\n`, `\x1b`, `\u{202e}`),
 * what is too long ends in `…`. Applying it twice changes nothing more.
 */
export function visible(text: string, maxLength: number = MAX_NAME_LENGTH): Visible {
  const shown = bounded(text, maxLength).replace(UNSAFE, escaped).replace(STACKED_MARKS, '$1')
  // The only place that makes the brand: the replacement above has just established what it says.
  return shown as Visible
}

function bounded(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  const kept = text.slice(0, maxLength - 1)
  const endsInHalf = /[\ud800-\udbff]$/.test(kept)
  return `${endsInHalf ? kept.slice(0, -1) : kept}…`
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code > 0xff) return `\\u{${code.toString(16)}}`
  return SHORT_ESCAPES[character] ?? `\\x${code.toString(16).padStart(2, '0')}`
}
