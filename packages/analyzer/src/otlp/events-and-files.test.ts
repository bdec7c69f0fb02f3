import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countMetricPoints, countMetricPointsJson } from './count-metric-points.ts'
import { OtlpDecodeError } from './decode-error.ts'
import { detectFormat } from './detect-format.ts'
import { hexToBase64 } from './generated-request.ts'
import { decodeJaegerJson } from './jaeger-json.ts'
import { decodeLogsJson } from './logs-json.ts'
import { decodeLogsProtobuf } from './logs-protobuf.ts'
import { encodeRequest } from './otlp-proto.ts'
import { createLineReader, readTraces } from './read-traces.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const text = (value: string | object): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })

const graph = JSON.stringify([
  { id: 'a', type: 'task', action: 'http', onSuccess: 'g', params: { secret: 1 } },
  { id: 'g', type: 'parallel', action: '', steps: ['b', { id: 'c' }] },
])

const started = {
  timeUnixNano: '1700000000000000000',
  traceId: TRACE_ID,
  eventName: 'qflow.execution.started',
  attributes: [attribute('qflow.execution.id', 'e1'), attribute('qflow.flow.id', 'f')],
}
const defined = {
  observedTimeUnixNano: '5',
  eventName: 'qflow.flow.defined',
  attributes: [
    attribute('qflow.flow.id', 'f'),
    attribute('qflow.flow.version', '2'),
    attribute('qflow.flow.sha256', 'abc'),
    attribute('qflow.flow.graph', graph),
  ],
}
const other = { eventName: 'app.started', body: { stringValue: 'not read' }, traceId: 'short' }
const logs = (...logRecords: object[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })

const expectedEvents = {
  logRecordCount: 3,
  flows: [
    {
      flowId: 'f',
      version: '2',
      sha256: 'abc',
      steps: [
        { id: 'a', type: 'task', action: 'http', onSuccess: 'g' },
        { id: 'g', type: 'parallel', action: '', steps: ['b', 'c'] },
      ],
    },
  ],
  started: [
    {
      executionId: 'e1',
      flowId: 'f',
      flowVersion: undefined,
      traceId: TRACE_ID,
      startUnixNs: 1700000000000000000n,
    },
  ],
  rejected: [],
  rejectedCount: 0,
  clipped: {},
}

describe('logs', () => {
  test('our two events, everything else counted', () => {
    expect(decodeLogsJson(logs(started, defined, other))).toEqual(expectedEvents)
    const bytes = encodeRequest(
      'Logs',
      logs({ ...started, traceId: hexToBase64(TRACE_ID) }, defined, { ...other, traceId: '' }),
    )
    expect(decodeLogsProtobuf(bytes)).toEqual(expectedEvents)
  })

  test.each([
    [{ ...started, traceId: undefined }, 'traceId'],
    [{ ...started, attributes: [] }, 'attributes.qflow.execution.id'],
    [{ ...started, timeUnixNano: 'soon' }, 'timeUnixNano'],
    [
      { ...defined, attributes: [attribute('qflow.flow.graph', '[')] },
      'attributes.qflow.flow.graph',
    ],
    [
      {
        ...defined,
        attributes: [attribute('qflow.flow.graph', '[{}]'), ...defined.attributes.slice(0, 1)],
      },
      'attributes.qflow.flow.graph[0].id',
    ],
  ])('a bad event is refused with its place', (record, at) => {
    const decoded = decodeLogsJson(logs(record, started))
    expect(decoded.started).toHaveLength(1)
    expect(decoded.rejected[0]?.at).toBe(`resourceLogs[0].scopeLogs[0].logRecords[0].${at}`)
  })

  test('random bytes give typed errors only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        for (const read of [decodeLogsProtobuf, countMetricPoints])
          try {
            read(bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(OtlpDecodeError)
          }
      }),
      { numRuns: 5000, seed: 20261110 },
    )
  })
})

test('metric points are counted over all kinds', () => {
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
  expect(countMetricPointsJson(body)).toBe(15)
  expect(countMetricPoints(encodeRequest('Metrics', body))).toBe(15)
})

const jaeger = {
  data: [
    {
      traceID: 'cd43dd8448eb211c',
      spans: [
        {
          traceID: 'cd43dd8448eb211c',
          spanID: '1a2b',
          operationName: 'GET /orders',
          references: [
            { refType: 'FOLLOWS_FROM', traceID: 'cd43dd8448eb211c', spanID: 'ff' },
            { refType: 'CHILD_OF', traceID: 'cd43dd8448eb211c', spanID: 'fe' },
          ],
          startTime: 1700000000000001,
          duration: 250,
          tags: [
            { key: 'span.kind', type: 'string', value: 'server' },
            { key: 'error', type: 'bool', value: true },
            { key: 'count', type: 'int64', value: '9007199254740993' },
            { key: 'ratio', type: 'float64', value: 0.5 },
          ],
          processID: 'p1',
        },
        { traceID: 'cd43dd8448eb211c', spanID: 'zz', startTime: 1, duration: 1 },
        { traceID: 'cd43dd8448eb211c', spanID: '3', startTime: 'now', duration: 1 },
      ],
      processes: {
        p1: { serviceName: 'shop', tags: [{ key: 'host', type: 'string', value: 'h' }] },
      },
    },
  ],
}

