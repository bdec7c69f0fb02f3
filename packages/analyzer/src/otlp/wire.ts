import { OtlpDecodeError } from './decode-error.ts'

/** Malformed protobuf, with where it broke. */
export class WireError extends OtlpDecodeError {
  override readonly name = 'WireError'
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message, `byte ${offset}`)
    this.offset = offset
  }
}

export const VARINT = 0
export const FIXED64 = 1
export const BYTES = 2
const START_GROUP = 3
const END_GROUP = 4
const FIXED32 = 5
export const tagOf = (field: number, wireType: number): number => (field << 3) | wireType

/** Groups are a relic that OTLP does not use; a deeper nest than this is an attack. */
const MAX_GROUP_DEPTH = 32

const HEX_CODES = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
const MAX_CODES = 64

/** Short texts repeat: keys in every span, names and values in many. Longer ones are not worth the comparison. */
const SHORT_TEXT_BYTES = 64

/** Slots for texts seen in this body, a power of 2; a new text takes the slot of an older one. */
const SEEN_TEXTS = 512

interface SeenText {
  readonly start: number
  readonly length: number
  readonly text: string
}

/**
 * Reads protobuf primitives in order. Every read is bounds-checked: `pos` never passes `end`, and `end` is what it
 * was when `message` returns or throws.
 */
export class WireReader {
  pos = 0
  /** Where the innermost open message stops. */
  end: number
  readonly #bytes: Uint8Array
  readonly #view: DataView
  /** By hash; the bytes themselves are compared, so that hostile hashes cost speed only. */
  readonly #seen: (SeenText | undefined)[] = new Array(SEEN_TEXTS).fill(undefined)
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.end = bytes.length
  }

  /** Field number and wire type; field 0 does not exist. */
  tag(): number {
    const start = this.pos
    const tag = this.uint32()
    if (tag >>> 3 === 0) throw new WireError('expected a field number from 1, found 0', start)
    return tag
  }

  /** Tags, enums, lengths and counts: the low 32 bits of a varint. */
  uint32(): number {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte()
      if (shift < 32) value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw new WireError('expected a varint of at most 10 bytes, found a longer one', this.pos)
  }

  /** Enums and counts as signed numbers: a negative enum is 10 bytes long on the wire. */
  int32(): number {
    return this.uint32() | 0
  }

  bool(): boolean {
    return this.#varint64() !== 0n
  }

  /** A signed 64-bit integer: a number while that is exact, else bigint. */
  int64(): number | bigint {
    const start = this.pos
    const small = this.#bytes[start] ?? 0
    if (small < 0x80 && start < this.end) {
      this.pos = start + 1
      return small
    }
    return exactInteger(BigInt.asIntN(64, this.#varint64()))
  }

  fixed64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true)
  }

  double(): number {
    return this.#view.getFloat64(this.#advance(8), true)
  }

  /** A copy, so that the body is not kept alive. */
  bytes(): Uint8Array {
    const start = this.#advance(this.uint32())
    return this.#bytes.slice(start, this.pos)
  }

  /** Ids: lower-case hex, never text, which would damage them silently. */
  hex(): string {
    const start = this.#advance(this.uint32())
    const codes: number[] = []
    for (let at = start; at < this.pos; at++) {
      const byte = this.#bytes[at] ?? 0
      codes.push(HEX_CODES[byte >> 4] ?? 0, HEX_CODES[byte & 15] ?? 0)
      // `fromCharCode` takes its characters as arguments, so what is no id goes in pieces.
      if (codes.length === MAX_CODES && at + 1 < this.pos) return this.#longHex(start)
    }
    return String.fromCharCode(...codes)
  }

  /** Malformed UTF-8 becomes U+FFFD. */
  string(): string {
    const start = this.#advance(this.uint32())
    const length = this.pos - start
    if (length > SHORT_TEXT_BYTES) return this.#decode(start)
    let hash = length
    for (let at = start; at < this.pos; at++)
      hash = (Math.imul(hash, 31) + (this.#bytes[at] ?? 0)) | 0
    const slot = hash & (SEEN_TEXTS - 1)
    const seen = this.#seen[slot]
    if (seen !== undefined && this.#isSame(seen, start, length)) return seen.text
    const text = this.#decode(start)
    this.#seen[slot] = { start, length, text }
    return text
  }

  /** Reads one nested message with `read`, which sees only that message's bytes. */
  message<T>(read: (reader: this) => T): T {
    const outerEnd = this.end
    const start = this.#advance(this.uint32())
    const innerEnd = this.pos
    this.end = innerEnd
    this.pos = start
    try {
      return read(this)
    } finally {
      // Also after a read that threw or stopped early, so that the caller may go on behind this message.
      this.end = outerEnd
      this.pos = innerEnd
    }
  }

  /** Steps over a field that nobody wants, groups included. */
  skip(tag: number): void {
    let depth = 0
    for (let current = tag; ; current = this.tag()) {
      const type = current & 7
      if (type === START_GROUP) depth++
      else if (type === END_GROUP) depth--
      else this.#skipValue(type)
      if (depth < 0)
        throw new WireError(
          'expected a field, found the end of a group that did not start',
          this.pos,
        )
      if (depth > MAX_GROUP_DEPTH)
        throw new WireError(
          `expected groups nested ${MAX_GROUP_DEPTH} deep at most, found deeper ones`,
          this.pos,
        )
      if (depth === 0) return
    }
  }

  #skipValue(type: number): void {
    // biome-ignore format: one wire type, one line
    switch (type) {
      case VARINT: this.uint32(); return
      case FIXED64: this.#advance(8); return
      case BYTES: this.#advance(this.uint32()); return
      case FIXED32: this.#advance(4); return
      default: throw new WireError(`expected wire type 0, 1, 2, 3 or 5, found ${type}`, this.pos)
    }
  }

  #decode(start: number): string {
    return this.#utf8.decode(this.#bytes.subarray(start, this.pos))
  }

  #isSame(seen: SeenText, start: number, length: number): boolean {
    if (seen.length !== length) return false
    for (let at = 0; at < length; at++)
      if (this.#bytes[seen.start + at] !== this.#bytes[start + at]) return false
    return true
  }

  #longHex(start: number): string {
    const parts: string[] = []
    for (let at = start; at < this.pos; at++)
      parts.push((this.#bytes[at] ?? 0).toString(16).padStart(2, '0'))
    return parts.join('')
  }

  #varint64(): bigint {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte()
      const bits = byte & 0x7f
      // 28 bits low and the rest high keep both halves within the exact range of a number.
      if (shift < 28) low += bits * 2 ** shift
      else high += bits * 2 ** (shift - 28)
      if (byte < 0x80) return BigInt.asUintN(64, (BigInt(high) << 28n) + BigInt(low))
    }
    throw new WireError('expected a varint of at most 10 bytes, found a longer one', this.pos)
  }

  #byte(): number {
    // Within bounds by #advance.
    return this.#bytes[this.#advance(1)] as number
  }

  /** Claims `count` bytes and returns where they start. */
  #advance(count: number): number {
    const start = this.pos
    if (count > this.end - start)
      throw new WireError(`expected ${count} more bytes, found ${this.end - start}`, start)
    this.pos = start + count
    return start
  }
}

/** A number while it is exact, else the bigint itself. */
export function exactInteger(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
