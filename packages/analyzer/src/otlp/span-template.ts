import type { AttributeShape } from './attribute-list.ts'
import { MAX_SMALL_INT_BYTES, smallInt } from './attributes-protobuf.ts'
import { BOOL, DOUBLE, STRING } from './common-fields.ts'
import { MAX_LAST_TEXT_BYTES } from './last-texts.ts'
import {
  END_WORD,
  HEAD_WORD_COUNT,
  PARENT_ID_WORD,
  SPAN_ID_WORD,
  type SpanBatch,
  type SpanForm,
  START_WORD,
  TEXTS_WORD,
  TRACE_ID_WORD,
} from './span-batch.ts'
import type { Move, SpanKernel } from './span-kernel.ts'
import type { AttributeValue, Resource } from './span-record.ts'
import { formOf, isNumberGap, type TemplateSpan } from './template-form.ts'
import type { WireReader } from './wire.ts'

/** Bytes of a span that differ between those of one template: from the first byte of its head, `end` not included. */
export interface Gap {
  readonly at: number
  readonly end: number
}

/** A value of known width: `kind` is its field in an AnyValue. */
export interface ValueGap extends Gap {
  readonly kind: number
  /** In the shape of the attributes; `NAME_PLACE` for the span's name. */
  readonly place: number
}

/** Where the fields of a span stand that differ in every span. */
export interface SpanGaps {
  readonly traceId: Gap
  readonly spanId: Gap
  readonly parentSpanId: Gap | undefined
  readonly startUnixNs: Gap
  readonly endUnixNs: Gap | undefined
  /** The name and the values of the attributes. */
  readonly values: readonly ValueGap[]
}

/** A value that is no double, which would be moved as it stands. */
interface Reading {
  readonly gap: ValueGap
  /** Where a number belongs, from the span's first word on; any other value is one of its texts. */
  readonly numberWord: number | undefined
  /** Where a text of few bytes is copied to, behind what is kept of the span. */
  readonly copyWord: number | undefined
}

/**
 * Spans as long as each other, with the same fields, keys and lengths of values at the same places. Whether a span is one of
 * them is known sooner than what it says, and then all but its ids, times and a few values was said before. Its head, which says
 * that it is a span and how long, is compared with it:
 *
 *     12 5f 0a 10 ................ 12 08 ........ 2a 10 "execute_step pay" 39 ........ 4a 14 0a 0d "qflow.step.id" 12 05 0a 03 "pay"
 *     head        trace id               span id                            start                                              a value
 *
 * A name or value counts as the same for all until one comes that is another one.
 */
export class SpanTemplate {
  readonly byteCount: number
  readonly #kernel: SpanKernel
  /** In the kernel's memory. */
  readonly #address: number
  readonly #gaps: SpanGaps
  readonly #bytes: Uint8Array
  readonly #span: TemplateSpan
  readonly #attributes: { readonly shape: AttributeShape; readonly values: AttributeValue[] }
  /** What lies between all gaps: the same in every span of the template, whatever is variable. */
  readonly #frame: readonly Gap[]
  #variables: readonly ValueGap[] = []
  /** Of the variables, those that the kernel does not move. */
  #readings: readonly Reading[] = []
  /** Another one whenever something else turns out to be variable. */
  #form: SpanForm

  private constructor(
    { kernel, address }: { readonly kernel: SpanKernel; readonly address: number },
    { bytes, gaps, span, attributes }: KnownSpan,
  ) {
    const { traceState, name, kind, statusCode } = span
    this.byteCount = bytes.length
    this.#kernel = kernel
    this.#address = address
    // A copy: nothing here keeps a body alive.
    this.#bytes = bytes.slice()
    this.#gaps = gaps
    this.#span = { traceState, name, kind, statusCode }
    this.#attributes = attributes
    this.#frame = frameOf(gaps, bytes.length)
    this.#form = formOf(this.#span, attributes, [])
    this.#compareOutside([])
  }

