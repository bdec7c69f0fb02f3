import { AttributeList, type AttributeShape } from './attribute-list.ts'
import { MAX_SMALL_INT_BYTES, smallInt } from './attributes-protobuf.ts'
import { BOOL, DOUBLE, STRING } from './common-fields.ts'
import { NO_LINKS, type SpanDraft } from './span-draft.ts'
import type { AttributeValue } from './span-record.ts'
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

export const NAME_PLACE = -1

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

/** What spans of one template have in common besides their bytes. */
type TemplateSpan = Pick<SpanDraft, 'traceState' | 'name' | 'kind' | 'statusCode'>

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
  readonly #shape: AttributeShape
  readonly #values: readonly AttributeValue[]
  /** Given to every span whose values all are the same. */
  readonly #attributes: AttributeList
  /** What lies between all gaps: the same in every span of the template, whatever is variable. */
  readonly #frame: readonly Gap[]
  #variables: readonly ValueGap[] = []
  /** Which bits of each byte count. */
  #counting: Uint8Array = NO_BYTES
  /** By how many bytes a span begins behind a whole word. */
  #alignments: (AlignedBytes | undefined)[] = []

  /** `bytes` of a span that was read as `span`, `values` being those of its attributes. */
  constructor(
    bytes: Uint8Array,
    gaps: SpanGaps,
    span: TemplateSpan,
    { shape, values }: { readonly shape: AttributeShape; readonly values: AttributeValue[] },
  ) {
    const { traceState, name, kind, statusCode } = span
    this.byteCount = bytes.length
    // A copy: nothing here keeps a body alive.
    this.#bytes = bytes.slice()
    this.#gaps = gaps
    this.#span = { traceState, name, kind, statusCode }
    this.#shape = shape
    this.#values = values
    this.#attributes = new AttributeList(shape, values)
    this.#frame = frameOf(gaps, bytes.length)
    this.#compareOutside([])
  }

  /** Reads the span at `start`, which is as long as the template, if it is one of the template. */
  read(wire: WireReader, start: number, into: SpanDraft): boolean {
    return this.#isAt(wire, start) && this.#readGaps(wire, start, into)
  }

  /** The same after names and values that are other ones are taken for variable, if that makes the span one of these. */
  readWidened(wire: WireReader, start: number, into: SpanDraft): boolean {
    // Widening is dear: what is another kind of span is known as one before.
    if (!this.#frame.every((part) => this.#isSame(wire.bytes, start, part))) return false
    const { values } = this.#gaps
    const isOther = (gap: Gap) => !this.#isSame(wire.bytes, start, gap)
    const known = this.#variables
    const wider = values.filter((gap) => known.includes(gap) || isOther(gap))
    if (wider.length === known.length) return false
    this.#compareOutside(wider)
    if (this.read(wire, start, into)) return true
    this.#compareOutside(known)
    return false
  }

  #isAt(body: WireReader, start: number): boolean {
    const from = start + body.wordShift
    const shift = from & 3
    const { words, masks } = this.#aligned(shift)
    const inBody = body.words
    const first = from >> 2
    const count = Math.min(words.length, inBody.length - first)
    for (let index = 0; index < count; index++)
      // Indices below the lengths; bits that do not count are 0 in both.
      if (((inBody[first + index] as number) & (masks[index] as number)) !== words[index])
        return false
    return count === words.length || this.#endsAt(body.bytes, start, 4 * count - shift)
  }

  /** What a body ends with need not be a whole word. */
  #endsAt(bytes: Uint8Array, start: number, from: number): boolean {
    for (let index = from; index < this.byteCount; index++)
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
    const masks = wordsOf(this.#counting, shift)
    const words = wordsOf(this.#bytes, shift).map((word, index) => word & (masks[index] ?? 0))
    const aligned = { words, masks }
    this.#alignments[shift] = aligned
    return aligned
  }

  #readGaps(wire: WireReader, start: number, into: SpanDraft): boolean {
    const { traceId, spanId, parentSpanId, startUnixNs, endUnixNs } = this.#gaps
    into.traceState = this.#span.traceState
    into.name = this.#span.name
    into.kind = this.#span.kind
    into.statusCode = this.#span.statusCode
    into.links = NO_LINKS
    if (!this.#readValues(wire, start, into)) return false
    into.traceId = wire.traceIdAt(start + traceId.at)
    into.spanId = wire.spanIdAt(start + spanId.at)
    into.parentSpanId = parentSpanId === undefined ? '' : wire.spanIdAt(start + parentSpanId.at)
    into.startUnixNs = wire.view.getBigUint64(start + startUnixNs.at, true)
    into.endUnixNs =
      endUnixNs === undefined ? 0n : wire.view.getBigUint64(start + endUnixNs.at, true)
    return true
  }

  #readValues(wire: WireReader, start: number, into: SpanDraft): boolean {
    const variables = this.#variables
    let values: AttributeValue[] | undefined
    for (let index = 0; index < variables.length; index++) {
      // An index below the length.
      const gap = variables[index] as ValueGap
      const value = valueAt(wire, start, gap)
      if (value === undefined) return false
      if (gap.place === NAME_PLACE) into.name = value as string
      else {
        values ??= this.#values.slice()
        values[gap.place] = value
      }
    }
    into.attributes =
      values === undefined ? this.#attributes : new AttributeList(this.#shape, values)
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

/** A template's bytes as words, and which bits of them count. Words of typed arrays are read thrice as fast as those of a view. */
interface AlignedBytes {
  readonly words: Int32Array
  readonly masks: Int32Array
}

/** Bytes that begin `shift` bytes behind a whole word; around them is nothing but zeros. */
function wordsOf(bytes: Uint8Array, shift: number): Int32Array {
  const words = new Int32Array((shift + bytes.length + 3) >> 2)
  new Uint8Array(words.buffer).set(bytes, shift)
  return words
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
