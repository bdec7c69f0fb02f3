import type { Readable } from 'node:stream'
import { headOf, MAX_DOCUMENT_BYTES, mib, withHead } from '../input/byte-stream.ts'
import { describe, InputError, type InputProblem } from '../input/input-error.ts'
import { isWholeJson } from '../input/is-whole-json.ts'
import { type NumberedLine, readLines } from '../input/lines.ts'
import { openBytes, STDIN_NAME } from '../input/open-bytes.ts'
import { parseJson } from '../input/parse-json.ts'
import { numberIn } from './cell.ts'
import { csvRecords, separatorOf } from './csv-records.ts'
import { addRow, readJsonDocument, VALUE_COLUMN } from './json-series.ts'
import type { Series, SeriesChoice } from './series.ts'
import { SeriesTable } from './series-table.ts'

/** What was read of one file or of the standard input, and what could not be used. */
export interface SeriesInput {
  readonly name: string
  readonly series: readonly Series[]
  /** Rows, or values of a benchmark's own file. */
  readonly rowCount: number
  /** Rows and cells that could not be used; the rest was. */
  readonly problemCount: number
  /** The first of them. */
  readonly problems: readonly InputProblem[]
  /** Rows and values beyond what is held. */
  readonly leftOutCount: number
}

/** A user mends the first few; the rest are counted. */
const MAX_LISTED_PROBLEMS = 5
const SNIFF_BYTES = 256

/** Reads one file of series to its end. What is bad in it is counted; the rest goes on. */
export async function readSeries(
  name: string,
  { stdin, choice }: { stdin: Readable; choice: SeriesChoice },
): Promise<SeriesInput> {
  const reading = new Reading(choice)
  try {
    await reading.read(openBytes(name, { stdin, onRead: () => {} }))
  } catch (error) {
    reading.refuse(error)
  }
  return { name, ...reading.end() }
}

/** A sentence for each listed problem of an input, and how many more there are. */
export function seriesProblems(input: SeriesInput): readonly string[] {
  const name = input.name === STDIN_NAME ? 'standard input' : input.name
  const more = input.problemCount - input.problems.length
  return [
    ...input.problems.map((problem) => `${name}: ${describe(problem)}`),
    ...(more > 0 ? [`${name}: ${more} more like these`] : []),
    ...(input.leftOutCount > 0
      ? [`${name}: ${input.leftOutCount} rows or values found no room`]
      : []),
    ...(input.series.length + input.problemCount === 0
      ? [`${name}: expected numbers, found none`]
      : []),
  ]
}

/** One file while it is read. */
class Reading {
  readonly #table: SeriesTable
  readonly #problems: InputProblem[] = []
  #problemCount = 0
  #own: { readonly series: readonly Series[]; readonly leftOutCount: number } | undefined

  constructor(choice: SeriesChoice) {
    this.#table = new SeriesTable(choice, MAX_LISTED_PROBLEMS)
  }

