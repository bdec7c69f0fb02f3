import { DecodeMemory } from './decode-memory.ts'
import { listIn, member, objectAt } from './json-shape.ts'
import { eachField } from './logs-protobuf.ts'
import { BYTES, tagOf, WireReader } from './wire.ts'

// opentelemetry/proto/metrics/v1/metrics.proto
// ExportMetricsServiceRequest: 1 ResourceMetrics. ResourceMetrics: 2 ScopeMetrics. ScopeMetrics: 2 Metric.
// Metric: 5 gauge, 7 sum, 9 histogram, 10 exponential_histogram, 11 summary; each: 1 data_points.
const RESOURCE_METRICS = tagOf(1, BYTES)
const SCOPE_METRICS = tagOf(2, BYTES)
const METRICS = tagOf(2, BYTES)
const KINDS = [
  { field: tagOf(5, BYTES), key: 'gauge' },
  { field: tagOf(7, BYTES), key: 'sum' },
  { field: tagOf(9, BYTES), key: 'histogram' },
  { field: tagOf(10, BYTES), key: 'exponentialHistogram' },
  { field: tagOf(11, BYTES), key: 'summary' },
]
const DATA_POINTS = tagOf(1, BYTES)

/** Data points of an OTLP protobuf metrics body. Throws `WireError` for a body that is not protobuf. */
export function countMetricPoints(bytes: Uint8Array): number {
  const wire = new WireReader(new DecodeMemory())
  wire.open(bytes)
  let count = 0
  eachField(wire, RESOURCE_METRICS, () =>
    eachField(wire, SCOPE_METRICS, () =>
      eachField(wire, METRICS, () => {
        count += pointsOfMetric(wire)
      }),
    ),
  )
  return count
}

function pointsOfMetric(wire: WireReader): number {
  let count = 0
  while (wire.pos < wire.end) {
    const tag = wire.tag()
    if (!KINDS.some(({ field }) => field === tag)) {
      wire.skip(tag)
      continue
    }
    const outerEnd = wire.enter()
    eachField(wire, DATA_POINTS, () => {
      count++
    })
    wire.leave(outerEnd)
  }
  return count
}

/** The same for parsed OTLP/JSON. Throws `OtlpDecodeError` with the path when the shape is wrong. */
export function countMetricPointsJson(value: unknown): number {
  let count = 0
  for (const [block, item] of listIn(objectAt(value, ''), 'resourceMetrics', '').entries()) {
    const at = `resourceMetrics[${block}]`
    for (const [scope, scopeItem] of listIn(objectAt(item, at), 'scopeMetrics', at).entries()) {
      const place = `${at}.scopeMetrics[${scope}]`
      const metrics = listIn(objectAt(scopeItem, place), 'metrics', place)
      for (const [index, metric] of metrics.entries())
        count += pointsOfJson(metric, `${place}.metrics[${index}]`)
    }
  }
  return count
}

function pointsOfJson(value: unknown, at: string): number {
  const metric = objectAt(value, at)
  let count = 0
  for (const { key } of KINDS) {
    const data = member(metric, key)
    if (data === undefined) continue
    count += listIn(objectAt(data, `${at}.${key}`), 'dataPoints', `${at}.${key}`).length
  }
  return count
}
