import { unixNsFromUs } from '../time/unix-ns.ts'
import { checkedSpan, EMPTY_RESOURCE, type RawSpan, resourceOf } from './checked-span.ts'
import { DecodeTally } from './decode-tally.ts'
import {
  expected,
  hexOf,
  integerOf,
  type JsonObject,
  listIn,
  member,
  objectAt,
  textIn,
} from './json-shape.ts'
import {
  MAX_ATTRIBUTE_COUNT,
  MAX_LINK_COUNT,
  MAX_NAME_LENGTH,
  MAX_SPANS_PER_FILE,
  MAX_VALUE_LENGTH,
} from './limits.ts'
import type { AttributeValue, DecodedSpans, Resource, SpanRecord } from './span-record.ts'
import { orRejected } from './traces-json.ts'
import { exactInteger } from './wire.ts'

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']
const STATUS_CODES = ['UNSET', 'OK', 'ERROR']

/**
 * The JSON that Jaeger's page and query API give: `{data: [{traceID, spans, processes}]}`. Times are µs there, so
 * what lies below is lost; short ids are padded. The first CHILD_OF reference in the same trace is the parent, all
 * other references are links. Throws `OtlpDecodeError` with the path when the shape around the spans is wrong.
 */
export function decodeJaegerJson(value: unknown): DecodedSpans {
  const tally = new DecodeTally()
  const spans: SpanRecord[] = []
  for (const [index, item] of listIn(objectAt(value, ''), 'data', '').entries()) {
    const at = `data[${index}]`
    const trace = objectAt(item, at)
    const resources = resourcesIn(trace, at, tally)
    for (const [position, spanItem] of listIn(trace, 'spans', at).entries()) {
      if (!tally.hasRoom(() => `${at}.spans[${position}]`, MAX_SPANS_PER_FILE)) continue
      const place = `${at}.spans[${position}]`
      const span = orRejected(tally, () => {
        const raw = objectAt(spanItem, place)
        const resource = resources.get(textIn(raw, 'processID', place)) ?? EMPTY_RESOURCE
        return checkedSpan(rawSpan(raw, place, tally), resource, () => place, tally)
      })
      if (span !== undefined) spans.push(span)
    }
  }
  return { spans, ...tally.losses() }
}

function resourcesIn(trace: JsonObject, at: string, tally: DecodeTally): Map<string, Resource> {
  const resources = new Map<string, Resource>()
  const processes = member(trace, 'processes')
  if (processes === undefined) return resources
  const byId = objectAt(processes, `${at}.processes`)
  for (const id of Object.keys(byId)) {
    const place = `${at}.processes.${id}`
    const process = objectAt(member(byId, id), place)
    const attributes = tagsIn(process, place, tally)
    const serviceName = textIn(process, 'serviceName', place)
    if (serviceName !== '') attributes.set('service.name', serviceName)
    resources.set(id, resourceOf(attributes))
  }
  return resources
}

function rawSpan(span: JsonObject, at: string, tally: DecodeTally): RawSpan {
  const attributes = tagsIn(span, at, tally)
  const traceId = hexOf(member(span, 'traceID'), `${at}.traceId`).padStart(32, '0')
  const startUs = microsecondsIn(span, 'startTime', at)
  const { parentSpanId, links } = referencesIn(span, at, tally)
  const kind = KINDS.indexOf(String(attributes.get('span.kind') ?? ''))
  const statusCode = statusOf(attributes)
  const traceState = String(attributes.get('w3c.tracestate') ?? '')
  // Jaeger says an OTLP error twice; the tag that its page looks for was no attribute of the span.
  if (attributes.get('otel.status_code') === 'ERROR' && attributes.get('error') === true)
    attributes.delete('error')
  for (const key of ['span.kind', 'otel.status_code', 'w3c.tracestate']) attributes.delete(key)
  return {
    traceId,
    spanId: hexOf(member(span, 'spanID'), `${at}.spanId`).padStart(16, '0'),
    parentSpanId: hexOf(parentSpanId, `${at}.parentSpanId`),
    traceState,
    name: textIn(span, 'operationName', at),
    kind: Math.max(0, kind),
    startUnixNs: unixNsFromUs(startUs),
    endUnixNs: unixNsFromUs(startUs + microsecondsIn(span, 'duration', at)),
    attributes,
    links,
    statusCode,
  }
}

function statusOf(attributes: ReadonlyMap<string, AttributeValue>): number {
  const code = STATUS_CODES.indexOf(String(attributes.get('otel.status_code') ?? ''))
  if (code !== -1) return code
  return attributes.get('error') === true ? STATUS_CODES.indexOf('ERROR') : 0
}

function microsecondsIn(span: JsonObject, key: string, at: string): number {
  const value = member(span, key)
  const integer = integerOf(value)
  const us = Number(integer ?? -1n)
  if (us >= 0 && Number.isSafeInteger(us)) return us
  throw expected('whole µs', value, `${at}.${key}`)
}

function referencesIn(
  span: JsonObject,
  at: string,
  tally: DecodeTally,
): Pick<RawSpan, 'parentSpanId' | 'links'> {
  const ownTraceId = textIn(span, 'traceID', at).padStart(32, '0')
  const references = listIn(span, 'references', at).map((item, index) => {
    const place = `${at}.references[${index}]`
    const reference = objectAt(item, place)
    return {
      type: textIn(reference, 'refType', place),
      traceId: textIn(reference, 'traceID', place).padStart(32, '0'),
      spanId: textIn(reference, 'spanID', place).padStart(16, '0'),
    }
  })
  const parent = references.find(
    ({ type, traceId }) => type === 'CHILD_OF' && traceId === ownTraceId,
  )
  const others = references.filter((reference) => reference !== parent)
  if (others.length > MAX_LINK_COUNT) tally.clip('link_count', others.length - MAX_LINK_COUNT)
  const links = others.slice(0, MAX_LINK_COUNT).map(({ traceId, spanId }) => ({ traceId, spanId }))
  return { parentSpanId: parent?.spanId ?? '', links }
}

function tagsIn(object: JsonObject, at: string, tally: DecodeTally): Map<string, AttributeValue> {
  const tags = new Map<string, AttributeValue>()
  for (const [index, item] of listIn(object, 'tags', at).entries()) {
    if (tags.size >= MAX_ATTRIBUTE_COUNT) {
      tally.clip('attribute_count')
      continue
    }
    const place = `${at}.tags[${index}]`
    const tag = objectAt(item, place)
    const key = tally.clipText(textIn(tag, 'key', place), MAX_NAME_LENGTH, 'attribute_key_length')
    const value = tagValue(tag, place)
    if (value === undefined) continue
    const isText = typeof value === 'string'
    tags.set(
      key,
      isText ? tally.clipText(value, MAX_VALUE_LENGTH, 'attribute_value_length') : value,
    )
  }
  return tags
}

/** Types: string, bool, int64, float64, binary (base64 text). Numbers may come as text. */
function tagValue(tag: JsonObject, at: string): AttributeValue | undefined {
  const value = member(tag, 'value')
  const type = textIn(tag, 'type', at)
  if (value === undefined) return undefined
  if (type === 'int64') {
    const integer = integerOf(value)
    if (integer !== undefined) return exactInteger(integer)
  }
  if (type === 'float64' && typeof value === 'string' && value !== '') return Number(value)
  if (type === 'bool' && typeof value === 'string') return value === 'true'
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value
  throw expected('a string, number or boolean', value, `${at}.value`)
}
