import fc from 'fast-check'
import { expect, test } from 'vitest'
import { generatedRequest, withBase64Ids } from './generated-request.ts'
import { encodeRequest } from './otlp-proto.ts'
import type { DecodedSpans } from './span-record.ts'
import { decodeTracesJson, decodeTracesProtobuf, TracesDecoder } from './traces-decoder.ts'

/** Attributes as entries, since lists of values are equal only to lists of values. */
function plainResult(read: () => DecodedSpans): unknown {
  try {
    const { spans, ...losses } = read()
    const plain = spans.map(({ attributes, resource, ...rest }) => ({
      ...rest,
      attributes: [...attributes],
      resource: { ...resource, attributes: [...resource.attributes] },
    }))
    return { spans: plain, ...losses }
  } catch (error) {
    return error
  }
}

test('a decoder says of every body what a new one says, whatever it read before', () => {
  const decoder = new TracesDecoder()
  const scrambled = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 })
  fc.assert(
    fc.property(generatedRequest, scrambled, (request, changes) => {
      const bytes = encodeRequest('Trace', withBase64Ids(request))
      for (const [at, value] of changes) bytes[at % bytes.length] = value
      expect(plainResult(() => decoder.protobuf(bytes))).toEqual(
        plainResult(() => decodeTracesProtobuf(bytes)),
      )
      expect(plainResult(() => decoder.json(request))).toEqual(
        plainResult(() => decodeTracesJson(request)),
      )
    }),
    { numRuns: 500, seed: 20261128 },
  )
})

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'

/** Spans with the given attributes, in the form that protobufjs encodes. */
const request = (...attributes: readonly object[][]) => ({
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: attributes.map((list, index) => ({
            traceId: Buffer.from(TRACE_ID, 'hex').toString('base64'),
            spanId: Buffer.from([1, 2, 3, 4, 5, 6, 7, index + 1]).toString('base64'),
            name: 'a span',
            startTimeUnixNano: '1700000000000000001',
            attributes: list,
          })),
        },
      ],
    },
  ],
})
const attribute = (key: string, value: object) => ({ key, value })

test('spans of one kind share keys, texts and ids', () => {
  const list = [
    attribute('qflow.step.id', { stringValue: 'charge' }),
    attribute('qflow.step.attempt', { intValue: 300 }),
    attribute('cached', { boolValue: true }),
    attribute('qflow.step.phase.work', { doubleValue: 0.25 }),
  ]
  const decoder = new TracesDecoder()
  const bytes = encodeRequest('Trace', request(list, list))
  const spans = [...decoder.protobuf(bytes).spans, ...decoder.protobuf(bytes).spans]
  for (const { attributes } of spans)
    expect([...attributes]).toEqual([
      ['qflow.step.id', 'charge'],
      ['qflow.step.attempt', 300],
      ['cached', true],
      ['qflow.step.phase.work', 0.25],
    ])
  // Behind the first span, whose keys were not known, there is one shape for all.
  expect(
    new Set(spans.slice(1).map(({ attributes }) => Reflect.get(attributes, 'shape'))).size,
  ).toBe(1)
})

test.each([
  [
    'a key twice: the later counts',
    ['a.key', 'b.key', 'a.key'],
    [
      ['a.key', 2],
      ['b.key', 1],
    ],
  ],
  [
    'keys in another order',
    ['b.key', 'a.key'],
    [
      ['b.key', 0],
      ['a.key', 1],
    ],
  ],
  ['one key less', ['a.key'], [['a.key', 0]]],
  [
    'one key more',
    ['a.key', 'b.key', 'c.key'],
    [
      ['a.key', 0],
      ['b.key', 1],
      ['c.key', 2],
    ],
  ],
  [
    'another key between',
    ['a.key', 'x', 'b.key'],
    [
      ['a.key', 0],
      ['x', 1],
      ['b.key', 2],
    ],
  ],
])('behind spans of other keys: %s', (_, keys, entries) => {
  const known = ['a.key', 'b.key'].map((key) => attribute(key, { intValue: 9 }))
  const list = keys.map((key, index) => attribute(key, { intValue: index }))
  const { spans } = new TracesDecoder().protobuf(
    encodeRequest('Trace', request(known, known, list, list)),
  )
  expect([...(spans[2]?.attributes ?? [])]).toEqual(entries)
  expect([...(spans[3]?.attributes ?? [])]).toEqual(entries)
})

test('a known key without a value is as good as absent', () => {
  const known = [attribute('a.key', { intValue: 1 }), attribute('b.key', { intValue: 2 })]
  const empty = [attribute('a.key', {}), attribute('b.key', { intValue: 2 })]
  const { spans } = new TracesDecoder().protobuf(encodeRequest('Trace', request(known, empty)))
  expect([...(spans[1]?.attributes ?? [])]).toEqual([['b.key', 2]])
})

test.each([0, 1, 127, 128, 16_383, 2 ** 21, 2 ** 28 - 1, 2 ** 28, 2 ** 40, -1])(
  'a whole number %d behind a known key',
  (intValue) => {
    const list = [attribute('a.key', { intValue })]
    const { spans } = new TracesDecoder().protobuf(encodeRequest('Trace', request(list, list)))
    expect(spans.map(({ attributes }) => attributes.get('a.key'))).toEqual([intValue, intValue])
  },
)
