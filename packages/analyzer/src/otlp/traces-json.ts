import { type AttributeReading, attributeReading, readAttributes } from './attributes-json.ts'
import { checkedSpan, type RawSpan, resourceOf } from './checked-span.ts'
import { errorUnder, OtlpDecodeError } from './decode-error.ts'
import type { DecodeMemory } from './decode-memory.ts'
import { DecodeTally } from './decode-tally.ts'
import {
  enumOf,
  hexOf,
  isAbsent,
  type JsonObject,
  listIn,
  listOf,
  member,
  objectAt,
  pathOf,
  textIn,
  textOf,
  uint64Of,
} from './json-shape.ts'
import { MAX_LINK_COUNT, MAX_SPANS_PER_BODY, MAX_VALUE_LENGTH } from './limits.ts'
import { SharedTexts } from './shared-texts.ts'
import type { Attributes, DecodedSpans, Resource, SpanLink, SpanRecord } from './span-record.ts'

const KIND_NAMES = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map(
  (name) => `SPAN_KIND_${name}`,
)
const STATUS_NAMES = ['UNSET', 'OK', 'ERROR'].map((name) => `STATUS_CODE_${name}`)

/** What spans are read with. */
interface SpanReading extends AttributeReading {
  /** Of traces and parents; each was found to be hex digits before it was kept. */
  readonly ids: SharedTexts
}

/**
 * Parsed OTLP/JSON -> spans, body after body: hex ids of any case, 64-bit integers as string or number, unknown fields
 * ignored. A bad span is refused with its path and the rest is kept.
 */
export class TracesJsonReader {
  readonly #reading: SpanReading

  constructor(memory: DecodeMemory) {
    const reading = attributeReading(memory, MAX_VALUE_LENGTH, new DecodeTally())
    this.#reading = { ...reading, ids: new SharedTexts() }
  }

  /** Throws `OtlpDecodeError` with the path when the shape around the spans is wrong. */
  read(value: unknown): DecodedSpans {
    const reading = this.#reading
    const spans: SpanRecord[] = []
    try {
      for (const [block, item] of listIn(objectAt(value, ''), 'resourceSpans', '').entries())
        readResourceSpans({ value: item, at: `resourceSpans[${block}]`, reading, spans })
      return { spans, ...reading.tally.losses() }
    } finally {
      reading.builder.clear()
      reading.tally.clear()
    }
  }
}

function readResourceSpans(input: {
  readonly value: unknown
  readonly at: string
  readonly reading: SpanReading
  readonly spans: SpanRecord[]
}): void {
  const { value, at, reading, spans } = input
  const block = objectAt(value, at)
  const resource = resourceOf(resourceAttributes(block, at, reading))
  for (const [scope, item] of listIn(block, 'scopeSpans', at).entries()) {
    const place = `${at}.scopeSpans[${scope}]`
    const items = listIn(objectAt(item, place), 'spans', place)
    readSpans({ items, at: `${place}.spans`, resource, reading, spans })
  }
}

/** Of the resource of a block, which may be absent. */
function resourceAttributes(block: JsonObject, at: string, reading: AttributeReading): Attributes {
  const place = `${at}.resource`
  const resource = objectAt(member(block, 'resource') ?? {}, place)
  return attributesOf(resource, place, reading)
}

/** The attributes of an object that stands `at` a place. */
export function attributesOf(
  object: JsonObject,
  at: string,
  reading: AttributeReading,
): Attributes {
  try {
    return readAttributes(member(object, 'attributes'), reading)
  } catch (error) {
    throw errorUnder(error, pathOf(at, 'attributes'))
  }
}

function readSpans(input: {
  readonly items: readonly unknown[]
  readonly at: string
  readonly resource: Resource
  readonly reading: SpanReading
  readonly spans: SpanRecord[]
}): void {
  const { items, at, resource, reading, spans } = input
  const { tally } = reading
  let index = 0
  const place = () => `${at}[${index}]`
  for (; index < items.length; index++) {
    if (!tally.hasRoom(place, MAX_SPANS_PER_BODY)) continue
    try {
      const span = checkedSpan(rawSpan(objectAt(items[index], ''), reading), resource, place, tally)
      if (span !== undefined) spans.push(span)
    } catch (error) {
      reject(tally, errorUnder(error, place()))
    }
  }
}

/** What is wrong inside one entry costs that entry only. */
export function orRejected<T>(tally: DecodeTally, read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    return reject(tally, error)
  }
}

function reject(tally: DecodeTally, error: unknown): undefined {
  if (!(error instanceof OtlpDecodeError)) throw error
  tally.reject(error.at, error.reason)
}

/** Names of fields are read directly, since no object inherits one of them. Errors have paths below the span. */
function rawSpan(span: JsonObject, reading: SpanReading): RawSpan {
  const { ids, texts } = reading
  return {
    traceId: sharedId(span['traceId'], 'traceId', ids),
    spanId: hexOf(span['spanId'], 'spanId'),
    parentSpanId: sharedId(span['parentSpanId'], 'parentSpanId', ids),
    traceState: texts.share(textOf(span['traceState'], 'traceState')),
    name: texts.share(textOf(span['name'], 'name')),
    kind: enumOf(span['kind'], 'kind', KIND_NAMES),
    startUnixNs: uint64Of(span['startTimeUnixNano'], 'startTimeUnixNano'),
    endUnixNs: uint64Of(span['endTimeUnixNano'], 'endTimeUnixNano'),
    attributes: attributesOf(span, '', reading),
    links: linksOf(span['links'], reading),
    statusCode: statusCodeOf(span['status']),
  }
}

/** An id that many spans have is looked at once. */
function sharedId(value: unknown, at: string, ids: SharedTexts): string {
  const known = typeof value === 'string' ? ids.find(value) : undefined
  return known ?? ids.keep(hexOf(value, at))
}

const NO_LINKS: readonly SpanLink[] = []

function linksOf(value: unknown, { tally }: AttributeReading): readonly SpanLink[] {
  const items = listOf(value, 'links')
  if (items.length === 0) return NO_LINKS
  if (items.length > MAX_LINK_COUNT) tally.clip('link_count', items.length - MAX_LINK_COUNT)
  return items.slice(0, MAX_LINK_COUNT).map((item, index) => {
    const place = `links[${index}]`
    const link = objectAt(item, place)
    return { traceId: textIn(link, 'traceId', place), spanId: textIn(link, 'spanId', place) }
  })
}

function statusCodeOf(value: unknown): number {
  if (isAbsent(value)) return 0
  return enumOf(objectAt(value, 'status')['code'], 'status.code', STATUS_NAMES)
}
