import { InputError } from '../input/input-error.ts'
import type { NumberedLine } from '../input/lines.ts'

/** The cells of one record, and the line on which it begins. */
export interface CsvRecord {
  readonly cells: readonly string[]
  readonly lineNumber: number
}

const SEPARATORS = [',', ';', '\t'] as const
export type Separator = (typeof SEPARATORS)[number]

/** A quote that is never closed would take the rest of the file for one cell. */
const MAX_RECORD_LINES = 1_000
/** The same for one over long lines, in UTF-16 units. */
const MAX_RECORD_LENGTH = 16 * 2 ** 20
/** Ten times as many as there can be series; a line of nothing but separators is no table. */
const MAX_CELL_COUNT = 10_000

/** The beginning of a line says what separates its cells. */
const MAX_LOOKED_AT_LENGTH = 64 * 1024

/** What separates the cells: what stands most often in the first line, outside of quotes. */
export function separatorOf(line: string): Separator {
  const bare = line.slice(0, MAX_LOOKED_AT_LENGTH).replace(/"[^"]*"/g, '')
  const counts = SEPARATORS.map((separator) => bare.split(separator).length)
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ','
}

/**
 * Records from lines; a quoted cell may hold separators, line breaks and doubled quotes. Empty lines are none.
 * Throws `InputError` for a quote that is not closed within 1,000 lines or 16 Mi characters, and for more than 10,000 cells.
 * Source: RFC 4180, with LF alone allowed.
 */
export async function* csvRecords(
  lines: AsyncIterable<NumberedLine>,
  separator: Separator,
): AsyncGenerator<CsvRecord> {
  let open: { text: string; lineNumber: number; count: number } | undefined
  for await (const { text, lineNumber } of lines) {
    const line = text.endsWith('\r') ? text.slice(0, -1) : text
    if (open === undefined && line.trim() === '') continue
    open =
      open === undefined
        ? { text: line, lineNumber, count: 1 }
        : { text: `${open.text}\n${line}`, lineNumber: open.lineNumber, count: open.count + 1 }
    if (isOpen(open.text)) {
      if (open.count >= MAX_RECORD_LINES || open.text.length > MAX_RECORD_LENGTH)
        throw notClosed(open.lineNumber)
      continue
    }
    const start = open.lineNumber
    yield { cells: cellsOf(open.text, { separator, lineNumber: start }), lineNumber: start }
    open = undefined
  }
  if (open !== undefined) throw notClosed(open.lineNumber)
}

/** Whether a quoted cell goes on in the next line: an odd number of quotes so far. */
function isOpen(text: string): boolean {
  let count = 0
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count += 1
  return count % 2 === 1
}

function cellsOf(
  text: string,
  { separator, lineNumber }: { separator: Separator; lineNumber: number },
): string[] {
  const cells: string[] = []
  let start = 0
  let isQuoted = false
  for (let at = 0; at <= text.length; at += 1) {
    const character = text[at]
    if (character === '"') isQuoted = !isQuoted
    if (at < text.length && (isQuoted || character !== separator)) continue
    if (cells.length === MAX_CELL_COUNT) throw tooManyCells(lineNumber)
    cells.push(unquoted(text.slice(start, at)))
    start = at + 1
  }
  return cells
}

function unquoted(cell: string): string {
  const trimmed = cell.trim()
  return /^".*"$/s.test(trimmed) ? trimmed.slice(1, -1).replaceAll('""', '"') : trimmed
}

function notClosed(lineNumber: number): InputError {
  return new InputError({
    at: `line ${lineNumber}`,
    expected: 'a quote that is closed',
    found: 'none until the end',
  })
}

function tooManyCells(lineNumber: number): InputError {
  return new InputError({
    at: `line ${lineNumber}`,
    expected: `at most ${MAX_CELL_COUNT} cells`,
    found: 'more',
  })
}
