import { describe, expect, test } from 'vitest'
import { MAX_COLLECTIONS_PER_BODY, MAX_MEMBER_COUNT } from './limits.ts'
import { decodeTracesProtobuf, TracesDecoder } from './traces-decoder.ts'

/** Writing by hand what no library writes. */
const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
const field = (number: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(content.length)]), content])
const text = (value: string): Buffer => Buffer.from(value)

const START = Buffer.from([0x39, 1, 0, 0, 0, 0, 0, 0, 0])
const spanOf = (...parts: Uint8Array[]): Buffer =>
  Buffer.concat([field(1, Buffer.alloc(16, 1)), field(2, Buffer.alloc(8, 2)), START, ...parts])
const bodyOf = (...spans: Uint8Array[]): Buffer =>
  field(1, field(2, Buffer.concat(spans.map((span) => field(2, span)))))
const attribute = (key: string, value: Uint8Array): Buffer =>
  field(9, Buffer.concat([field(1, text(key)), field(2, value)]))

describe('a value in many parts', () => {
  const LIST = 5
  const MAP = 6
  const listItem = (index: number) => field(1, field(1, text(`v${index}`)))
  const mapItem = (index: number) =>
    field(1, Buffer.concat([field(1, text(`k${index}`)), field(2, field(1, text(`v${index}`)))]))

  // Anew for each part it would take minutes.
  test.each([
    ['list', LIST, listItem],
    ['map', MAP, mapItem],
  ])(
    'is one %s',
    (_name, number, item) => {
      const indexes = Array.from({ length: MAX_MEMBER_COUNT }, (_, index) => index)
      const parts = indexes.map((index) => field(number, item(index)))
      const empty = Buffer.alloc(2 ** 20, field(number, Buffer.alloc(0)))
      const value = Buffer.concat([...parts, empty, field(number, item(7))])
      const inParts = decodeTracesProtobuf(bodyOf(spanOf(attribute('a', value))))
      const atOnce = field(number, Buffer.concat(indexes.map(item)))
      const whole = decodeTracesProtobuf(bodyOf(spanOf(attribute('a', atOnce))))
      expect(inParts.spans[0]?.attributes.get('a')).toEqual(whole.spans[0]?.attributes.get('a'))
      expect(inParts.clipped).toEqual({ attribute_member_count: 1 })
    },
    30_000,
  )

  test('that change their kind, of which the last counts', () => {
    const value = Buffer.concat([
      field(LIST, listItem(1)),
      field(MAP, mapItem(2)),
      field(LIST, listItem(3)),
    ])
    const { spans } = decodeTracesProtobuf(bodyOf(spanOf(attribute('a', value))))
    expect(spans[0]?.attributes.get('a')).toEqual(['v3'])
  })
})

test('lists and maps beyond a number are left out of a body and counted, and of the next one they are not', () => {
  const emptyMap = field(1, field(6, Buffer.alloc(0)))
  const list = field(5, Buffer.concat(Array.from({ length: MAX_MEMBER_COUNT }, () => emptyMap)))
  const list100 = Array.from({ length: 100 }, (_, index) => attribute(`a${index}`, list))
  const perSpan = 100 * (1 + MAX_MEMBER_COUNT)
  const spanCount = Math.ceil(MAX_COLLECTIONS_PER_BODY / perSpan)
  const body = bodyOf(...Array.from({ length: spanCount }, () => spanOf(...list100)))
  const decoder = new TracesDecoder()
  const read = decoder.protobuf(body)
  expect(read.spans).toHaveLength(spanCount)
  // Of the list in which it happens its maps are left out, of others the list.
  const madeCount = Math.floor(MAX_COLLECTIONS_PER_BODY / (1 + MAX_MEMBER_COUNT))
  const mapCount = (MAX_COLLECTIONS_PER_BODY % (1 + MAX_MEMBER_COUNT)) - 1
  expect(read.clipped).toEqual({
    attribute_collection_count: 100 * spanCount - madeCount - 1 + MAX_MEMBER_COUNT - mapCount,
  })
  expect(decoder.protobuf(bodyOf(spanOf(...list100))).clipped).toEqual({})
})

test('an id of millions of bytes is refused with its length', () => {
  const long = Buffer.alloc(2 ** 24, 0xab)
  const { rejected } = decodeTracesProtobuf(bodyOf(Buffer.concat([field(1, long), START])))
  expect(rejected).toEqual([
    {
      at: 'resourceSpans[0].scopeSpans[0].spans[0].traceId',
      reason: `expected 16 bytes that are not all zero, found "${'ab'.repeat(20)}…" (${2 ** 25} digits)`,
    },
  ])
})

test('spans that are alike, bad, and never the same twice are refused as if each were the first', () => {
  const badSpans = Array.from({ length: 9 }, (_, kind) =>
    Buffer.concat([
      field(1, Buffer.alloc(16, 1)),
      field(2, Buffer.alloc(8)),
      START,
      ...Array.from({ length: 80 }, (_, at) =>
        attribute(`key.${String(at).padStart(3, '0')}`, field(1, text(`${(kind + at) % 9}v`))),
      ),
    ]),
  )
  const good = spanOf(attribute('k', field(1, text('v'))))
  const count = 20_000
  const bad = Array.from({ length: count }, (_, index) => badSpans[index % 9] ?? good)
  const body = bodyOf(good, good, ...bad, good)
  const { spans, rejectedCount } = new TracesDecoder().protobuf(body)
  expect(spans).toHaveLength(3)
  expect(rejectedCount).toBe(count)
})

test('spans whose lengths are written longer than they are teach nothing about what stands before others', () => {
  const span = (index: number): Buffer =>
    Buffer.concat([
      field(1, Buffer.alloc(16, index)),
      field(2, Buffer.alloc(8, index)),
      Buffer.from([0x39, index, 0, 0, 0, 0, 0, 0, 0]),
      field(5, text('abc')),
    ])
  const scope = (content: Uint8Array): Buffer => field(1, field(2, content))
  const overlong = (content: Buffer): Buffer =>
    Buffer.concat([Buffer.from([0x12, content.length | 0x80, 0]), content])
  const decoder = new TracesDecoder()
  decoder.protobuf(scope(Buffer.concat([1, 2, 3, 4, 5, 6].map((index) => overlong(span(index))))))
  // Field 21, of nothing, whose bytes are those of such a length; then, as fields of the scope, what reads as a span's content.
  const content = Buffer.concat([
    Buffer.from([0xaa, 0]),
    field(1, Buffer.from([1, 1, 1, 1, 1, 1, 1, 1, 1, 0x1a, 5, 1, 1, 1, 1, 1])),
    field(2, Buffer.from([0x7a, 6, 0x12, 4, 1, 1, 1, 1])),
    Buffer.from([0x39, 9, 0, 0, 0, 0, 0, 0, 0]),
    field(5, text('abc')),
  ])
  expect(decoder.protobuf(scope(content))).toEqual(decodeTracesProtobuf(scope(content)))
})
