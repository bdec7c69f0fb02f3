import { AttributeList, type AttributeShape } from './attribute-list.ts'
import { MAX_NAME_LENGTH } from './limits.ts'
import type { SpanBatch } from './span-batch.ts'
import type { SpanDraft } from './span-draft.ts'
import type { Resource } from './span-record.ts'
import { SpanTemplate } from './span-template.ts'
import { spanGaps } from './template-gaps.ts'
import type { WireReader } from './wire.ts'

/** Longer spans are rare. */
const MAX_BYTE_COUNT = 2048

/** Of spans of equal length: the kinds of spans of a program, less those of other lengths. */
const MAX_BUCKET_COUNT = 8

/**
 * Of all templates, which weigh up to ten times as much: four hundred kinds of spans of 600 bytes. A stream that passes it
 * makes the memory forget everything and learn anew, so that it cannot be filled up for good.
 */
const MAX_TOTAL_BYTES = 256 * 1024

/**
 * Learning a template of twelve attributes took 30 µs, as long as reading twelve such spans. So one is learnt for so many spans
 * read, and the first 64 at once: a stream whose kinds of spans find no room pays some 1 µs a span for trying.
 */
const SPANS_PER_LEARNT = 32
const MAX_CREDIT = 64 * SPANS_PER_LEARNT

/** The templates of a stream of spans. */
export class TemplateMemory {
  /** By length, the one used last first. */
  readonly #buckets = new Map<number, SpanTemplate[]>()
  /** By length, the shape that came last: a template is learnt when one comes again, since many never do. */
  readonly #seen = new Map<number, AttributeShape>()
  #totalBytes = 0
  /** Spans read that no learning was paid with yet. */
  #credit = MAX_CREDIT

  /** Reads the innermost message, a span, if a template is known for it and nothing is wrong with it; else `wire` is as before. */
  read(wire: WireReader, into: SpanBatch, resource: Resource): boolean {
    const { pos, end } = wire
    this.#credit = Math.min(this.#credit + 1, MAX_CREDIT)
    const bucket = this.#buckets.get(end - pos)
    if (bucket === undefined) return false
    for (let at = 0; at < bucket.length; at++)
      if (bucket[at]?.read(wire, pos, into, resource) === true) return use(bucket, at)
    for (let at = 0; at < bucket.length; at++)
      if (bucket[at]?.readWidened(wire, pos, into, resource) === true) return use(bucket, at)
    wire.pos = pos
    return false
  }

  /** Learns from the innermost message, which begins at `start` and was read as `span`. */
  learn(wire: WireReader, start: number, span: SpanDraft): void {
    const { attributes, links, name, traceState } = span
    const byteCount = wire.end - start
    if (byteCount > MAX_BYTE_COUNT || links.length > 0 || this.#credit < SPANS_PER_LEARNT) return
    if (!(attributes instanceof AttributeList)) return
    // These are clipped.
    if (name.length > MAX_NAME_LENGTH || traceState.length > MAX_NAME_LENGTH) return
    const { shape } = attributes
    if (this.#seen.get(byteCount) !== shape) {
      this.#seen.set(byteCount, shape)
      return
    }
    this.#credit -= SPANS_PER_LEARNT
    const gaps = spanGaps(wire, start, shape.keys.length)
    if (gaps === undefined) return
    if (this.#totalBytes + byteCount > MAX_TOTAL_BYTES) {
      this.#buckets.clear()
      this.#totalBytes = 0
    }
    const bytes = wire.bytes.subarray(start, wire.end)
    const bucket = this.#buckets.get(byteCount) ?? []
    this.#buckets.set(byteCount, bucket)
    if (bucket.length < MAX_BUCKET_COUNT) this.#totalBytes += byteCount
    else bucket.pop()
    const values = [...attributes.values()]
    bucket.unshift(new SpanTemplate(bytes, gaps, span, { shape, values }))
  }
}

/** Moves to the front what is used. */
function use(bucket: SpanTemplate[], at: number): true {
  if (at > 0) bucket.unshift(...bucket.splice(at, 1))
  return true
}
