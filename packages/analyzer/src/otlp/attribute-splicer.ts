import { DecodeMemory } from './decode-memory.ts'
import { RESOURCE_SPANS, SCOPE_SPANS, SPAN_ID, SPANS, TRACE_ID } from './trace-fields.ts'
import { WireReader } from './wire.ts'

/** A span of a body that may be given more attributes. Ids are looked up when they are asked for, during the call. */
export interface SplicedSpan {
  /** Place among all spans of the body, in their order. */
  readonly index: number
  readonly traceId: string
  readonly spanId: string
}

type AdditionTo = (span: SplicedSpan) => Uint8Array | undefined

/**
 * At `at`, a length of `cut` bytes gives way to one of `width` bytes; behind the message, at `end`, comes the addition.
 * Used again for the next body.
 */
interface Edit {
  at: number
  cut: number
  length: number
  width: number
  end: number
  addition: Uint8Array | undefined
}

/** The messages on the way to a span. */
const WAY = [RESOURCE_SPANS, SCOPE_SPANS, SPANS]

/**
 * Adds attributes to spans of OTLP protobuf trace bodies, body after body; it lives long, because it is fast so.
 *
 * The lengths of the spans that grow and of what surrounds them are rewritten; every other byte is as it was, unknown
 * fields and order included:
 *
 *     before  0a len  12 len  12 len span           12 len span
 *     after   0a LEN  12 LEN  12 LEN span addition  12 len span
 */
export class AttributeSplicer {
  readonly #wire = new WireReader(new DecodeMemory())
  readonly #span = new SpanView(this.#wire)
  /** What must be changed, in the order of the body: outer lengths come first, and are known when all inner ones are. */
  readonly #edits: Edit[] = []
  #editCount = 0
  #additionTo: AdditionTo = nothing

  /**
   * `body` is one that a decoder reads without error. `additionTo` gives each span what `encodeAttributes` made, or
   * nothing. Of two attributes with one key the later counts, so that an addition replaces what the span had. Where nothing
   * is added at all the result is `body` itself. Throws `WireError` for what is no protobuf.
   *
   * The result is new memory, or a part of `memory` where it fits in: of a caller who is done with what was in it. For large
   * arrays V8 collects garbage so often that it costs as much as all the rest.
   */
  splice(body: Uint8Array, additionTo: AdditionTo, memory: Uint8Array = NO_MEMORY): Uint8Array {
    this.#wire.open(body)
    this.#span.index = -1
    this.#additionTo = additionTo
    try {
      const growth = this.#walk(0)
      return growth === 0 ? body : this.#applied(growth, memory)
    } finally {
      this.#wire.close()
      this.#additionTo = nothing
      this.#forget()
    }
  }

  /** By how many bytes the messages of one level grow until the end of the one around them. */
  #walk(level: number): number {
    const wire = this.#wire
    let growth = 0
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      if (tag === WAY[level]) growth += this.#message(level)
      else wire.skip(tag)
    }
    return growth
  }

  #message(level: number): number {
    const wire = this.#wire
    const at = wire.pos
    const outerEnd = wire.enter()
    const start = wire.pos
    const end = wire.end
    const isSpan = level === WAY.length - 1
    const addition = isSpan ? this.#addition() : undefined
    // Its place, before the edits inside it; they know first how long it becomes.
    const place = this.#editCount++
    const inner = isSpan ? (addition?.length ?? 0) : this.#walk(level + 1)
    wire.leave(outerEnd)
    if (inner === 0) {
      this.#editCount = place
      return 0
    }
    const cut = start - at
    const length = end - start + inner
    // A length may be written longer than it must be, and then stays so.
    const width = Math.max(cut, varintWidth(length))
    const edit = this.#editAt(place)
    edit.at = at
    edit.cut = cut
    edit.length = length
    edit.width = width
    edit.end = end
    edit.addition = addition
    return inner + width - cut
  }

  #editAt(place: number): Edit {
    // Those inside a message come before its own.
    while (this.#edits.length <= place)
      this.#edits.push({ at: 0, cut: 0, length: 0, width: 0, end: 0, addition: undefined })
    return this.#edits[place] as Edit
  }

  /** Keeps edits for the next body, unless this one had very many. */
  #forget(): void {
    if (this.#edits.length > MAX_KEPT_COUNT) this.#edits.length = MAX_KEPT_COUNT
    const count = Math.min(this.#editCount, this.#edits.length)
    for (let place = 0; place < count; place++) this.#editAt(place).addition = undefined
    this.#editCount = 0
  }

  /** The body goes behind a gap and is moved forward from there, piece by piece: a view of each piece would take longer. */
  #applied(growth: number, memory: Uint8Array): Uint8Array {
    const body = this.#wire.bytes
    const length = body.length + growth
    const isFitting = length <= memory.length
    const result = isFitting ? memory.subarray(0, length) : new Uint8Array(length)
    result.set(body, growth)
    let from = growth
    let to = 0
    for (let place = 0; place < this.#editCount; place++) {
      const { at, cut, length, width, end, addition } = this.#editAt(place)
      to = moved(result, from, growth + at, to)
      from = growth + at + cut
      for (let byte = 1, left = length; byte <= width; byte++, left >>>= 7)
        result[to++] = byte === width ? left : (left & 0x7f) | 0x80
      if (addition === undefined) continue
      to = moved(result, from, growth + end, to)
      from = growth + end
      result.set(addition, to)
      to += addition.length
    }
    // What is behind the last edit is at its place.
    return result
  }

  #addition(): Uint8Array | undefined {
    this.#span.index++
    return this.#additionTo(this.#span)
  }
}

/** Edits that a splicer keeps. An SDK's batch of 512 spans takes an eighth of them. */
const MAX_KEPT_COUNT = 4096

const NO_MEMORY = new Uint8Array()

const nothing: AdditionTo = () => undefined

class SpanView implements SplicedSpan {
  index = -1
  readonly #wire: WireReader

  constructor(wire: WireReader) {
    this.#wire = wire
  }

  get traceId(): string {
    return this.#idOf(TRACE_ID)
  }

  get spanId(): string {
    return this.#idOf(SPAN_ID)
  }

  /** The last one counts. */
  #idOf(field: number): string {
    const wire = this.#wire
    const start = wire.pos
    let id = ''
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      if (tag === field) id = wire.hex()
      else wire.skip(tag)
    }
    wire.pos = start
    return id
  }
}

/** Bytes that are moved one by one: between two spans there is only a tag. */
const FEW = 16

/** Moves bytes forward and returns where they end. */
function moved(bytes: Uint8Array, from: number, until: number, to: number): number {
  const count = until - from
  if (count > FEW) bytes.copyWithin(to, from, until)
  else for (let at = 0; at < count; at++) bytes[to + at] = bytes[from + at] ?? 0
  return to + count
}

function varintWidth(value: number): number {
  let width = 1
  for (let left = value; left >= 0x80; left >>>= 7) width++
  return width
}
