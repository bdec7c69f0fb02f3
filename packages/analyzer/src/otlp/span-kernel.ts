import { compiledRead } from './kernel-code.ts'
import { MOVE_BYTES, type ReadSpan, TEMPLATE_HEAD_BYTES, VECTOR_BYTES } from './kernel-layout.ts'
import { plainRead } from './kernel-plain.ts'
import { LastTexts } from './last-texts.ts'
import { MAX_ATTRIBUTE_COUNT } from './limits.ts'
import { HEAD_WORD_COUNT } from './span-batch.ts'

/** A value of eight bytes: where it stands in a span, and where it belongs among the span's words. */
export interface Move {
  readonly at: number
  readonly word: number
}

/** What spans of a template have in common. */
export interface TemplateBytes {
  readonly bytes: Uint8Array
  /** Which bits of each byte count. */
  readonly counting: Uint8Array
  readonly moves: readonly Move[]
}

const PAGE_BYTES = 65_536

/** The words of the spans that were read last. */
const OUT_AT = 0
const OUT_BYTES = PAGE_BYTES
/** A part of the body, so that the memory is as small whatever bodies are, and most of it in a cache. */
const WINDOW_AT: number = OUT_AT + OUT_BYTES
/** The last span's last vector may reach further. */
const WINDOW_BYTES: number = PAGE_BYTES - VECTOR_BYTES
const TEMPLATES_AT: number = WINDOW_AT + PAGE_BYTES
/** Four hundred kinds of spans of 600 bytes. */
const PAGE_COUNT = 12

/** Longer spans are rare, and have no template. */
export const MAX_SPAN_BYTES = 2048
/** Those of a span at most: two a value, and copies of its texts, of which each may reach further. */
const MAX_SPAN_WORD_COUNT: number =
  HEAD_WORD_COUNT + 4 * (MAX_ATTRIBUTE_COUNT + 1) + MAX_SPAN_BYTES / 4

const NO_BYTES = new Uint8Array()
const NO_WORDS = new Int32Array()

/**
 * Compares spans with templates, and takes out of them what differs, 16 bytes at a time: WebAssembly has vectors, which JavaScript
 * has not, and compares them wherever they begin. 463 bytes with eight gaps took 145 ns by the whole words of typed arrays, the
 * gaps apart; 25 ns so. Its memory is its own, so what it looks at is moved there:
 *
 *     words that were read | part of the body | template | template ...
 *
 * Where there is no WebAssembly the same is done byte by byte.
 */
export class SpanKernel {
  /** Of the spans that were read last. */
  readonly words: Int32Array<ArrayBuffer>
  /** The same memory. */
  readonly numbers: Float64Array
  readonly lastTexts: LastTexts = new LastTexts()
  #wordCount = 0
  /** The words of spans before. */
  #aside: Int32Array<ArrayBuffer>[] = []
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #read: ReadSpan
  #templatesEnd = TEMPLATES_AT
  #body: Uint8Array
  #windowStart = 0
  #windowEnd = 0

  constructor(body: Uint8Array = NO_BYTES) {
    this.#body = body
    const { buffer, read } = compiledRead(PAGE_COUNT) ?? plainRead(PAGE_COUNT * PAGE_BYTES)
    this.#read = read
    this.words = new Int32Array(buffer, OUT_AT, OUT_BYTES / 4)
    this.numbers = new Float64Array(buffer, OUT_AT, OUT_BYTES / 8)
    this.#bytes = new Uint8Array(buffer)
    this.#view = new DataView(buffer)
  }

  /** Starts a body. */
  open(body: Uint8Array): void {
    this.#body = body
    this.#windowStart = 0
    this.#windowEnd = 0
    this.#wordCount = 0
    this.#aside = []
  }

  /** Lets go of the body. */
  close(): void {
    this.open(NO_BYTES)
  }

  /** Room for a template of so many bytes and at most so many moves: its address, absent where all is taken. */
  reserve(byteCount: number, moveCount: number): number | undefined {
    const template = this.#templatesEnd
    const byteCountThen = movesAt(byteCount) + MOVE_BYTES * moveCount
    const end = template + VECTOR_BYTES * Math.ceil(byteCountThen / VECTOR_BYTES)
    if (end > this.#bytes.length) return undefined
    this.#templatesEnd = end
    return template
  }

  /** Gives the room of all templates free. */
  forget(): void {
    this.#templatesEnd = TEMPLATES_AT
  }

  write(template: number, { bytes, counting, moves }: TemplateBytes): void {
    const view = this.#view
    const from = template + movesAt(bytes.length)
    view.setInt32(template, from, true)
    view.setInt32(template + 4, from + MOVE_BYTES * moves.length, true)
    this.#bytes.fill(0, template + TEMPLATE_HEAD_BYTES, from)
    for (let at = 0; at < bytes.length; at += VECTOR_BYTES) {
      const vector = template + TEMPLATE_HEAD_BYTES + 2 * at
      this.#bytes.set(bytes.subarray(at, at + VECTOR_BYTES), vector)
      this.#bytes.set(counting.subarray(at, at + VECTOR_BYTES), vector + VECTOR_BYTES)
    }
    for (const [index, { at, word }] of moves.entries()) {
      view.setInt32(from + MOVE_BYTES * index, at, true)
      view.setInt32(from + MOVE_BYTES * index + 4, 4 * word, true)
    }
  }

  /** Reads the span of `byteCount` bytes at `start`, which the body has: where its words begin, or -1. `keep` keeps them. */
  read(start: number, byteCount: number, template: number): number {
    if (start < this.#windowStart || start + byteCount > this.#windowEnd) this.#look(start)
    const span = WINDOW_AT + start - this.#windowStart
    const out = this.#wordCount
    return this.#read(span, template, OUT_AT + 4 * out) === 1 ? out : -1
  }

  keep(wordCount: number): void {
    this.#wordCount += wordCount
    if (this.#wordCount > this.words.length - MAX_SPAN_WORD_COUNT) this.#putAside()
  }

  /** All words that were kept. */
  taken(): Int32Array<ArrayBuffer> {
    this.#putAside()
    const aside = this.#aside
    this.#aside = []
    const [first, ...others] = aside
    if (first === undefined || others.length === 0) return first ?? NO_WORDS
    const all = new Int32Array(aside.reduce((count, { length }) => count + length, 0))
    let at = 0
    for (const words of aside) {
      all.set(words, at)
      at += words.length
    }
    return all
  }

  #putAside(): void {
    if (this.#wordCount > 0) this.#aside.push(this.words.slice(0, this.#wordCount))
    this.#wordCount = 0
  }

  #look(start: number): void {
    const end = Math.min(start + WINDOW_BYTES, this.#body.length)
    this.#bytes.set(this.#body.subarray(start, end), WINDOW_AT)
    this.#windowStart = start
    this.#windowEnd = end
  }
}

/** Where the moves of a template of so many bytes begin. */
function movesAt(byteCount: number): number {
  return TEMPLATE_HEAD_BYTES + 2 * VECTOR_BYTES * Math.ceil(byteCount / VECTOR_BYTES)
}
