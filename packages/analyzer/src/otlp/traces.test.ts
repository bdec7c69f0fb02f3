import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OtlpDecodeError } from './decode-error.ts'
import { generatedRequest, hexToBase64, withBase64Ids } from './generated-request.ts'
import { MAX_ATTRIBUTE_COUNT, MAX_VALUE_DEPTH, MAX_VALUE_LENGTH } from './limits.ts'
import { decodeRequest, encodeRequest } from './otlp-proto.ts'
import type { SpanRecord } from './span-record.ts'
import { decodeTracesJson, decodeTracesProtobuf, TracesDecoder } from './traces-decoder.ts'
import { WireError } from './wire.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'

const jsonSpan = {
  traceId: TRACE_ID.toUpperCase(),
  spanId: SPAN_ID,
  parentSpanId: '00f067aa0ba902b7',
  name: 'chargé',
  kind: 3,
  startTimeUnixNano: '1700000000000000001',
  endTimeUnixNano: '1700000000000000500',
  attributes: [
    { key: '__proto__', value: { stringValue: 'data' } },
    { key: 'big', value: { intValue: '9223372036854775807' } },
    { key: 'small', value: { intValue: 7 } },
    { key: 'none', value: {} },
    { key: 'list', value: { arrayValue: { values: [{ boolValue: true }, {}] } } },
    {
      key: 'map',
      value: { kvlistValue: { values: [{ key: 'a', value: { doubleValue: 0.5 } }] } },
    },
    { key: 'bytes', value: { bytesValue: 'AQI=' } },
  ],
  links: [{ traceId: TRACE_ID, spanId: SPAN_ID }],
  status: { code: 2, message: 'not read' },
  unknownField: { nested: [1] },
}

const request = (span: object, resource: object = {}) => ({
  resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }],
})

const shop = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }

const protobufSpan = {
  ...jsonSpan,
  traceId: hexToBase64(TRACE_ID),
  spanId: hexToBase64(SPAN_ID),
  parentSpanId: hexToBase64('00f067aa0ba902b7'),
  links: [{ traceId: hexToBase64(TRACE_ID), spanId: hexToBase64(SPAN_ID) }],
}

const expected = {
  traceId: TRACE_ID,
  spanId: SPAN_ID,
  parentSpanId: '00f067aa0ba902b7',
  traceState: '',
  name: 'chargé',
  kind: 'client',
  startUnixNs: 1700000000000000001n,
  endUnixNs: 1700000000000000500n,
  attributes: new Map<string, unknown>([
    ['__proto__', 'data'],
    ['big', 9223372036854775807n],
    ['small', 7],
    ['list', [true, undefined]],
    ['map', new Map([['a', 0.5]])],
    ['bytes', 'AQI='],
  ]),
  links: [{ traceId: TRACE_ID, spanId: SPAN_ID }],
  status: 'error',
  resource: { serviceName: 'shop', attributes: new Map([['service.name', 'shop']]) },
}

describe('one span', () => {
  test('from JSON', () => {
    const { spans, ...losses } = decodeTracesJson(request(jsonSpan, shop))
    expect(withMaps(spans)).toEqual([expected])
    expect(losses).toEqual({ rejected: [], rejectedCount: 0, clipped: {} })
  })

  test('from protobuf', () => {
    const bytes = encodeRequest('Trace', request(protobufSpan, shop))
    expect(withMaps(decodeTracesProtobuf(bytes).spans)).toEqual([expected])
  })

  test('from protobuf whose resource stands behind its spans, with unknown fields and a group', () => {
    const bytes = encodeRequest('Trace', request(protobufSpan, shop))
    const [tag, ...rest] = bytes
    const inner = bytes.subarray(1 + varintLength(rest))
    const cut = 2 + (inner[1] ?? 0)
    const moved = [...inner.subarray(cut), ...inner.subarray(0, cut)]
    const group = [0xa3, 0x06, 0x08, 0x01, 0xa4, 0x06]
    const body = [...group, ...moved, 0x98, 0x06, 0x05]
    const whole = Uint8Array.from([tag ?? 0, ...varint(body.length), ...body])
    expect(withMaps(decodeTracesProtobuf(whole).spans)).toEqual([expected])
  })
})

test('JSON and protobuf say the same of every request', () => {
  fc.assert(
    fc.property(generatedRequest, (generated) => {
      const bytes = encodeRequest('Trace', withBase64Ids(generated))
      expect(decodeTracesProtobuf(bytes)).toEqual(decodeTracesJson(generated))
    }),
    { numRuns: 2000, seed: 20261105 },
  )
})

