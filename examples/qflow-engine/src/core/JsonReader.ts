/** A JSON text with where each value stands. Positions are offsets of UTF-16 code units. */
export interface LocatedJson {
  readonly value: unknown
  /** By JSON pointer; the root is the empty text. */
  readonly offsets: ReadonlyMap<string, number>
}

/** A JSON text that is none. */
export class JsonSyntaxError extends Error {
  readonly offset: number
  readonly expected: string
  readonly found: string

  constructor(text: string, offset: number, expected: string) {
    const found = offset < text.length ? JSON.stringify(text.charAt(offset)) : 'the end of the text'
    super(`expected ${expected}, found ${found}`)
    this.name = 'JsonSyntaxError'
    this.offset = offset
    this.expected = expected
    this.found = found
  }
}

/** The reader recurses once for each level. */
const maxDepth = 128
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids raw control characters in strings.
const stringPattern = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y

/** Reads strict JSON (RFC 8259). Throws {@link JsonSyntaxError} with the position and what was expected. */
export function readJson(text: string): LocatedJson {
  const reader = new JsonReader(text)
  const value = reader.value('', 0)
  reader.skipSpace()
  if (reader.offset < text.length) throw reader.fault('the end of the text')
  return { value, offsets: reader.offsets }
}

/** Line and column, both from 1, of an offset. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: offset - lineStart + 1 }
}

/** One key as a part of a JSON pointer (RFC 6901). */
export function pointerPart(key: string | number): string {
  return `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

class JsonReader {
  readonly text: string
  readonly offsets = new Map<string, number>()
  offset = 0

  constructor(text: string) {
    this.text = text
  }

  value(pointer: string, depth: number): unknown {
    this.skipSpace()
    if (depth > maxDepth) throw this.fault(`at most ${maxDepth} levels`)
    this.offsets.set(pointer, this.offset)
    const first = this.text.charAt(this.offset)
    if (first === '{') return this.object(pointer, depth)
    if (first === '[') return this.array(pointer, depth)
    if (first === '"') return this.string()
    for (const [word, value] of words) {
      if (!this.text.startsWith(word, this.offset)) continue
      this.offset += word.length
      return value
    }
    return this.number()
  }

  object(pointer: string, depth: number): unknown {
    const entries: [string, unknown][] = []
    this.offset++
    if (this.take('}')) return {}
    do {
      this.skipSpace()
      const key = this.string()
      if (!this.take(':')) throw this.fault('":"')
      entries.push([key, this.value(pointer + pointerPart(key), depth + 1)])
    } while (this.take(','))
    if (!this.take('}')) throw this.fault('"," or "}"')
    return Object.fromEntries(entries)
  }

  array(pointer: string, depth: number): unknown {
    const items: unknown[] = []
    this.offset++
    if (this.take(']')) return items
    do items.push(this.value(pointer + pointerPart(items.length), depth + 1))
    while (this.take(','))
    if (!this.take(']')) throw this.fault('"," or "]"')
    return items
  }

  string(): string {
    const raw = this.match(stringPattern)
    if (raw === undefined) throw this.fault('a string in double quotes')
    // The pattern admits only JSON strings, whose value is a string.
    return JSON.parse(raw) as string
  }

  number(): number {
    const raw = this.match(numberPattern)
    if (raw === undefined) throw this.fault('a value')
    return Number(raw)
  }

  skipSpace(): void {
    while (' \t\n\r'.includes(this.text.charAt(this.offset)) && this.offset < this.text.length)
      this.offset++
  }

  fault(expected: string): JsonSyntaxError {
    return new JsonSyntaxError(this.text, this.offset, expected)
  }

  private take(character: string): boolean {
    this.skipSpace()
    if (this.text.charAt(this.offset) !== character) return false
    this.offset++
    return true
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset
    const [raw] = pattern.exec(this.text) ?? []
    if (raw !== undefined) this.offset = pattern.lastIndex
    return raw
  }
}

const words: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]
