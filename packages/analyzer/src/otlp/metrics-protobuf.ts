import { AttributeBuilder } from './attribute-builder.ts'
import { readAttribute, type ValueBounds } from './attributes-protobuf.ts'
import { resourceOf } from './checked-span.ts'
import { DecodeMemory } from './decode-memory.ts'
import { type DecodedMetrics, HEAP_METRICS, HeapCollection } from './heap-reading.ts'
import { MAX_VALUE_LENGTH } from './limits.ts'
import { eachField } from './logs-protobuf.ts'
import { RESOURCE, RESOURCE_ATTRIBUTES } from './trace-fields.ts'
import { BYTES, FIXED64, tagOf, VARINT, WireReader } from './wire.ts'

// opentelemetry/proto/metrics/v1/metrics.proto
// ExportMetricsServiceRequest: 1 ResourceMetrics. ResourceMetrics: 1 Resource, 2 ScopeMetrics. ScopeMetrics: 2 Metric.
// Metric: 1 name, 5 gauge, 7 sum, 9 histogram, 10 exponential_histogram, 11 summary; each of these: 1 data_points.
// NumberDataPoint: 3 time_unix_nano fixed64, 4 as_double, 6 as_int sfixed64, 8 flags uint32.
const RESOURCE_METRICS = tagOf(1, BYTES)
const SCOPE_METRICS = tagOf(2, BYTES)
const METRICS = tagOf(2, BYTES)
const NAME = tagOf(1, BYTES)
const GAUGE = tagOf(5, BYTES)
const KINDS = [GAUGE, tagOf(7, BYTES), tagOf(9, BYTES), tagOf(10, BYTES), tagOf(11, BYTES)]
const DATA_POINTS = tagOf(1, BYTES)
const TIME_UNIX_NANO = tagOf(3, FIXED64)
const AS_DOUBLE = tagOf(4, FIXED64)
const AS_INT = tagOf(6, FIXED64)
const FLAGS = tagOf(8, VARINT)
/** Of the flags: there is no value. */
const NO_RECORDED_VALUE = 1
/** Names are compared as bytes: of nearly all metrics no text is made. */
const encoder = new TextEncoder()
const HEAP_NAMES = HEAP_METRICS.map((name) => ({ name, bytes: encoder.encode(name) }))

/**
 * OTLP protobuf metrics -> sizes of heaps; other points are counted. A bad point is refused with its place. Throws `WireError`
 * for a body that is not protobuf.
 */
export function decodeMetricsProtobuf(bytes: Uint8Array): DecodedMetrics {
  const memory = new DecodeMemory()
  const wire = new WireReader(memory)
  wire.open(bytes)
  const heaps = new HeapCollection()
  const attributes = new AttributeBuilder(memory.shapes)
  const bounds = { maxTextLength: MAX_VALUE_LENGTH, tally: heaps.tally }
  let block = -1
  eachField(wire, RESOURCE_METRICS, () => {
    block += 1
    let scope = -1
    const resources: number[] = []
    while (wire.pos < wire.end) {
      const tag = wire.tag()
      if (tag === SCOPE_METRICS) {
        scope += 1
        const outerEnd = wire.enter()
        readScope(wire, heaps, `resourceMetrics[${block}].scopeMetrics[${scope}]`)
        wire.leave(outerEnd)
      } else {
        if (tag === RESOURCE) resources.push(wire.pos)
        wire.skip(tag)
      }
    }
    // It may stand behind the points or come in parts, and is read where there were points of a heap.
    heaps.endResource(() => {
      for (const start of resources) readResource(wire, start, { attributes, bounds })
      return resourceOf(attributes.finish())
    })
  })
  return heaps.result()
}

/** The resource whose length stands at `start`. */
function readResource(
  wire: WireReader,
  start: number,
  { attributes, bounds }: { attributes: AttributeBuilder; bounds: ValueBounds },
): void {
  wire.pos = start
  const outerEnd = wire.enter()
  while (wire.pos < wire.end) {
    const tag = wire.tag()
    if (tag === RESOURCE_ATTRIBUTES) readAttribute(wire, attributes, bounds)
    else wire.skip(tag)
  }
  wire.leave(outerEnd)
}

function readScope(wire: WireReader, heaps: HeapCollection, at: string): void {
  eachField(wire, METRICS, (index) => {
    const start = wire.pos
    const { name, pointCount } = readMetric(wire)
    heaps.pointCount += pointCount
    if (name === undefined) return
    // The name may stand behind the points, so it was looked up first.
    wire.pos = start
    eachField(wire, GAUGE, () =>
      eachField(wire, DATA_POINTS, (point) =>
        readPoint(wire, name, heaps, () => `${at}.metrics[${index}].gauge.dataPoints[${point}]`),
      ),
    )
  })
}

/** How many points a metric has, and its name when it is one of the heap's. */
function readMetric(wire: WireReader): { name: string | undefined; pointCount: number } {
  let name: string | undefined
  let pointCount = 0
  while (wire.pos < wire.end) {
    const tag = wire.tag()
    if (tag === NAME) name = heapName(wire.part())
    else if (KINDS.includes(tag)) {
      const outerEnd = wire.enter()
      eachField(wire, DATA_POINTS, () => {
        pointCount += 1
      })
      wire.leave(outerEnd)
    } else wire.skip(tag)
  }
  return { name, pointCount }
}

function heapName(part: Uint8Array): string | undefined {
  const isName = ({ bytes }: { bytes: Uint8Array }) =>
    bytes.length === part.length && bytes.every((byte, at) => byte === part[at])
  return HEAP_NAMES.find(isName)?.name
}

function readPoint(
  wire: WireReader,
  name: string,
  heaps: HeapCollection,
  place: () => string,
): void {
  let unixNs = 0n
  let value = Number.NaN
  let flags = 0
  while (wire.pos < wire.end) {
    const tag = wire.tag()
    // biome-ignore format: one field, one line
    switch (tag) {
      case TIME_UNIX_NANO: unixNs = wire.fixed64(); break
      case AS_DOUBLE: value = wire.double(); break
      case AS_INT: value = Number(BigInt.asIntN(64, wire.fixed64())); break
      case FLAGS: flags = wire.uint32(); break
      default: wire.skip(tag)
    }
  }
  if ((flags & NO_RECORDED_VALUE) === 0) heaps.add(name, { unixNs, value }, place)
}