test('every span that protobufjs finds is found or refused', () => {
  fc.assert(
    fc.property(generatedRequest, (generated) => {
      const bytes = encodeRequest('Trace', withBase64Ids(generated))
      const found = spansOf(decodeRequest('Trace', bytes))
      const { spans, rejectedCount } = decodeTracesProtobuf(bytes)
      expect(spans.length + rejectedCount).toBe(found.length)
      const names = new Set(found.map((span) => span['name'] ?? ''))
      expect(spans.every((span) => names.has(span.name))).toBe(true)
    }),
    { numRuns: 500, seed: 20261106 },
  )
})

const withText = (key: string, length: number) => ({
  attributes: [{ key, value: { stringValue: 'x'.repeat(length) } }],
})

test('ids are up to 256 characters long, other attributes longer', () => {
  const changes = [withText('qflow.execution.id', 256), withText('a', 257)]
  const spans = changes.map((change) => ({ ...jsonSpan, ...change }))
  expect(decodeTracesJson({ resourceSpans: [{ scopeSpans: [{ spans }] }] }).spans).toHaveLength(2)
})

describe('a bad span is refused with its place, the rest is kept', () => {
  test.each([
    ['traceId', { traceId: 'ab' }],
    ['traceId', { traceId: '0'.repeat(32) }],
    ['traceId', { traceId: 7 }],
    ['spanId', { spanId: '' }],
    ['parentSpanId', { parentSpanId: 'ff' }],
    ['startTimeUnixNano', { startTimeUnixNano: undefined }],
    ['startTimeUnixNano', { startTimeUnixNano: '1e9' }],
    ['startTimeUnixNano', { startTimeUnixNano: -1 }],
    ['name', { name: {} }],
    ['kind', { kind: 'CLIENT' }],
    ['attributes', { attributes: {} }],
    ['attributes[0].value.intValue', { attributes: [{ key: 'a', value: { intValue: '1.5' } }] }],
    ['attributes.qflow.execution.id', withText('qflow.execution.id', 257)],
    ['attributes.qflow.flow.id', withText('qflow.flow.id', 257)],
    ['attributes.qflow.step.id', withText('qflow.step.id', 20_000)],
    ['links[0]', { links: [3] }],
    ['status', { status: 'OK' }],
  ])('%s %j', (field, change) => {
    const { spans, rejected, rejectedCount } = decodeTracesJson({
      resourceSpans: [{ scopeSpans: [{ spans: [{ ...jsonSpan, ...change }, jsonSpan] }] }],
    })
    expect(spans).toHaveLength(1)
    expect(rejectedCount).toBe(1)
    expect(rejected[0]?.at).toBe(`resourceSpans[0].scopeSpans[0].spans[0].${field}`)
    expect(rejected[0]?.reason).toMatch(/^expected .*, found /)
  })

  test('end before start, and no end, are kept', () => {
    const { spans } = decodeTracesJson(request({ ...jsonSpan, endTimeUnixNano: '5' }))
    expect(spans[0]?.endUnixNs).toBe(5n)
    expect(decodeTracesJson(request({ ...jsonSpan, endTimeUnixNano: null })).spans).toHaveLength(1)
  })
})

test.each([
  [7, ''],
  [{ resourceSpans: 'x' }, 'resourceSpans'],
  [{ resourceSpans: [7] }, 'resourceSpans[0]'],
  [{ resourceSpans: [{ scopeSpans: {} }] }, 'resourceSpans[0].scopeSpans'],
  [{ resourceSpans: [{ resource: [] }] }, 'resourceSpans[0].resource'],
])('a body of the wrong shape %j is an error with its path', (body, at) => {
  expect(() => decodeTracesJson(body)).toThrow(OtlpDecodeError)
  try {
    decodeTracesJson(body)
  } catch (error) {
    expect((error as OtlpDecodeError).at).toBe(at)
  }
})

test('what is too long, too many or too deep is clipped and counted', () => {
  let deep: object = { stringValue: 'end' }
  for (let level = 0; level < MAX_VALUE_DEPTH + 2; level++)
    deep = { arrayValue: { values: [deep] } }
  const attributes = [
    { key: 'deep', value: deep },
    { key: 'long', value: { stringValue: 'x'.repeat(MAX_VALUE_LENGTH + 1) } },
    ...Array.from({ length: MAX_ATTRIBUTE_COUNT + 3 }, (_, index) => ({
      key: `k${index}`,
      value: { intValue: 1 },
    })),
  ]
  const fromJson = decodeTracesJson(request({ ...jsonSpan, attributes, name: '😀'.repeat(600) }))
  const bytes = encodeRequest(
    'Trace',
    request({ ...protobufSpan, attributes, name: '😀'.repeat(600) }),
  )
  expect(decodeTracesProtobuf(bytes)).toEqual(fromJson)
  expect(fromJson.clipped).toEqual({
    attribute_depth: 1,
    attribute_value_length: 1,
    attribute_count: 5,
    name_length: 1,
  })
  expect(fromJson.spans[0]?.attributes.size).toBe(MAX_ATTRIBUTE_COUNT)
  expect(fromJson.spans[0]?.name.length).toBe(1024)
})