test('Jaeger JSON', () => {
  const { spans, rejected } = decodeJaegerJson(jaeger)
  expect(spans).toEqual([
    {
      traceId: '0000000000000000cd43dd8448eb211c',
      spanId: '0000000000001a2b',
      parentSpanId: '00000000000000fe',
      traceState: '',
      name: 'GET /orders',
      kind: 'server',
      startUnixNs: 1700000000000001000n,
      endUnixNs: 1700000000000251000n,
      attributes: new Map<string, unknown>([
        ['error', true],
        ['count', 9007199254740993n],
        ['ratio', 0.5],
      ]),
      links: [{ traceId: '0000000000000000cd43dd8448eb211c', spanId: '00000000000000ff' }],
      status: 'error',
      resource: {
        serviceName: 'shop',
        attributes: new Map([
          ['host', 'h'],
          ['service.name', 'shop'],
        ]),
      },
    },
  ])
  expect(rejected.map(({ at }) => at)).toEqual([
    'data[0].spans[1].spanId',
    'data[0].spans[2].startTime',
  ])
  expect(() => decodeJaegerJson({ data: {} })).toThrow('expected an array, found an object at data')
})

const span = {
  traceId: TRACE_ID,
  spanId: 'b7ad6b7169203331',
  name: 's',
  startTimeUnixNano: '1700000000000000001',
  endTimeUnixNano: '1700000000000000002',
}
const traces = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }
const metrics = {
  resourceMetrics: [{ scopeMetrics: [{ metrics: [{ sum: { dataPoints: [{}] } }] }] }],
}
const protobufTraces = encodeRequest('Trace', {
  resourceSpans: [
    {
      resource: { attributes: [attribute('service.name', 'shop')] },
      scopeSpans: [
        {
          spans: [
            { ...span, traceId: hexToBase64(TRACE_ID), spanId: hexToBase64('b7ad6b7169203331') },
          ],
        },
      ],
    },
  ],
})
const lines = [traces, logs(started), metrics, traces]
  .map((line) => JSON.stringify(line))
  .join('\n')

describe('files', () => {
  test.each([
    ['otlp-json', text(traces)],
    ['otlp-json', text(JSON.stringify(traces, undefined, 2))],
    ['otlp-json', text(`\uFEFF\n ${JSON.stringify(traces)}\n`)],
    ['json-lines', text(lines)],
    ['json-lines', text(`${JSON.stringify({ resourceSpans: [], pad: 'x'.repeat(70_000) })}\n`)],
    ['otlp-protobuf', protobufTraces],
    ['jaeger-json', text(jaeger)],
    ['jaeger-json', text(JSON.stringify(jaeger, undefined, 2))],
    ['gzip', Uint8Array.from([0x1f, 0x8b, 8, 0])],
    ['unknown', text('')],
    ['unknown', text('{"name": "not-a-trace", "version": "1.0.0"}')],
    ['unknown', text('# A README\n')],
    ['unknown', Uint8Array.from([0x89, 0x50, 0x4e, 0x47])],
  ] as const)('%s is told by its first bytes', (format, bytes) => {
    expect(detectFormat(bytes)).toBe(format)
  })

  test.each([
    ['otlp-json', text(traces), 1],
    ['json-lines', text(lines), 2],
    ['otlp-protobuf', protobufTraces, 1],
    ['jaeger-json', text(jaeger), 1],
  ])('%s is read whole', (format, bytes, spanCount) => {
    const read = readTraces(bytes)
    expect(read.format).toBe(format)
    expect(read.spans).toHaveLength(spanCount)
  })

  test.each([
    [text('{"name": 1}'), /expected OTLP .* found something else at byte 0/],
    [Uint8Array.from([0x1f, 0x8b]), /found gzip/],
    [protobufTraces.subarray(0, -3), /at byte \d+/],
    [text('{\n"resourceSpans": [}'), /expected JSON/],
  ])('what cannot be read says why', (bytes, message) => {
    expect(() => readTraces(bytes)).toThrow(message)
    expect(() => readTraces(bytes)).toThrow(OtlpDecodeError)
  })

  test('lines may be cut into chunks anywhere', () => {
    const bytes = text(lines)
    const whole = readTraces(bytes)
    expect(whole).toMatchObject({ logRecordCount: 1, metricPointCount: 1, rejectedCount: 0 })
    expect(whole.started).toHaveLength(1)
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
        const bounds = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        const reader = createLineReader()
        const reads = bounds.slice(1).map((end, at) => reader.push(bytes.subarray(bounds[at], end)))
        expect([...reads, reader.end()].flatMap((read) => read.spans)).toEqual(whole.spans)
      }),
      { numRuns: 200, seed: 20261111 },
    )
  })

  test('a bad line is refused with its number and costs no other line', () => {
    const bad = [
      JSON.stringify(traces),
      '{"resourceSpans": [',
      '',
      '[]',
      'x'.repeat(500),
      '{"a":1}',
    ]
    const reader = createLineReader(400)
    const first = reader.push(text(`${bad.join('\n')}\n${JSON.stringify(traces)}`))
    const last = reader.end()
    expect(first.spans.length + last.spans.length).toBe(2)
    expect(first.rejected.map(({ at }) => at)).toEqual(['line 2', 'line 4', 'line 5', 'line 6'])
    expect(first.rejected[2]?.reason).toBe('expected at most 400 bytes, found more')
  })
})
