import { AttributeBuilder } from './attribute-builder.ts'
import { readAttribute, type ValueBounds } from './attributes-protobuf.ts'
import { checkedSpan, EMPTY_RESOURCE, resourceOf } from './checked-span.ts'
import type { DecodeMemory } from './decode-memory.ts'
import { DecodeTally } from './decode-tally.ts'
import { MAX_LINK_COUNT, MAX_SPANS_PER_BODY, MAX_VALUE_LENGTH } from './limits.ts'
import type { ResourceMemory } from './resource-memory.ts'
import { SpanBatch } from './span-batch.ts'
import { NO_LINKS, SpanDraft } from './span-draft.ts'
import type { DecodedBatch, Resource } from './span-record.ts'
import type { TemplateMemory } from './template-memory.ts'
import {
  ATTRIBUTES,
  END_TIME_UNIX_NANO,
  KIND,
  LINKS,
  NAME,
  PARENT_SPAN_ID,
  RESOURCE,
  RESOURCE_ATTRIBUTES,
  RESOURCE_SPANS,
  SCOPE_SPANS,
  SPAN_ID,
  SPANS,
  START_TIME_UNIX_NANO,
  STATUS,
  STATUS_CODE,
  TRACE_ID,
  TRACE_STATE,
} from './trace-fields.ts'
import { WireReader } from './wire.ts'

/**
 * OTLP protobuf -> spans, body after body. Unknown fields are skipped; a bad span is refused with its place and the rest is
 * kept.
 */
export class TracesProtobufReader {
  readonly #wire: WireReader
  readonly #attributes: AttributeBuilder
  readonly #tally = new DecodeTally()
  readonly #bounds: ValueBounds = { maxTextLength: MAX_VALUE_LENGTH, tally: this.#tally }
  readonly #templates: TemplateMemory
  readonly #resources: ResourceMemory
  /** Filled for each span anew. */
  readonly #raw = new SpanDraft()
  readonly #ids: Pick<DecodeMemory, 'spanIds' | 'traceIds'>
  readonly #none: SpanBatch
  #spans: SpanBatch
  #resource: Resource = EMPTY_RESOURCE
  // Where the span that is read stands. Text is made of it only when something is wrong.
  #block = -1
  #scope = -1
  #span = -1

  constructor(memory: DecodeMemory) {
    this.#wire = new WireReader(memory)
    this.#attributes = new AttributeBuilder(memory.shapes)
    this.#templates = memory.templates
    this.#resources = memory.resources
    this.#ids = memory
    this.#none = new SpanBatch(memory)
    this.#spans = this.#none
  }

