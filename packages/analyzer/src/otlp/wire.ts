import { OtlpDecodeError } from './decode-error.ts'
import type { DecodeMemory } from './decode-memory.ts'
import { hexOf } from './id-memory.ts'

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

const NO_BYTES = new Uint8Array()
const NO_VIEW = new DataView(NO_BYTES.buffer)

/** One body in both views of its bytes. */
export interface BodyBytes {
  readonly bytes: Uint8Array
  readonly view: DataView
}

/**
 * Reads protobuf primitives in order, body after body. Every read is bounds-checked: `pos` never passes `end`. After a read
 * that threw, the rest of its body cannot be read; the next body can.
 *
 * The fields are plain and a reader lives long, because it is fast so: V8 throws code away whose objects are all gone when
 * it collects garbage.
 */
export class WireReader implements BodyBytes {
  bytes: Uint8Array = NO_BYTES
  view: DataView = NO_VIEW
  pos = 0
  /** Where the innermost open message stops. */
  end = 0
  readonly #memory: DecodeMemory

  constructor(memory: DecodeMemory) {
    this.#memory = memory
  }

  /** Starts a body. */
  open({ buffer, byteOffset, byteLength }: Uint8Array): void {
    // An array of the same type whatever the caller has, a Buffer for one: else all reads below turn slower.
    this.bytes = new Uint8Array(buffer, byteOffset, byteLength)
    this.view = new DataView(buffer, byteOffset, byteLength)
    this.pos = 0
    this.end = byteLength
  }

  /** Lets go of the body. */
  close(): void {
    this.bytes = NO_BYTES
    this.view = NO_VIEW
    this.pos = 0
    this.end = 0
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
    const byte = this.bytes[this.pos] ?? 0
    if (byte >= 0x80 || this.pos >= this.end) return this.#longUint32()
    this.pos++
    return byte
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
    const byte = this.bytes[this.pos] ?? 0
    if (byte >= 0x80 || this.pos >= this.end)
      return exactInteger(BigInt.asIntN(64, this.#varint64()))
    this.pos++
    return byte
  }

  fixed64(): bigint {
    return this.view.getBigUint64(this.#advance(8), true)
  }

  double(): number {
    return this.view.getFloat64(this.#advance(8), true)
  }

  /** A part of the body itself. */
  part(): Uint8Array {
    const start = this.#advance(this.uint32())
    return this.bytes.subarray(start, this.pos)
  }

  /** Ids: lower-case hex, never text, which would damage them silently. */
  hex(): string {
    const length = this.uint32()
    const start = this.#advance(length)
    if (length === 8) return this.spanIdAt(start)
    if (length === 16) return this.traceIdAt(start)
    return hexOf(this.bytes.subarray(start, this.pos))
  }

  /** The id of 8 bytes that lie within the body. */
  spanIdAt(start: number): string {
    return this.#memory.spanIds.hex(this, start)
  }

  /** The id of 16 bytes that lie within the body. */
  traceIdAt(start: number): string {
    return this.#memory.traceIds.hex(this, start)
  }

  /** Malformed UTF-8 becomes U+FFFD. */
  string(): string {
    const length = this.uint32()
    return this.textAt(this.#advance(length), length)
  }

  /** The text of bytes that lie within the body. */
  textAt(start: number, length: number): string {
    return this.#memory.texts.decode(this, start, length)
  }

  /**
   * Steps into a nested message, so that nothing behind it is read until `leave` is called with the result: where the
   * surrounding message stops.
   */
  enter(): number {
    const outerEnd = this.end
    const length = this.uint32()
    const start = this.#advance(length)
    this.end = start + length
    this.pos = start
    return outerEnd
  }

  /** Steps behind the innermost message, however much of it was read. */
  leave(outerEnd: number): void {
    this.pos = this.end
    this.end = outerEnd
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

  #longUint32(): number {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte()
      if (shift < 32) value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw new WireError('expected a varint of at most 10 bytes, found a longer one', this.pos)
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
    return this.bytes[this.#advance(1)] as number
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
