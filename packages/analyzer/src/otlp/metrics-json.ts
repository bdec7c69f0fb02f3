import { attributeReading, doubleOf } from './attributes-json.ts'
import { resourceOf } from './checked-span.ts'
import { DecodeMemory } from './decode-memory.ts'
import { type DecodedMetrics, HEAP_METRICS, HeapCollection } from './heap-reading.ts'
import {
  expected,
  integerOf,
  type JsonObject,
  listIn,
  member,
  objectAt,
  textIn,
  uint64Of,
} from './json-shape.ts'
import { MAX_VALUE_LENGTH } from './limits.ts'
import { attributesOf, orRejected } from './traces-json.ts'

const KINDS = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary']
/** Of a point's flags: there is no value. */
const NO_RECORDED_VALUE = 1n

/**
 * Parsed OTLP/JSON metrics -> sizes of heaps; other points are counted. A bad point is refused with its path. Throws
 * `OtlpDecodeError` with the path when the shape around the points is wrong.
 */
export function decodeMetricsJson(value: unknown): DecodedMetrics {
  const heaps = new HeapCollection()
  const reading = attributeReading(new DecodeMemory(), MAX_VALUE_LENGTH, heaps.tally)
  for (const [index, item] of listIn(objectAt(value, ''), 'resourceMetrics', '').entries()) {
    const at = `resourceMetrics[${index}]`
    const block = objectAt(item, at)
    for (const [scope, scopeItem] of listIn(block, 'scopeMetrics', at).entries()) {
      const place = `${at}.scopeMetrics[${scope}]`
      const metrics = listIn(objectAt(scopeItem, place), 'metrics', place)
      for (const [number, metric] of metrics.entries())
        readMetric(
          objectAt(metric, `${place}.metrics[${number}]`),
          `${place}.metrics[${number}]`,
          heaps,
        )
    }
    heaps.endResource(() => {
      const place = `${at}.resource`
      const resource = objectAt(member(block, 'resource') ?? {}, place)
      return resourceOf(attributesOf(resource, place, reading))
    })
  }
  return heaps.result()
}

function readMetric(metric: JsonObject, at: string, heaps: HeapCollection): void {
  const pointsOf = (kind: string) => {
    const data = member(metric, kind)
    return data === undefined
      ? []
      : listIn(objectAt(data, `${at}.${kind}`), 'dataPoints', `${at}.${kind}`)
  }
  for (const kind of KINDS) heaps.pointCount += pointsOf(kind).length
  const name = textIn(metric, 'name', at)
  if (!HEAP_METRICS.includes(name)) return
  for (const [index, point] of pointsOf('gauge').entries()) {
    const place = `${at}.gauge.dataPoints[${index}]`
    orRejected(heaps.tally, () => readPoint(objectAt(point, place), { name, at: place, heaps }))
  }
}

function readPoint(
  point: JsonObject,
  { name, at, heaps }: { name: string; at: string; heaps: HeapCollection },
): void {
  const flags = integerOf(member(point, 'flags')) ?? 0n
  if ((flags & NO_RECORDED_VALUE) !== 0n) return
  const unixNs = uint64Of(member(point, 'timeUnixNano'), `${at}.timeUnixNano`)
  heaps.add(name, { unixNs, value: bytesOf(point, at) }, () => at)
}

function bytesOf(point: JsonObject, at: string): number {
  const integer = member(point, 'asInt')
  if (integer !== undefined) {
    const value = integerOf(integer)
    if (value === undefined)
      throw expected('a 64-bit integer as string or number', integer, `${at}.asInt`)
    return Number(value)
  }
  const double = member(point, 'asDouble')
  const value = double === undefined ? Number.NaN : doubleOf(double)
  if (value === undefined) throw expected('a number', double, `${at}.asDouble`)
  return value
}