test('truncated at every byte: an error with the place, or fewer spans, never anything else', () => {
  const decoder = new TracesDecoder()
  const bytes = encodeRequest('Trace', request(protobufSpan, shop))
  for (let length = 0; length < bytes.length; length++)
    expectTypedErrorsOnly(() => decoder.protobuf(bytes.subarray(0, length)))
  expect(() => decoder.protobuf(bytes.subarray(0, -1))).toThrow(
    /expected \d+ more bytes, found \d+ at byte/,
  )
})

test('random and scrambled bytes give typed errors only, and never read out of bounds', () => {
  const decoder = new TracesDecoder()
  const bytes = encodeRequest('Trace', request(protobufSpan, shop))
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (random) =>
      expectTypedErrorsOnly(() => decoder.protobuf(random)),
    ),
    { numRuns: 20_000, seed: 20261107 },
  )
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
      const scrambled = Uint8Array.from(bytes)
      scrambled[at] = value
      expectTypedErrorsOnly(() => decoder.protobuf(scrambled))
    }),
    { numRuns: 20_000, seed: 20261108 },
  )
})

test('any JSON value gives spans or a typed error', () => {
  const shapes = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'medium' },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('any'), { maxLength: 2 }),
      fc.dictionary(
        fc.constantFrom('resourceSpans', 'scopeSpans', 'spans', 'resource', 'attributes', 'value'),
        tie('any'),
        { maxKeys: 3 },
      ),
    ),
  })).any
  fc.assert(
    fc.property(shapes, (value) => expectTypedErrorsOnly(() => decodeTracesJson(value))),
    { numRuns: 5000, seed: 20261109 },
  )
})

test('a view into a larger buffer is read from its own start', () => {
  const bytes = encodeRequest('Trace', request(protobufSpan, shop))
  const padded = new Uint8Array(bytes.length + 20).fill(0xff)
  padded.set(bytes, 10)
  const view = padded.subarray(10, 10 + bytes.length)
  expect(withMaps(decodeTracesProtobuf(view).spans)).toEqual([expected])
})

/** Attributes as plain maps, which a test can write down. */
function withMaps(spans: readonly SpanRecord[]): object[] {
  return spans.map(({ attributes, resource, ...rest }) => ({
    ...rest,
    attributes: new Map(attributes),
    resource: { ...resource, attributes: new Map(resource.attributes) },
  }))
}

function expectTypedErrorsOnly(read: () => unknown): void {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(OtlpDecodeError)
    if (error instanceof WireError) expect(error.offset).toBeGreaterThanOrEqual(0)
  }
}

function spansOf(decoded: Record<string, unknown>): Record<string, unknown>[] {
  const list = (value: unknown, key: string): Record<string, unknown>[] =>
    // protobufjs gives plain objects with arrays for repeated fields.
    ((value as Record<string, unknown>)[key] ?? []) as Record<string, unknown>[]
  return list(decoded, 'resourceSpans')
    .flatMap((block) => list(block, 'scopeSpans'))
    .flatMap((scope) => list(scope, 'spans'))
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x80; left >>>= 7) bytes.push((left & 0x7f) | 0x80)
  return [...bytes, left]
}

function varintLength(bytes: readonly number[]): number {
  return bytes.findIndex((byte) => byte < 0x80) + 1
}

test('bad spans count towards the bound of a body; beyond it they are counted only', () => {
  const count = 150_010
  // One resource block with one scope of empty spans: `12 00` each.
  const spans = new Uint8Array(2 * count).map((_, index) => (index % 2 === 0 ? 0x12 : 0))
  const field = (tag: number, body: Uint8Array) => {
    const length = [body.length & 0x7f, (body.length >> 7) & 0x7f, body.length >> 14]
    return Uint8Array.from([
      tag,
      (length[0] ?? 0) | 0x80,
      (length[1] ?? 0) | 0x80,
      length[2] ?? 0,
      ...body,
    ])
  }
  const body = field(0x0a, field(0x12, spans))
  const json = {
    resourceSpans: [{ scopeSpans: [{ spans: Array.from({ length: count }, () => ({})) }] }],
  }
  for (const decoded of [decodeTracesProtobuf(body), decodeTracesJson(json)]) {
    expect(decoded.rejectedCount).toBe(count)
    expect(decoded.rejected).toHaveLength(101)
    expect(decoded.rejected.at(-1)).toEqual({
      at: 'resourceSpans[0].scopeSpans[0].spans[150000]',
      reason: 'expected at most 150000 spans in one body, found more',
    })
  }
})
