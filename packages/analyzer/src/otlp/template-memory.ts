import { AttributeList, type AttributeShape } from './attribute-list.ts'
import { MAX_ID_LENGTH, MAX_NAME_LENGTH } from './limits.ts'
import { isId } from './overlong-id.ts'
import type { SpanBatch } from './span-batch.ts'
import type { SpanDraft } from './span-draft.ts'
import { MAX_SPAN_BYTES, SpanKernel } from './span-kernel.ts'
import type { Resource } from './span-record.ts'
import { type KnownSpan, type SpanGaps, SpanTemplate } from './span-template.ts'
import { spanGaps } from './template-gaps.ts'
import { TemplateOrder } from './template-order.ts'
import { SPANS } from './trace-fields.ts'
import type { WireReader } from './wire.ts'

/** Of spans of equal length: the kinds of spans of a program, less those of other lengths. */
const MAX_BUCKET_COUNT = 8

/**
 * Learning a template of twelve attributes took 30 µs, as long as reading twelve such spans. So one is learnt for so many spans
 * read, and the first 64 at once: a stream whose kinds of spans find no room pays some 1 µs a span for trying.
 */
const SPANS_PER_LEARNT = 32
const MAX_CREDIT = 64 * SPANS_PER_LEARNT

/**
 * The templates of a stream of spans. What finds no room in the kernel makes the memory forget everything and learn anew, so that
 * no stream can fill it up for good.
 */
export class TemplateMemory {
  /** By length, the one used last first. */
  readonly #buckets = new Map<number, SpanTemplate[]>()
  /** By length, the shape that came last: a template is learnt when one comes again, since many never do. */
  readonly #seen = new Map<number, AttributeShape>()
  /** Made for the first template. */
  #kernel: SpanKernel | undefined
  #body: Uint8Array | undefined
  readonly #order = new TemplateOrder()
  /** Spans read that no learning was paid with yet. */
  #credit = MAX_CREDIT

  /** Starts a body. */
  open(body: Uint8Array): void {
    this.#body = body
    this.#kernel?.open(body)
  }

  /** Gives the spans of the body the words that were read for them. */
  finish(into: SpanBatch): void {
    if (this.#kernel !== undefined) into.setWords(this.#kernel.taken())
  }

  /** Lets go of the body. */
  close(): void {
    this.#body = undefined
    this.#kernel?.close()
  }

  /** Reads the field at `pos` if it is the span that most likely comes next; else `wire` is as before. */
  readNext(wire: WireReader, into: SpanBatch, resource: Resource): boolean {
    const { next } = this.#order
    if (next === undefined) return false
    const { pos } = wire
    const end = pos + next.byteCount
    if (end > wire.end) return false
    const isRead = next.read(wire, pos, into, resource)
    // Also where it is another span: a value of it may have been read before one was wrong.
    wire.pos = isRead ? end : pos
    if (!isRead) return false
    this.#order.add(next)
    this.#earn()
    return true
  }

  /** Reads the innermost message, a span, if a template is known for it and nothing is wrong with it; else `wire` is as before. */
  read(wire: WireReader, into: SpanBatch, resource: Resource): boolean {
    this.#earn()
    const { pos } = wire
    const template = this.#readKnown(wire, into, resource)
    wire.pos = pos
    this.#order.add(template)
    return template !== undefined
  }

  #readKnown(wire: WireReader, into: SpanBatch, resource: Resource): SpanTemplate | undefined {
    const byteCount = wire.end - wire.pos
    const bucket = this.#buckets.get(byteCount)
    if (bucket === undefined) return undefined
    const start = wire.pos - headByteCount(byteCount)
    for (let at = 0; at < bucket.length; at++)
      if (bucket[at]?.read(wire, start, into, resource) === true) return used(bucket, at)
    for (let at = 0; at < bucket.length; at++) {
      const wider = bucket[at]?.widerFor(wire.bytes, start)
      if (wider === undefined || this.#credit < SPANS_PER_LEARNT) continue
      if (bucket[at]?.readWidened(wire, start, into, resource, wider)) return used(bucket, at)
      // Something else is wrong with the span, and so it may be with all that follow.
      this.#credit -= SPANS_PER_LEARNT
    }
    return undefined
  }

  /** Learns from the innermost message, which begins at `start` and was read as `span`. */
  learn(wire: WireReader, start: number, span: SpanDraft): void {
    const { attributes, links, name, traceState } = span
    const byteCount = wire.end - start
    if (byteCount > MAX_SPAN_BYTES || links.length > 0 || this.#credit < SPANS_PER_LEARNT) return
    if (!(attributes instanceof AttributeList)) return
    // These are clipped.
    if (name.length > MAX_NAME_LENGTH || traceState.length > MAX_NAME_LENGTH) return
    const { shape } = attributes
    if (this.#seen.get(byteCount) !== shape) {
      this.#seen.set(byteCount, shape)
      return
    }
    const head = headByteCount(byteCount)
    // A length may be written in more bytes than it needs.
    if (wire.bytes[start - head] !== SPANS) return
    this.#credit -= SPANS_PER_LEARNT
    const gaps = spanGaps(wire, { start, headByteCount: head }, shape.keys.length)
    if (gaps === undefined || hasLongId(gaps, shape)) return
    const bytes = wire.bytes.subarray(start - head, wire.end)
    const values = [...attributes.values()]
    this.#add(byteCount, { bytes, gaps, span, attributes: { shape, values } })
  }

  #add(byteCount: number, known: KnownSpan): void {
    const template = this.#make(known)
    if (template === undefined) return
    const bucket = this.#buckets.get(byteCount) ?? []
    this.#buckets.set(byteCount, bucket)
    if (bucket.length === MAX_BUCKET_COUNT) bucket.pop()
    bucket.unshift(template)
  }

  /** The kernel has room for any one once it has none but that. */
  #make(known: KnownSpan): SpanTemplate | undefined {
    this.#kernel ??= new SpanKernel(this.#body)
    const template = SpanTemplate.of(known, this.#kernel)
    if (template !== undefined) return template
    this.#buckets.clear()
    this.#order.clear()
    this.#kernel.forget()
    return SpanTemplate.of(known, this.#kernel)
  }

  #earn(): void {
    this.#credit = Math.min(this.#credit + 1, MAX_CREDIT)
  }
}

/** Of the tag of a span's field and its length, as writers write them. */
function headByteCount(length: number): number {
  return length < 0x80 ? 2 : 3
}

/** What is refused is never read by a template. An id of fewer bytes is not, whatever its characters are. */
function hasLongId({ values }: SpanGaps, { keys }: AttributeShape): boolean {
  return values.some(({ at, end, place }) => end - at > MAX_ID_LENGTH && isId(keys[place]))
}

/** Moves to the front what is used. */
function used(bucket: SpanTemplate[], at: number): SpanTemplate | undefined {
  if (at > 0) bucket.unshift(...bucket.splice(at, 1))
  return bucket[0]
}