  /** Throws `WireError` for a body that is not the protobuf of a trace request. */
  read(bytes: Uint8Array): DecodedBatch {
    this.#wire.open(bytes)
    this.#templates.open(this.#wire.bytes)
    this.#spans = new SpanBatch(this.#ids)
    try {
      this.#readRequest()
      this.#templates.finish(this.#spans)
      return { spans: this.#spans, ...this.#tally.losses() }
    } finally {
      // Also after a throw: nothing of this body is left in the next one, or kept alive by us.
      this.#wire.close()
      this.#templates.close()
      this.#attributes.clear()
      this.#tally.clear()
      this.#raw.clear()
      this.#spans = this.#none
      this.#resource = EMPTY_RESOURCE
      this.#block = -1
    }
  }

  #readRequest(): void {
    const wire = this.#wire
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      if (tag === RESOURCE_SPANS) this.#readResourceSpans()
      else wire.skip(tag)
    }
  }

  readonly #place = (): string =>
    `resourceSpans[${this.#block}].scopeSpans[${this.#scope}].spans[${this.#span}]`

  /** The resource of a block may stand behind its spans, so it is looked up first. */
  #readResourceSpans(): void {
    const wire = this.#wire
    this.#block++
    this.#scope = -1
    const outerEnd = wire.enter()
    const start = wire.pos
    this.#resource = this.#readResource()
    wire.pos = start
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      if (tag === SCOPE_SPANS) this.#readScopeSpans()
      else wire.skip(tag)
    }
    wire.leave(outerEnd)
  }

  /** The resource of the block at `pos`: its attributes merged when it comes in parts. Moves `pos` to the end. */
  #readResource(): Resource {
    const wire = this.#wire
    const { bytes, pos: start } = wire
    let partCount = 0
    let partStart = start
    let partEnd = start
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      const at = wire.pos
      wire.skip(tag)
      if (tag !== RESOURCE) continue
      partCount++
      partStart = at
      partEnd = wire.pos
    }
    if (partCount === 0) return EMPTY_RESOURCE
    const known = partCount === 1 ? this.#resources.find(bytes, partStart, partEnd) : undefined
    if (known !== undefined) return known
    const { clipCount } = this.#tally
    wire.pos = start
    const resource = this.#readNewResource()
    // What was shortened has to be counted each time.
    if (partCount === 1 && this.#tally.clipCount === clipCount)
      this.#resources.add(bytes, partStart, partEnd, resource)
    return resource
  }

  #readNewResource(): Resource {
    const wire = this.#wire
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      if (tag === RESOURCE) this.#readResourceAttributes()
      else wire.skip(tag)
    }
    return resourceOf(this.#attributes.finish())
  }

  #readResourceAttributes(): void {
    const wire = this.#wire
    const outerEnd = wire.enter()
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      if (tag === RESOURCE_ATTRIBUTES) readAttribute(wire, this.#attributes, this.#bounds)
      else wire.skip(tag)
    }
    wire.leave(outerEnd)
  }

  #readScopeSpans(): void {
    const wire = this.#wire
    this.#scope++
    this.#span = -1
    const outerEnd = wire.enter()
    while (wire.pos < wire.end) {
      if (this.#readNextSpan()) continue
      const tag = wire.tag()
      if (tag === SPANS) this.#readSpan()
      else wire.skip(tag)
    }
    wire.leave(outerEnd)
  }

  /** Most spans come behind one behind which such a span came before. */
  #readNextSpan(): boolean {
    if (this.#tally.spanCount >= MAX_SPANS_PER_BODY) return false
    if (!this.#templates.readNext(this.#wire, this.#spans, this.#resource)) return false
    this.#tally.spanCount++
    this.#span++
    return true
  }

  #readSpan(): void {
    const wire = this.#wire
    this.#span++
    if (!this.#tally.hasRoom(this.#place, MAX_SPANS_PER_BODY)) {
      wire.skip(SPANS)
      return
    }
    const outerEnd = wire.enter()
    if (!this.#templates.read(wire, this.#spans, this.#resource)) this.#readNewSpan()
    wire.leave(outerEnd)
  }

  /** The span at `pos`, of which no template is known. */
  #readNewSpan(): void {
    const start = this.#wire.pos
    this.#raw.clear()
    this.#readSpanFields(this.#raw)
    this.#raw.attributes = this.#attributes.finish()
    this.#templates.learn(this.#wire, start, this.#raw)
    const span = checkedSpan(this.#raw, this.#resource, this.#place, this.#tally)
    if (span !== undefined) this.#spans.addRecord(span)
  }

  #readSpanFields(raw: SpanDraft): void {
    const wire = this.#wire
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      // biome-ignore format: one field, one line
      switch (tag) {
        case TRACE_ID: raw.traceId = wire.hex(); break
        case SPAN_ID: raw.spanId = wire.hex(); break
        case TRACE_STATE: raw.traceState = wire.string(); break
        case PARENT_SPAN_ID: raw.parentSpanId = wire.hex(); break
        case NAME: raw.name = wire.string(); break
        case KIND: raw.kind = wire.int32(); break
        case START_TIME_UNIX_NANO: raw.startUnixNs = wire.fixed64(); break
        case END_TIME_UNIX_NANO: raw.endUnixNs = wire.fixed64(); break
        case ATTRIBUTES: readAttribute(wire, this.#attributes, this.#bounds); break
        case LINKS: this.#readLink(raw); break
        case STATUS: this.#readStatus(raw); break
        default: wire.skip(tag)
      }
    }
  }

  #readLink(raw: SpanDraft): void {
    const wire = this.#wire
    if (raw.links.length >= MAX_LINK_COUNT) {
      this.#tally.clip('link_count')
      wire.skip(LINKS)
      return
    }
    let traceId = ''
    let spanId = ''
    const outerEnd = wire.enter()
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      if (tag === TRACE_ID) traceId = wire.hex()
      else if (tag === SPAN_ID) spanId = wire.hex()
      else wire.skip(tag)
    }
    wire.leave(outerEnd)
    if (raw.links === NO_LINKS) raw.links = []
    raw.links.push({ traceId, spanId })
  }

  #readStatus(raw: SpanDraft): void {
    const wire = this.#wire
    const outerEnd = wire.enter()
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      if (tag === STATUS_CODE) raw.statusCode = wire.int32()
      else wire.skip(tag)
    }
    wire.leave(outerEnd)
  }
}