  /** Only bad input is counted; a fault of the program goes on up. */
  refuse(error: unknown): void {
    if (!(error instanceof InputError)) throw error
    this.#problemCount += 1
    if (this.#problems.length < MAX_LISTED_PROBLEMS) this.#problems.push(error.problem)
  }

  async read(bytes: AsyncIterable<Buffer>): Promise<void> {
    const source = bytes[Symbol.asyncIterator]()
    const head = withoutByteOrderMark(await headOf(source, SNIFF_BYTES))
    const lines = readLines(withHead(head, source))
    const start = head.toString('utf8', 0, SNIFF_BYTES).trimStart()
    if (start === '' && head.length < SNIFF_BYTES)
      throw new InputError({ at: '', expected: 'series of numbers', found: 'nothing' })
    if (start.includes('\0'))
      throw new InputError({ at: '', expected: 'CSV or JSON as text', found: 'binary data' })
    if (/^([[{]|window\.)/.test(start)) await this.#readJson(lines)
    else await this.#readCsv(lines)
  }

  end(): Omit<SeriesInput, 'name'> {
    const table = this.#table.end()
    const own = this.#own ?? { series: [], leftOutCount: 0 }
    return {
      series: [...own.series, ...table.series],
      rowCount: this.#table.rowCount + own.series.reduce((sum, one) => sum + one.points.length, 0),
      problemCount: this.#problemCount + table.problemCount,
      problems: [...this.#problems, ...table.problems].slice(0, MAX_LISTED_PROBLEMS),
      leftOutCount: this.#table.leftOutCount + own.leftOutCount,
    }
  }

  async #readCsv(lines: AsyncGenerator<NumberedLine>): Promise<void> {
    const first = await nextFilled(lines)
    if (first === undefined) return
    const separator = separatorOf(first.text)
    let names: readonly string[] | undefined
    for await (const { cells, lineNumber } of csvRecords(again(first, lines), separator)) {
      const at = `line ${lineNumber}`
      if (names === undefined) {
        names = columnNames(cells)
        // Without a header the first line is a row.
        if (!cells.every((cell) => numberIn(cell) !== undefined)) continue
      }
      if (cells.length === names.length) {
        this.#table.add(
          new Map(names.map((name, index) => [name, decimal(cells[index], separator)])),
          at,
        )
        continue
      }
      this.#table.addGap()
      const expected = `${names.length} cells`
      this.refuse(new InputError({ at, expected, found: `${cells.length}` }))
    }
  }

  async #readJson(lines: AsyncGenerator<NumberedLine>): Promise<void> {
    const first = await nextFilled(lines)
    const second = await nextFilled(lines)
    if (first === undefined) return
    if (second === undefined || !isWholeJson(first.text)) {
      const text = await joined([first, ...(second === undefined ? [] : [second])], lines)
      const { lineNumber, byteOffset } = first
      const refuse = (error: unknown) => this.refuse(error)
      const document = parseJson(withoutAssignment(text), { lineNumber, byteOffset })
      this.#own = readJsonDocument(document, this.#table, refuse)
      return
    }
    for await (const line of again(first, again(second, lines))) this.#addLine(line)
  }

  #addLine({ text, lineNumber, byteOffset }: NumberedLine): void {
    if (text.trim() === '') return
    const value = this.#parsed({ text, lineNumber, byteOffset })
    if (value === undefined) return
    const refuse = (error: unknown) => this.refuse(error)
    try {
      addRow(value, { table: this.#table, refuse, at: `line ${lineNumber}` })
    } catch (error) {
      this.refuse(error)
    }
  }

  /** Nothing for a line that is no JSON, which is then counted. */
  #parsed({ text, lineNumber, byteOffset }: NumberedLine): unknown {
    try {
      return parseJson(text, { lineNumber, byteOffset })
    } catch (error) {
      this.#table.addGap()
      this.refuse(error)
      return undefined
    }
  }
}

/** Names of the columns; a number is none, and a name that stands twice is told apart. */
function columnNames(cells: readonly string[]): readonly string[] {
  if (cells.every((cell) => numberIn(cell) !== undefined))
    return cells.length === 1 ? [VALUE_COLUMN] : cells.map((_, index) => `column ${index + 1}`)
  const seen = new Map<string, number>()
  return cells.map((cell, index) => {
    const name = cell === '' ? `column ${index + 1}` : cell
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return count === 1 ? name : `${name} (${count})`
  })
}

/** Where the separator is a semicolon, a comma may be the decimal point. */
function decimal(cell: string | undefined, separator: string): string | undefined {
  return separator === ';' && cell !== undefined && /^[+-]?\d+,\d+$/.test(cell)
    ? cell.replace(',', '.')
    : cell
}

/** github-action-benchmark keeps its history as a script: `window.BENCHMARK_DATA = {…}`. As many characters stay. */
function withoutAssignment(text: string): string {
  return text
    .replace(/^\s*window\.\w+\s*=/, (found) => ' '.repeat(found.length))
    .replace(/;\s*$/, '')
}

async function joined(
  read: readonly NumberedLine[],
  lines: AsyncGenerator<NumberedLine>,
): Promise<string> {
  const texts = read.map(({ text }) => text)
  let length = texts.reduce((sum, text) => sum + text.length, 0)
  for await (const { text } of lines) {
    length += text.length
    if (length > MAX_DOCUMENT_BYTES) {
      const expected = `a JSON document of at most ${mib(MAX_DOCUMENT_BYTES)}; JSON lines may be of any size`
      throw new InputError({ at: '', expected, found: 'a longer one' })
    }
    texts.push(text)
  }
  return texts.join('\n')
}

async function nextFilled(lines: AsyncGenerator<NumberedLine>): Promise<NumberedLine | undefined> {
  for (;;) {
    const { value, done } = await lines.next()
    if (done) return undefined
    if (value.text.trim() !== '') return value
  }
}

/** The lines with one that was looked at. */
async function* again(
  first: NumberedLine,
  rest: AsyncIterable<NumberedLine>,
): AsyncGenerator<NumberedLine> {
  yield first
  yield* rest
}

function withoutByteOrderMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}
