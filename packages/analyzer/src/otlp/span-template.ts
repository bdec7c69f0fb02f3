import { AlignedBytes } from './aligned-bytes.ts'
import type { AttributeShape } from './attribute-list.ts'
import { MAX_SMALL_INT_BYTES, smallInt } from './attributes-protobuf.ts'
import { BOOL, DOUBLE, STRING } from './common-fields.ts'
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
import type { AttributeValue, Resource } from './span-record.ts'
import {
  copyOptional,
  copyWords,
  formOf,
  isNone,
  isNumberGap,
  type TemplateSpan,
} from './template-form.ts'
import type { WireReader } from './wire.ts'

/** Bytes of a span that differ between those of one template: from the span's first byte, `end` not included. */
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

/**
 * Spans as long as each other, with the same fields, keys and lengths of values at the same places. Whether a span is one of
 * them, word by word, is known sooner than what it says, and then all but its ids, times and a few values was said before:
 *
 *     0a 10 ................ 12 08 ........ 2a 14 "execute_step pay" 39 ........ 4a 1f 0a 0d "qflow.step.id" 12 05 0a 03 "pay"
 *           trace id              span id                            start                                               a value
 *
 * A name or value counts as the same for all until one comes that is another one.
 */
export class SpanTemplate {
  readonly byteCount: number
  readonly #gaps: SpanGaps
  readonly #bytes: Uint8Array
  readonly #span: TemplateSpan
  readonly #attributes: { readonly shape: AttributeShape; readonly values: AttributeValue[] }
  /** What lies between all gaps: the same in every span of the template, whatever is variable. */
  readonly #frame: readonly Gap[]
  #variables: readonly ValueGap[] = []
  /** Another one whenever something else turns out to be variable. */
  #form: SpanForm
  /** Which bits of each byte count. */
  #counting: Uint8Array = NO_BYTES
  /** By how many bytes a span begins behind a whole word. */
  #alignments: (AlignedBytes | undefined)[] = []

  /** `bytes` of a span that was read as `span`, `values` being those of its attributes. */
  constructor(
    bytes: Uint8Array,
    gaps: SpanGaps,
    span: TemplateSpan,
    attributes: { readonly shape: AttributeShape; readonly values: AttributeValue[] },
  ) {
    const { traceState, name, kind, statusCode } = span
    this.byteCount = bytes.length
    // A copy: nothing here keeps a body alive.
    this.#bytes = bytes.slice()
    this.#gaps = gaps
    this.#span = { traceState, name, kind, statusCode }
    this.#attributes = attributes
    this.#frame = frameOf(gaps, bytes.length)
    this.#form = formOf(this.#span, attributes, [])
    this.#compareOutside([])
  }

  /** Reads the span at `start`, which is as long as the template, if it is one of the template and nothing is wrong with it. */
  read(wire: WireReader, start: number, into: SpanBatch, resource: Resource): boolean {
    return this.#isAt(wire, start) && this.#readGaps(wire, start, into, resource)
  }

  /** The same after names and values that are other ones are taken for variable, if that makes the span one of these. */
  readWidened(wire: WireReader, start: number, into: SpanBatch, resource: Resource): boolean {
    // Widening is dear: what is another kind of span is known as one before.
    if (!this.#frame.every((part) => this.#isSame(wire.bytes, start, part))) return false
    const { values } = this.#gaps
    const isOther = (gap: Gap) => !this.#isSame(wire.bytes, start, gap)
    const known = this.#variables
    const wider = values.filter((gap) => known.includes(gap) || isOther(gap))
    if (wider.length === known.length) return false
    this.#compareOutside(wider)
    if (this.read(wire, start, into, resource)) return true
    this.#compareOutside(known)
    return false
  }

  #isAt(body: WireReader, start: number): boolean {
    const from = start + body.wordShift
    const shift = from & 3
    const aligned = this.#aligned(shift)
    const first = from >> 2
    if (first + aligned.length <= body.words.length) return aligned.areAt(body.words, first)
    return this.#endsAt(body.bytes, start)
  }

  /** What a body ends with need not be a whole word. */
  #endsAt(bytes: Uint8Array, start: number): boolean {
    for (let index = 0; index < this.byteCount; index++)
      if (
        (((bytes[start + index] ?? 0) ^ (this.#bytes[index] ?? 0)) &
          (this.#counting[index] ?? 0)) !==
        0
      )
        return false
    return true
  }

  #aligned(shift: number): AlignedBytes {
    const known = this.#alignments[shift]
    if (known !== undefined) return known
    const aligned = new AlignedBytes(this.#bytes, this.#counting, shift)
    this.#alignments[shift] = aligned
    return aligned
  }

  #readGaps(wire: WireReader, start: number, into: SpanBatch, resource: Resource): boolean {
    const form = this.#form
    const { traceId, spanId, parentSpanId, startUnixNs, endUnixNs } = this.#gaps
    const at = into.room(form.wordCount)
    const { words } = into
    const { view } = wire
    copyWords(words, at + TRACE_ID_WORD, view, start + traceId.at, 4)
    copyWords(words, at + SPAN_ID_WORD, view, start + spanId.at, 2)
    copyWords(words, at + START_WORD, view, start + startUnixNs.at, 2)
    if (isNone(words, at + TRACE_ID_WORD, 4) || isNone(words, at + SPAN_ID_WORD, 2)) return false
    if (isNone(words, at + START_WORD, 2)) return false
    copyOptional(words, at + PARENT_ID_WORD, view, parentSpanId, start)
    copyOptional(words, at + END_WORD, view, endUnixNs, start)
    words[at + TEXTS_WORD] = into.texts.length
    if (form.slots.length > 0 && !this.#readValues(wire, start, into, at)) return false
    into.add(form, resource)
    return true
  }

  #readValues(wire: WireReader, start: number, into: SpanBatch, at: number): boolean {
    const variables = this.#variables
    const { numbers, texts } = into
    const textCount = texts.length
    let number = (at + HEAD_WORD_COUNT) >> 1
    for (let index = 0; index < variables.length; index++) {
      // An index below the length.
      const gap = variables[index] as ValueGap
      if (gap.kind === DOUBLE) {
        numbers[number++] = wire.view.getFloat64(start + gap.at, true)
        continue
      }
      const value = valueAt(wire, start, gap)
      if (value === undefined) {
        texts.length = textCount
        return false
      }
      if (isNumberGap(gap)) numbers[number++] = value as number
      else texts.push(value)
    }
    return true
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
    const counts = new Uint8Array(this.byteCount).fill(0xff)
    for (const gap of [...fixedGaps(this.#gaps), ...variables]) counts.fill(0, gap.at, gap.end)
    this.#counting = counts
    this.#alignments = [undefined, undefined, undefined, undefined]
  }
}

const NO_BYTES = new Uint8Array()

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
    case DOUBLE: return wire.view.getFloat64(at, true)
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
