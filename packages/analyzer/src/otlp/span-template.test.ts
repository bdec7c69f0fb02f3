import fc from 'fast-check'
import { expect, test } from 'vitest'
import { generatedRequest, withBase64Ids } from './generated-request.ts'
import { encodeRequest } from './otlp-proto.ts'
import type { DecodedSpans } from './span-record.ts'
import { decodeTracesProtobuf, TracesDecoder } from './traces-decoder.ts'

function plainResult(read: () => DecodedSpans): unknown {
  try {
    const { spans, ...losses } = read()
    return {
      spans: spans.map((span) => ({ ...span, attributes: [...span.attributes] })),
      ...losses,
    }
  } catch (error) {
    return error
  }
}

/** Reads a body after those before, and anew. */
function expectEqual(decoder: TracesDecoder, bytes: Uint8Array): void {
  expect(plainResult(() => decoder.protobuf(bytes))).toEqual(
    plainResult(() => decodeTracesProtobuf(bytes)),
  )
}

const requests = generatedRequest.map(withBase64Ids)
const changed = fc.array(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), {
  minLength: 4,
  maxLength: 8,
})

test('a span whose like was read before is read as if it were the first, whatever bytes differ', () => {
  fc.assert(
    fc.property(requests, changed, fc.nat(3), (request, changes, offset) => {
      const decoder = new TracesDecoder()
      const body = encodeRequest('Trace', request)
      for (let times = 0; times < 3; times++) expectEqual(decoder, body)
      for (const list of changes) {
        // Bodies begin anywhere in memory.
        const bytes = new Uint8Array(body.length + offset).subarray(offset)
        bytes.set(body)
        for (const [at, value] of list) bytes[at % bytes.length] = value
        expectEqual(decoder, bytes)
      }
    }),
    { numRuns: 400, seed: 20261126 },
  )
})

const spanOf = (index: number, list: readonly object[], own: object = {}) => ({
  traceId: Buffer.alloc(16, index + 1).toString('base64'),
  spanId: Buffer.alloc(8, index + 1).toString('base64'),
  name: 'a span',
  startTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(index)),
  endTimeUnixNano: String(1_700_000_000_000_000_100n + BigInt(index)),
  attributes: list,
  ...own,
})
const bodyOf = (...spans: readonly object[]) =>
  encodeRequest('Trace', { resourceSpans: [{ scopeSpans: [{ spans }] }] })
const attribute = (key: string, value: object) => ({ key, value })

/** What follows two spans that were alike, so that their template is known. */
const values: readonly [string, object, object][] = [
  ['a text', { stringValue: 'charge' }, { stringValue: 'notify' }],
  ['a long text', { stringValue: 'x'.repeat(300) }, { stringValue: 'y'.repeat(300) }],
  ['a text with a character of two bytes', { stringValue: 'aé' }, { stringValue: 'éa' }],
  ['a double', { doubleValue: 0.25 }, { doubleValue: -0 }],
  ['a small integer', { intValue: 300 }, { intValue: 16_383 }],
  ['a large integer', { intValue: -1 }, { intValue: '-9007199254740993' }],
  ['a boolean', { boolValue: true }, { boolValue: false }],
]

test.each(values)('%s that turns out to be another one', (_, first, second) => {
  const decoder = new TracesDecoder()
  const at = (index: number, value: object) => spanOf(index, [attribute('k', value)])
  const alike = [0, 1, 2, 3].map((index) => at(index, first))
  const mixed = [4, 5, 6, 7].map((index) => at(index, index % 2 === 0 ? second : first))
  for (const body of [bodyOf(...alike), bodyOf(...mixed), bodyOf(...mixed, ...alike)])
    expectEqual(decoder, body)
})

test('spans that are alike but for names, links, or a parent without digits', () => {
  const decoder = new TracesDecoder()
  const link = { traceId: Buffer.alloc(16, 7).toString('base64'), spanId: '' }
  const owns = [
    { name: 'b span' },
    { links: [link] },
    { parentSpanId: Buffer.alloc(8).toString('base64') },
    { parentSpanId: Buffer.alloc(8, 9).toString('base64'), status: { code: 2 } },
    { name: 'x'.repeat(1500) },
  ]
  for (let times = 0; times < 4; times++)
    expectEqual(
      decoder,
      bodyOf(...owns.flatMap((own, index) => [spanOf(index, []), spanOf(index, [], own)])),
    )
})

test.each([
  ['a span id that is one byte short', { spanId: Buffer.alloc(7, 7).toString('base64') }],
  ['a trace id that is one byte short', { traceId: Buffer.alloc(15, 7).toString('base64') }],
  ['a parent that is one byte short', { parentSpanId: Buffer.alloc(7, 7).toString('base64') }],
])('%s, in spans that are alike', (_, own) => {
  const decoder = new TracesDecoder()
  const body = bodyOf(...[0, 1, 2, 3].map((index) => spanOf(index, [], own)))
  for (let times = 0; times < 3; times++) expectEqual(decoder, body)
})

test('ids that are too long, in spans that are alike', () => {
  const decoder = new TracesDecoder()
  const bodyOfIds = (id: string) => {
    const list = [attribute('qflow.execution.id', { stringValue: id })]
    return bodyOf(...[0, 1, 2, 3].map((index) => spanOf(index, list)))
  }
  // 768 bytes each: of 256 characters and of more.
  for (let times = 0; times < 3; times++) {
    expectEqual(decoder, bodyOfIds('€'.repeat(256)))
    expectEqual(decoder, bodyOfIds('x'.repeat(768)))
  }
  expect(decoder.protobuf(bodyOfIds('x'.repeat(768))).rejectedCount).toBe(4)
})

test('spans that are alike share their attributes', () => {
  const decoder = new TracesDecoder()
  const list = [attribute('k', { stringValue: 'v' })]
  const spans = [0, 1, 2, 3].map((index) => spanOf(index, list))
  decoder.protobuf(bodyOf(...spans))
  const lists = new Set(
    decoder.protobuf(bodyOf(...spans)).spans.map(({ attributes }) => attributes),
  )
  expect(lists.size).toBe(1)
})

test('kinds of spans beyond the first are learnt as reading pays for it, and nothing is read otherwise meanwhile', () => {
  const decoder = new TracesDecoder()
  // Of as many lengths; twice each, since a kind is learnt when it comes again.
  const kinds = Array.from({ length: 100 }, (_, kind) =>
    attribute('k'.repeat(kind + 1), { intValue: 7 }),
  )
  const body = bodyOf(...kinds.flatMap((one, kind) => [spanOf(kind, [one]), spanOf(kind, [one])]))
  const sharedCount = () => {
    const lists = decoder.protobuf(body).spans.map(({ attributes }) => attributes)
    return lists.filter((list, index) => index % 2 === 1 && list === lists[index - 1]).length
  }
  sharedCount()
  const firstCount = sharedCount()
  expect(firstCount).toBeGreaterThanOrEqual(64)
  expect(firstCount).toBeLessThan(80)
  for (let times = 0; times < 8; times++) expectEqual(decoder, body)
  expect(sharedCount()).toBe(100)
})

test('kinds of one length that push each other out are read as ever', () => {
  const decoder = new TracesDecoder()
  const kinds = Array.from({ length: 20 }, (_, kind) => `key ${String(kind).padStart(2, '0')}`)
  const spans = kinds.flatMap((key, kind) =>
    [0, 1].map((index) => spanOf(kind, [attribute(key, { stringValue: `value ${index}` })])),
  )
  for (let times = 0; times < 4; times++) expectEqual(decoder, bodyOf(...spans))
})
