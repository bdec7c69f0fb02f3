import type { BodyBytes } from './wire.ts'

/** Short texts repeat: keys in every span, names and values in many. Longer ones are not worth the comparison. */
const MAX_LENGTH = 64
const WORDS_PER_TEXT = MAX_LENGTH / 4

/** Places for texts; a new text takes the place of an older one, so that no stream of bodies makes them grow. */
const SLOT_BITS = 10
const SLOT_COUNT = 2 ** SLOT_BITS

/** An odd number near 2^32 / golden ratio: multiplying by it spreads neighbouring words over the upper bits. */
const SPREAD = 0x9e3779b1

/**
 * Texts that were read before. One that comes again is the same string again, which costs no decoding, and many spans
 * hold it once. Bytes are compared word by word, so that equal hashes cost speed only.
 */
export class TextMemory {
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
  /** By hash: the texts, the numbers of their bytes, and the bytes. */
  readonly #texts: string[] = new Array(SLOT_COUNT).fill('')
  readonly #lengths = new Uint8Array(SLOT_COUNT)
  readonly #words = new Uint32Array(SLOT_COUNT * WORDS_PER_TEXT)

  /** Lists of each length, filled for each text that is new. */
  readonly #codes: number[][] = []

  /** The text of `length` bytes from `start`, which lie within `body`; malformed UTF-8 becomes U+FFFD. */
  decode(body: BodyBytes, start: number, length: number): string {
    if (length > MAX_LENGTH) return this.#utf8.decode(body.bytes.subarray(start, start + length))
    const rest = restWord(body, start, length)
    const slot = slotOf(body.view, start, length, rest)
    if (this.#lengths[slot] === length && this.#hasWords(slot, body.view, start, length, rest))
      return this.#texts[slot] ?? ''
    const text = this.#made(body.bytes, start, length)
    this.#texts[slot] = text
    this.#lengths[slot] = length
    const first = slot * WORDS_PER_TEXT
    const wholeCount = length >> 2
    for (let word = 0; word < wholeCount; word++)
      this.#words[first + word] = body.view.getUint32(start + 4 * word, true)
    if (wholeCount < WORDS_PER_TEXT) this.#words[first + wholeCount] = rest
    return text
  }

  /** ASCII from its codes: measured 70 ns for 16 of them, where a decoder takes 120 to 200. */
  #made(bytes: Uint8Array, start: number, length: number): string {
    this.#codes[length] ??= new Array(length).fill(0)
    const codes = this.#codes[length]
    let bits = 0
    for (let at = 0; at < length; at++) {
      const code = bytes[start + at] ?? 0
      bits |= code
      codes[at] = code
    }
    if (bits < 0x80) return String.fromCharCode(...codes)
    return this.#utf8.decode(bytes.subarray(start, start + length))
  }

  #hasWords(slot: number, view: DataView, start: number, length: number, rest: number): boolean {
    const words = this.#words
    const first = slot * WORDS_PER_TEXT
    const wholeCount = length >> 2
    for (let word = 0; word < wholeCount; word++)
      if (words[first + word] !== view.getUint32(start + 4 * word, true)) return false
    return (length & 3) === 0 || words[first + wholeCount] === rest
  }
}

function slotOf(view: DataView, start: number, length: number, rest: number): number {
  const wholeEnd = start + (length & ~3)
  let hash = Math.imul(rest ^ length, SPREAD)
  for (let at = start; at < wholeEnd; at += 4)
    hash = Math.imul(hash ^ view.getUint32(at, true), SPREAD)
  return hash >>> (32 - SLOT_BITS)
}

/** Where the length is no multiple of four, the last four bytes, of which the whole words have some already; or all there are. */
function restWord({ bytes, view }: BodyBytes, start: number, length: number): number {
  if ((length & 3) === 0) return 0
  if (length > 4) return view.getUint32(start + length - 4, true)
  let word = 0
  for (let at = start; at < start + length; at++) word = (word << 8) | (bytes[at] ?? 0)
  return word
}
