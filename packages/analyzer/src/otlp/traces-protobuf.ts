import { readAttribute, type ValueBounds } from './attributes-protobuf.ts'
import { checkedSpan, EMPTY_RESOURCE, type RawSpan, resourceOf } from './checked-span.ts'
import { DecodeTally } from './decode-tally.ts'
import { MAX_LINK_COUNT, MAX_SPANS_PER_BODY, MAX_VALUE_LENGTH } from './limits.ts'
import type { AttributeValue, DecodedSpans, Resource, SpanLink, SpanRecord } from './span-record.ts'
import { BYTES, FIXED64, tagOf, VARINT, WireReader } from './wire.ts'

// opentelemetry/proto/collector/trace/v1/trace_service.proto, trace/v1/trace.proto, resource/v1/resource.proto
// ExportTraceServiceRequest: 1 ResourceSpans. ResourceSpans: 1 Resource, 2 ScopeSpans. ScopeSpans: 2 Span.
// Resource: 1 attributes.
// Span: 1 trace_id bytes, 2 span_id bytes, 3 trace_state string, 4 parent_span_id bytes, 5 name string, 6 kind enum,
//   7 start_time_unix_nano fixed64, 8 end_time_unix_nano fixed64, 9 attributes, 13 links, 15 Status.
// Link: 1 trace_id, 2 span_id. Status: 3 code enum.
const RESOURCE_SPANS = tagOf(1, BYTES)
const RESOURCE = tagOf(1, BYTES)
const SCOPE_SPANS = tagOf(2, BYTES)
const SPANS = tagOf(2, BYTES)
const RESOURCE_ATTRIBUTES = tagOf(1, BYTES)
const TRACE_ID = tagOf(1, BYTES)
const SPAN_ID = tagOf(2, BYTES)
const TRACE_STATE = tagOf(3, BYTES)
const PARENT_SPAN_ID = tagOf(4, BYTES)
const NAME = tagOf(5, BYTES)
const KIND = tagOf(6, VARINT)
const START_TIME_UNIX_NANO = tagOf(7, FIXED64)
const END_TIME_UNIX_NANO = tagOf(8, FIXED64)
const ATTRIBUTES = tagOf(9, BYTES)
const LINKS = tagOf(13, BYTES)
const STATUS = tagOf(15, BYTES)
const STATUS_CODE = tagOf(3, VARINT)

/**
 * OTLP protobuf -> spans. Unknown fields are skipped; a bad span is refused with its place and the rest is kept.
 * Throws `WireError` for a body that is not the protobuf of a trace request.
 */
export function decodeTracesProtobuf(bytes: Uint8Array): DecodedSpans {
  const wire = new WireReader(bytes)
  const tally = new DecodeTally()
  const bounds = { maxTextLength: MAX_VALUE_LENGTH, tally }
  const spans: SpanRecord[] = []
  let block = 0
  while (wire.pos < wire.end) {
    const tag = wire.tag()
    if (tag === RESOURCE_SPANS) readResourceSpans(wire, `resourceSpans[${block++}]`, bounds, spans)
    else wire.skip(tag)
  }
  return { spans, ...tally.losses() }
}

/** The resource of a block may stand behind its spans, so it is looked up first. */
function readResourceSpans(
  wire: WireReader,
  at: string,
  bounds: ValueBounds,
  spans: SpanRecord[],
): void {
  wire.message(() => {
    const start = wire.pos
    const resource = readResource(wire, bounds)
    wire.pos = start
    let scope = 0
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      if (tag === SCOPE_SPANS)
        readScopeSpans({ wire, at: `${at}.scopeSpans[${scope++}]`, resource, bounds, spans })
      else wire.skip(tag)
    }
  })
}

/** The resource of the block at `pos`: its attributes merged when it comes in parts. Moves `pos` to the end. */
function readResource(wire: WireReader, bounds: ValueBounds): Resource {
  const attributes = new Map<string, AttributeValue>()
  while (wire.pos < wire.end) {
    const tag = wire.tag()
    if (tag !== RESOURCE) {
      wire.skip(tag)
      continue
    }
    wire.message(() => {
      while (wire.pos < wire.end) {
        const field = wire.tag()
        if (field === RESOURCE_ATTRIBUTES) readAttribute(wire, attributes, bounds)
        else wire.skip(field)
      }
    })
  }
  return attributes.size === 0 ? EMPTY_RESOURCE : resourceOf(attributes)
}

function readScopeSpans(input: {
  readonly wire: WireReader
  readonly at: string
  readonly resource: Resource
  readonly bounds: ValueBounds
  readonly spans: SpanRecord[]
}): void {
  const { wire, at, resource, bounds, spans } = input
  let index = 0
  wire.message(() => {
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      if (tag !== SPANS) {
        wire.skip(tag)
        continue
      }
      const own = index++
      const place = () => `${at}.spans[${own}]`
      if (!bounds.tally.hasRoom(place, MAX_SPANS_PER_BODY)) {
        wire.skip(tag)
        continue
      }
      const raw = wire.message(() => readSpan(wire, bounds))
      const span = checkedSpan(raw, resource, place, bounds.tally)
      if (span !== undefined) spans.push(span)
    }
  })
}

type RawDraft = { -readonly [K in keyof RawSpan]: RawSpan[K] } & {
  attributes: Map<string, AttributeValue>
  links: SpanLink[]
}

function readSpan(wire: WireReader, bounds: ValueBounds): RawSpan {
  const span: RawDraft = {
    traceId: '',
    spanId: '',
    parentSpanId: '',
    traceState: '',
    name: '',
    kind: 0,
    startUnixNs: 0n,
    endUnixNs: 0n,
    attributes: new Map(),
    links: [],
    statusCode: 0,
  }
  while (wire.pos < wire.end) {
    const tag = wire.tag()
    // biome-ignore format: one field, one line
    switch (tag) {
      case TRACE_ID: span.traceId = wire.hex(); break
      case SPAN_ID: span.spanId = wire.hex(); break
      case TRACE_STATE: span.traceState = wire.string(); break
      case PARENT_SPAN_ID: span.parentSpanId = wire.hex(); break
      case NAME: span.name = wire.string(); break
      case KIND: span.kind = wire.int32(); break
      case START_TIME_UNIX_NANO: span.startUnixNs = wire.fixed64(); break
      case END_TIME_UNIX_NANO: span.endUnixNs = wire.fixed64(); break
      case ATTRIBUTES: readAttribute(wire, span.attributes, bounds); break
      case LINKS: readLink(wire, span.links, bounds); break
      case STATUS: span.statusCode = readStatusCode(wire, span.statusCode); break
      default: wire.skip(tag)
    }
  }
  return span
}

function readLink(wire: WireReader, links: SpanLink[], { tally }: ValueBounds): void {
  if (links.length >= MAX_LINK_COUNT) {
    tally.clip('link_count')
    wire.skip(LINKS)
    return
  }
  let traceId = ''
  let spanId = ''
  wire.message(() => {
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      if (tag === TRACE_ID) traceId = wire.hex()
      else if (tag === SPAN_ID) spanId = wire.hex()
      else wire.skip(tag)
    }
  })
  links.push({ traceId, spanId })
}

function readStatusCode(wire: WireReader, known: number): number {
  let code = known
  wire.message(() => {
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      if (tag === STATUS_CODE) code = wire.int32()
      else wire.skip(tag)
    }
  })
  return code
}
