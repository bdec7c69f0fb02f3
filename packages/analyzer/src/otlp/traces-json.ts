import { attributesIn } from './attributes-json.ts'
import type { ValueBounds } from './attributes-protobuf.ts'
import { checkedSpan, EMPTY_RESOURCE, type RawSpan, resourceOf } from './checked-span.ts'
import { OtlpDecodeError } from './decode-error.ts'
import { DecodeTally } from './decode-tally.ts'
import {
  enumIn,
  type JsonObject,
  listIn,
  member,
  objectAt,
  textIn,
  uint64In,
} from './json-shape.ts'
import { MAX_LINK_COUNT, MAX_SPANS_PER_BODY, MAX_VALUE_LENGTH } from './limits.ts'
import type { DecodedSpans, Resource, SpanLink, SpanRecord } from './span-record.ts'

const KIND_NAMES = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map(
  (name) => `SPAN_KIND_${name}`,
)
const STATUS_NAMES = ['UNSET', 'OK', 'ERROR'].map((name) => `STATUS_CODE_${name}`)

/**
 * Parsed OTLP/JSON -> spans: hex ids of any case, 64-bit integers as string or number, unknown fields ignored. A
 * bad span is refused with its path and the rest is kept. Throws `OtlpDecodeError` with the path when the shape
 * around the spans is wrong.
 */
export function decodeTracesJson(value: unknown): DecodedSpans {
  const tally = new DecodeTally()
  const bounds = { maxTextLength: MAX_VALUE_LENGTH, tally }
  const spans: SpanRecord[] = []
  for (const [block, item] of listIn(objectAt(value, ''), 'resourceSpans', '').entries()) {
    const at = `resourceSpans[${block}]`
    const resourceSpans = objectAt(item, at)
    const resource = resourceIn(resourceSpans, at, bounds)
    for (const [scope, scopeItem] of listIn(resourceSpans, 'scopeSpans', at).entries()) {
      const place = `${at}.scopeSpans[${scope}]`
      const items = listIn(objectAt(scopeItem, place), 'spans', place)
      addSpans({ items, at: `${place}.spans`, resource, bounds, spans })
    }
  }
  return { spans, ...tally.losses() }
}

/** The resource of a block; without one it is empty. */
function resourceIn(block: JsonObject, at: string, bounds: ValueBounds): Resource {
  const resource = member(block, 'resource')
  if (resource === undefined) return EMPTY_RESOURCE
  const place = `${at}.resource`
  const attributes = attributesIn(objectAt(resource, place), place, bounds)
  return attributes.size === 0 ? EMPTY_RESOURCE : resourceOf(attributes)
}

function addSpans(input: {
  readonly items: readonly unknown[]
  readonly at: string
  readonly resource: Resource
  readonly bounds: ValueBounds
  readonly spans: SpanRecord[]
}): void {
  const { items, at, resource, bounds, spans } = input
  for (const [index, item] of items.entries()) {
    if (!bounds.tally.hasRoom(() => `${at}[${index}]`, MAX_SPANS_PER_BODY)) continue
    const place = `${at}[${index}]`
    const raw = orRejected(bounds.tally, () => rawSpan(objectAt(item, place), place, bounds))
    const span = raw && checkedSpan(raw, resource, () => place, bounds.tally)
    if (span !== undefined) spans.push(span)
  }
}

/** What is wrong inside one entry costs that entry only. */
export function orRejected<T>(tally: DecodeTally, read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof OtlpDecodeError)) throw error
    tally.reject(error.at, error.reason)
    return undefined
  }
}

function rawSpan(span: JsonObject, at: string, bounds: ValueBounds): RawSpan {
  return {
    traceId: textIn(span, 'traceId', at),
    spanId: textIn(span, 'spanId', at),
    parentSpanId: textIn(span, 'parentSpanId', at),
    traceState: textIn(span, 'traceState', at),
    name: textIn(span, 'name', at),
    kind: enumIn({ object: span, key: 'kind', at, names: KIND_NAMES }),
    startUnixNs: uint64In(span, 'startTimeUnixNano', at),
    endUnixNs: uint64In(span, 'endTimeUnixNano', at),
    attributes: attributesIn(span, at, bounds),
    links: linksIn(span, at, bounds),
    statusCode: statusCodeIn(span, at),
  }
}

function linksIn(span: JsonObject, at: string, { tally }: ValueBounds): readonly SpanLink[] {
  const items = listIn(span, 'links', at)
  if (items.length > MAX_LINK_COUNT) tally.clip('link_count', items.length - MAX_LINK_COUNT)
  return items.slice(0, MAX_LINK_COUNT).map((item, index) => {
    const place = `${at}.links[${index}]`
    const link = objectAt(item, place)
    return { traceId: textIn(link, 'traceId', place), spanId: textIn(link, 'spanId', place) }
  })
}

function statusCodeIn(span: JsonObject, at: string): number {
  const status = member(span, 'status')
  if (status === undefined) return 0
  const place = `${at}.status`
  return enumIn({ object: objectAt(status, place), key: 'code', at: place, names: STATUS_NAMES })
}