  /** Absent where the kernel has no room for it. */
  static of(known: KnownSpan, kernel: SpanKernel): SpanTemplate | undefined {
    const { bytes, gaps } = known
    const { moves } = valuesOf(gaps.values)
    const address = kernel.reserve(bytes.length, MAX_FIXED_MOVE_COUNT + moves.length)
    return address === undefined ? undefined : new SpanTemplate({ kernel, address }, known)
  }

  /** Reads what has its head at `start` and is as long as the template, if it is a span of it and nothing is wrong with it. */
  read(wire: WireReader, start: number, into: SpanBatch, resource: Resource): boolean {
    const kernel = this.#kernel
    const form = this.#form
    const at = kernel.read(start, this.byteCount, this.#address)
    if (at < 0) return false
    kernel.words[at + TEXTS_WORD] = into.texts.length
    if (this.#readings.length > 0 && !this.#readValues(wire, start, into, at)) return false
    kernel.keep(form.wordCount)
    into.add(form, resource)
    return true
  }

  /** The names and values that would have to be variable for the span at `start` to be one of these; absent where that is not so. */
  widerFor(bytes: Uint8Array, start: number): readonly ValueGap[] | undefined {
    // Widening is dear: what is another kind of span is known as one before.
    if (!this.#frame.every((part) => this.#isSame(bytes, start, part))) return undefined
    const { values } = this.#gaps
    const isOther = (gap: Gap) => !this.#isSame(bytes, start, gap)
    const known = this.#variables
    const wider = values.filter((gap) => known.includes(gap) || isOther(gap))
    return wider.length === known.length ? undefined : wider
  }

  /** Reads with so many variables, if that makes the span one of these; else all is as before. */
  readWidened(
    wire: WireReader,
    start: number,
    into: SpanBatch,
    resource: Resource,
    wider: readonly ValueGap[],
  ): boolean {
    const known = this.#variables
    this.#compareOutside(wider)
    if (this.read(wire, start, into, resource)) return true
    this.#compareOutside(known)
    return false
  }

  #readValues(wire: WireReader, start: number, into: SpanBatch, at: number): boolean {
    const readings = this.#readings
    const { numbers } = this.#kernel
    const { texts } = into
    const textCount = texts.length
    for (let index = 0; index < readings.length; index++) {
      // An index below the length.
      const { gap, numberWord, copyWord } = readings[index] as Reading
      if (copyWord !== undefined) {
        texts.push(this.#textOf(wire, start, gap, at + copyWord))
        continue
      }
      const value = valueAt(wire, start, gap)
      if (value === undefined) {
        texts.length = textCount
        return false
      }
      if (numberWord === undefined) texts.push(value)
      else numbers[(at + numberWord) >> 1] = value as number
    }
    return true
  }

  #textOf(wire: WireReader, start: number, gap: ValueGap, word: number): string {
    const { words, lastTexts } = this.#kernel
    const byteCount = gap.end - gap.at
    const known = lastTexts.find(words, word, byteCount)
    if (known !== undefined) return known
    const text = wire.textAt(start + gap.at, byteCount)
    lastTexts.keep(words, word, byteCount, text)
    return text
  }

  #isSame(bytes: Uint8Array, start: number, { at, end }: Gap): boolean {
    for (let index = at; index < end; index++)
      if (bytes[start + index] !== this.#bytes[index]) return false
    return true
  }

  /** Lets all bytes count but those of gaps. */
  #compareOutside(variables: readonly ValueGap[]): void {
    this.#variables = variables
    this.#form = formOf(this.#span, this.#attributes, variables)
    const counting = new Uint8Array(this.byteCount).fill(0xff)
    for (const gap of [...fixedGaps(this.#gaps), ...variables]) counting.fill(0, gap.at, gap.end)
    const { moves, readings } = valuesOf(variables)
    this.#readings = readings
    const allMoves = [...fixedMoves(this.#gaps), ...moves]
    this.#kernel.write(this.#address, { bytes: this.#bytes, counting, moves: allMoves })
  }
}

/** A span that was read, and how. */
export interface KnownSpan {
  /** Its head included. */
  readonly bytes: Uint8Array
  readonly gaps: SpanGaps
  readonly span: TemplateSpan
  readonly attributes: { readonly shape: AttributeShape; readonly values: AttributeValue[] }
}

const MAX_FIXED_MOVE_COUNT = 6

/** Of what differs in every span. */
function fixedMoves({ traceId, spanId, parentSpanId, startUnixNs, endUnixNs }: SpanGaps): Move[] {
  const moves = [
    { at: traceId.at, word: TRACE_ID_WORD },
    { at: traceId.at + 8, word: TRACE_ID_WORD + 2 },
    { at: spanId.at, word: SPAN_ID_WORD },
    { at: startUnixNs.at, word: START_WORD },
  ]
  if (parentSpanId !== undefined) moves.push({ at: parentSpanId.at, word: PARENT_ID_WORD })
  if (endUnixNs !== undefined) moves.push({ at: endUnixNs.at, word: END_WORD })
  return moves
}

/** How variables are read, in the order of the form: doubles as they stand. Texts are copied behind all numbers. */
function valuesOf(variables: readonly ValueGap[]): {
  readonly moves: readonly Move[]
  readonly readings: readonly Reading[]
} {
  const moves: Move[] = []
  const readings: Reading[] = []
  let word = HEAD_WORD_COUNT
  let copyWord = HEAD_WORD_COUNT + 2 * variables.filter(isNumberGap).length
  for (const gap of variables) {
    if (gap.kind === DOUBLE) moves.push({ at: gap.at, word })
    else if (isNumberGap(gap)) readings.push({ gap, numberWord: word, copyWord: undefined })
    else if (gap.kind === STRING && isCopied(gap)) {
      readings.push({ gap, numberWord: undefined, copyWord })
      for (let end = gap.end; end > gap.at; end -= 8, copyWord += 2)
        moves.push({ at: end - 8, word: copyWord })
    } else readings.push({ gap, numberWord: undefined, copyWord: undefined })
    if (isNumberGap(gap)) word += 2
  }
  return { moves, readings }
}

/** Whether a text is copied eight bytes at a time, of which the first may stand before it, but not before the span. */
function isCopied({ at, end }: Gap): boolean {
  return end - at <= MAX_LAST_TEXT_BYTES && end >= 8 * Math.ceil((end - at) / 8)
}

/** Of what differs in every span. */
function fixedGaps({ values: _values, ...fixed }: SpanGaps): Gap[] {
  return Object.values(fixed).filter((gap) => gap !== undefined)
}

function frameOf(gaps: SpanGaps, byteCount: number): Gap[] {
  const inOrder = [...fixedGaps(gaps), ...gaps.values].sort((a, b) => a.at - b.at)
  const ends = [0, ...inOrder.map(({ end }) => end)]
  const starts = [...inOrder.map(({ at }) => at), byteCount]
  return starts.map((end, index) => ({ at: ends[index] ?? 0, end }))
}

/** The value in a gap; absent when an integer there is shorter or longer than the gap. */
function valueAt(wire: WireReader, start: number, gap: ValueGap): AttributeValue | undefined {
  const at = start + gap.at
  const end = start + gap.end
  const first = wire.bytes[at] ?? 0
  // biome-ignore format: one kind of value, one line
  switch (gap.kind) {
    case STRING: return wire.textAt(at, end - at)
    case BOOL: return end === at + 1 && first < 0x80 ? first !== 0 : undefined
    default: return intAt(wire, at, end)
  }
}

function intAt(wire: WireReader, at: number, end: number): number | bigint | undefined {
  if (end - at <= MAX_SMALL_INT_BYTES) return smallInt(wire.bytes, at, end)
  for (let index = at; index < end; index++)
    if ((wire.bytes[index] ?? 0) >= 0x80 === (index === end - 1)) return undefined
  wire.pos = at
  return wire.int64()
}
