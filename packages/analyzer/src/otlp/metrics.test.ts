import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OtlpDecodeError } from './decode-error.ts'
import { decodeMetricsJson } from './metrics-json.ts'
import { decodeMetricsProtobuf } from './metrics-protobuf.ts'
import { encodeRequest } from './otlp-proto.ts'

const USED = 'qflow.process.heap.after_gc'
const LIMIT = 'qflow.process.heap.limit'
const AT = '1767600000000000000'

test('points are counted over all kinds', () => {
  const points = (count: number) => ({ dataPoints: Array.from({ length: count }, () => ({})) })
  const metrics = [
    { name: 'a', gauge: points(1) },
    { name: 'b', sum: points(2) },
    { name: 'c', histogram: points(3) },
    { name: 'd', exponentialHistogram: points(4) },
    { name: 'e', summary: points(5) },
    { name: 'f' },
  ]
  const body = { resourceMetrics: [{ scopeMetrics: [{ metrics }, {}] }, {}] }
  const nothing = { pointCount: 15, heaps: [], rejected: [], rejectedCount: 0, clipped: {} }
  expect(decodeMetricsJson(body)).toEqual(nothing)
  expect(decodeMetricsProtobuf(encodeRequest('Metrics', body))).toEqual(nothing)
})

test('a resource behind its points, or in parts, is that of the block', () => {
  const point = gauge(USED, { timeUnixNano: AT, asInt: '5' })
  const named = (key: string, stringValue: string) => ({
    resource: { attributes: [{ key, value: { stringValue } }] },
  })
  const parts = [
    { scopeMetrics: [{ metrics: [point] }] },
    named('service.name', 'shop'),
    named('service.instance.id', 'a1'),
  ].map((part) => encodeRequest('Metrics', { resourceMetrics: [part] }))
  // Each is one block of less than 128 bytes: a tag, a length, its content.
  const content = parts.flatMap((bytes) => [...bytes.subarray(2)])
  const length = [(content.length & 0x7f) | 0x80, content.length >> 7]
  const { heaps } = decodeMetricsProtobuf(Uint8Array.from([0x0a, ...length, ...content]))
  expect(heaps[0]?.process).toEqual({ serviceName: 'shop', instanceId: 'a1' })
})

describe.each([
  ['JSON', decodeMetricsJson],
  ['protobuf', (body: object) => decodeMetricsProtobuf(encodeRequest('Metrics', body))],
])('in %s', (_, decode) => {
  test('the heap after a collection is read with its process and limit', () => {
    const body = bodyOf({ 'service.name': 'shop', 'service.instance.id': 'a1' }, [
      gauge(USED, { timeUnixNano: AT, asInt: '104857600' }),
      gauge(LIMIT, { timeUnixNano: AT, asDouble: 4294967296 }),
      gauge('other', { timeUnixNano: AT, asInt: '1' }),
    ])
    const { pointCount, heaps } = decode(body)
    expect(pointCount).toBe(3)
    expect(heaps).toEqual([
      {
        process: { serviceName: 'shop', instanceId: 'a1' },
        unixNs: BigInt(AT),
        usedBytes: 104_857_600,
        limitBytes: 4_294_967_296,
      },
    ])
  })

  test('a process without an instance id is told by host and pid', () => {
    const point = gauge(USED, { timeUnixNano: AT, asDouble: 5 })
    const nameIn = (attributes: Record<string, string>) =>
      decode(bodyOf(attributes, [point])).heaps[0]?.process.instanceId
    expect(nameIn({ 'host.name': 'node-1', 'process.pid': '17' })).toBe('node-1:17')
    expect(nameIn({ 'service.name': 'shop' })).toBeUndefined()
  })

  test('each resource has its own', () => {
    const shop = bodyOf({ 'service.name': 'shop' }, [
      gauge(USED, { timeUnixNano: AT, asInt: '1' }),
      gauge(LIMIT, { timeUnixNano: AT, asInt: '9' }),
    ])
    const mail = bodyOf({ 'service.name': 'mail' }, [gauge(USED, { timeUnixNano: AT, asInt: '2' })])
    const both = { resourceMetrics: [...shop.resourceMetrics, ...mail.resourceMetrics] }
    expect(
      decode(both).heaps.map(({ process, limitBytes }) => [process.serviceName, limitBytes]),
    ).toEqual([
      ['shop', 9],
      ['mail', undefined],
    ])
  })

  test('bad points are refused with their place, and points without a value left out', () => {
    const body = bodyOf({}, [
      gauge(USED, { timeUnixNano: AT, asInt: '-1' }),
      gauge(USED, { asInt: '1' }),
      gauge(USED, { timeUnixNano: AT }),
      gauge(USED, { timeUnixNano: AT, flags: 1 }),
      gauge(USED, { timeUnixNano: AT, asInt: '7' }),
    ])
    const { heaps, rejected, pointCount } = decode(body)
    expect(pointCount).toBe(5)
    expect(heaps.map(({ usedBytes }) => usedBytes)).toEqual([7])
    expect(rejected.map(({ at }) => at)).toEqual([
      'resourceMetrics[0].scopeMetrics[0].metrics[0].gauge.dataPoints[0].value',
      'resourceMetrics[0].scopeMetrics[0].metrics[1].gauge.dataPoints[0].timeUnixNano',
      'resourceMetrics[0].scopeMetrics[0].metrics[2].gauge.dataPoints[0].value',
    ])
  })

  test('of very many readings those beyond the bound are counted', () => {
    const dataPoints = Array.from({ length: 10_003 }, () => ({ timeUnixNano: AT, asInt: '1' }))
    const decoded = decode(bodyOf({}, [{ name: USED, gauge: { dataPoints } }]))
    expect(decoded.heaps).toHaveLength(10_000)
    expect(decoded.clipped).toEqual({ heap_reading_count: 3 })
  })
})

test('a value of the wrong kind costs that point only', () => {
  const body = bodyOf({}, [
    gauge(USED, { timeUnixNano: AT, asInt: 'many' }),
    gauge(USED, { timeUnixNano: AT, asDouble: {} }),
    gauge(USED, { timeUnixNano: AT, asInt: 7 }),
  ])
  const { heaps, rejectedCount } = decodeMetricsJson(body)
  expect(heaps).toHaveLength(1)
  expect(rejectedCount).toBe(2)
})

test('random and damaged bytes give typed errors only', () => {
  const good = encodeRequest(
    'Metrics',
    bodyOf({ 'service.name': 'shop' }, [gauge(USED, { timeUnixNano: AT, asInt: '5' })]),
  )
  const isTyped = (bytes: Uint8Array) => {
    try {
      decodeMetricsProtobuf(bytes)
    } catch (error) {
      expect(error).toBeInstanceOf(OtlpDecodeError)
    }
  }
  for (let length = 0; length < good.length; length += 1) isTyped(good.subarray(0, length))
  for (let at = 0; at < good.length; at += 1) {
    const damaged = good.slice()
    damaged[at] = (damaged[at] ?? 0) ^ 0x55
    isTyped(damaged)
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), isTyped), {
    numRuns: 5000,
    seed: 20261110,
  })
})

function gauge(name: string, point: object): object {
  return { name, gauge: { dataPoints: [point] } }
}

function bodyOf(attributes: Record<string, string>, metrics: readonly object[]) {
  const pairs = Object.entries(attributes).map(([key, stringValue]) => ({
    key,
    value: { stringValue },
  }))
  return {
    resourceMetrics: [{ resource: { attributes: pairs }, scopeMetrics: [{ metrics }] }],
  }
}
