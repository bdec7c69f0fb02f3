import { headOf, MAX_DOCUMENT_BYTES, mib, withHead } from './byte-stream.ts'
import type { InputDocument } from './input-document.ts'
import { InputError } from './input-error.ts'
import { isWholeJson } from './is-whole-json.ts'
import { type NumberedLine, readLines } from './lines.ts'
import { readPrefixedMessages, readTopLevelFields } from './protobuf-messages.ts'

const EXPECTED = 'OTLP JSON, JSON lines, OTLP protobuf or Jaeger JSON'
/** White space before the first bracket is the only reason to look further than the first byte. */
const SNIFF_BYTES = 256

/**
 * Cuts input into documents, telling the format by its first bytes: JSON lines stay lines, a JSON document
 * over several lines is one document, a protobuf body is cut at its resource blocks, and length-prefixed
 * protobuf (the file exporter's `format: proto`) at its messages.
 */
export async function* readDocuments(bytes: AsyncIterable<Buffer>): AsyncGenerator<InputDocument> {
  const source = bytes[Symbol.asyncIterator]()
  const head = withoutByteOrderMark(await headOf(source, SNIFF_BYTES))
  const rest = withHead(head, source)
  const start = head.toString('latin1', 0, SNIFF_BYTES)
  if (/^\s*$/.test(start) && head.length < SNIFF_BYTES) {
    throw new InputError({ at: '', expected: EXPECTED, found: 'nothing' })
  }
  if (/^\s*[{[]\s*["{\]}]/.test(start) || /^\s*[{[]\s*$/.test(start)) yield* readJson(rest)
  else if (head[0] === 0x0a) yield* readTopLevelFields(rest)
  else if (head[0] === 0x00) yield* readPrefixedMessages(rest)
  else throw new InputError({ at: 'byte 0', expected: EXPECTED, found: shown(head) })
}

async function* readJson(bytes: AsyncIterable<Buffer>): AsyncGenerator<InputDocument> {
  const lines = readLines(bytes)
  for (const line of await beginning(lines)) yield jsonDocument(line)
  for await (const line of lines) if (isFilled(line)) yield jsonDocument(line)
}

/** The first lines, as many as tell that they are JSON lines; or one that holds the whole document. */
async function beginning(lines: AsyncGenerator<NumberedLine>): Promise<readonly NumberedLine[]> {
  const first = await nextFilled(lines)
  if (first === undefined) return []
  const second = await nextFilled(lines)
  if (second === undefined) return [first]
  return isWholeJson(first.text) ? [first, second] : untilTold(first, second, lines)
}

/**
 * What follows a first line that is no whole value: the rest of its document, or JSON lines of which the first is broken.
 *
 * Behind an object that stands whole in its line no document goes on with another one, because there would be a comma between
 * them; and none ends with it, because what its first line opened would still be open.
 */
async function untilTold(
  first: NumberedLine,
  second: NumberedLine,
  lines: AsyncGenerator<NumberedLine>,
): Promise<readonly NumberedLine[]> {
  const held = [first, second]
  let last = second.text.trim()
  let length = first.text.length + second.text.length
  for await (const line of lines) {
    const text = line.text.trim()
    length += line.text.length
    if (length > MAX_DOCUMENT_BYTES) throw documentTooLong()
    held.push(line)
    if (text === '') continue
    if (text.startsWith('{') && isWholeObject(last)) return held.filter(isFilled)
    last = text
  }
  if (isWholeObject(last)) return held.filter(isFilled)
  return [{ ...first, text: held.map(({ text }) => text).join('\n') }]
}

function isWholeObject(text: string): boolean {
  return text.startsWith('{') && text.endsWith('}') && isWholeJson(text)
}

function isFilled({ text }: NumberedLine): boolean {
  return text.trim() !== ''
}

function jsonDocument({ text, lineNumber, byteOffset }: NumberedLine): InputDocument {
  return { kind: 'json', text, lineNumber, byteOffset }
}

async function nextFilled(lines: AsyncGenerator<NumberedLine>): Promise<NumberedLine | undefined> {
  for (;;) {
    const { value, done } = await lines.next()
    if (done) return undefined
    if (isFilled(value)) return value
  }
}

function documentTooLong(): InputError {
  return new InputError({
    at: '',
    expected: `a JSON document of at most ${mib(MAX_DOCUMENT_BYTES)}; JSON lines may be of any size`,
    found: 'a longer one',
  })
}

function withoutByteOrderMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}

/** What the input begins with, as text when it is text. */
function shown(head: Buffer): string {
  const start = head.subarray(0, 24)
  const isText = start.every((byte) => (byte >= 0x20 && byte < 0x7f) || WHITE_SPACE.includes(byte))
  const [line = ''] = start
    .toString('latin1')
    .trimStart()
    .split(/[\r\n]/)
  return isText
    ? `text that begins with "${line.trimEnd()}"`
    : `bytes ${start.subarray(0, 8).toString('hex')}`
}

const WHITE_SPACE: readonly number[] = [...Buffer.from('\t\r\n')]
