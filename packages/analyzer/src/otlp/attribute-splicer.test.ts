import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AttributeSplicer } from './attribute-splicer.ts'
import { encodeAttributes } from './encode-attributes.ts'
import { generatedRequest, withBase64Ids } from './generated-request.ts'
import { decodeRequest, encodeRequest } from './otlp-proto.ts'
import type { AttributeValue } from './span-record.ts'
import { TracesDecoder } from './traces-decoder.ts'
import { WireError } from './wire.ts'

const splicer = new AttributeSplicer()

/** Tag, length, content: one field. The length takes `width` bytes where that is more than it needs. */
function field(tag: number, content: readonly number[], width = 1): number[] {
  const length: number[] = []
  for (let left = content.length; left > 0 || length.length < width; left >>>= 7)
    length.push((left & 0x7f) | 0x80)
  length.push((length.pop() ?? 0) & 0x7f)
  return [tag, ...length, ...content]
}

interface Part {
  /** Bytes of a span, or of a field that nobody knows. */
  readonly span?: readonly number[]
  readonly other?: readonly number[]
  readonly width: number
}

/** A body of blocks of scopes of parts, the spans with their additions. */
function bodyOf(
  blocks: readonly (readonly (readonly Part[])[])[],
  additions: readonly (readonly number[])[] = [],
): Uint8Array {
  let index = 0
  const part = ({ span, other = [], width }: Part) =>
    span === undefined ? other : field(0x12, [...span, ...(additions[index++] ?? [])], width)
  return Uint8Array.from(
    blocks.flatMap((scopes) =>
      field(0x0a, [
        ...scopes.flatMap((parts) => field(0x12, parts.flatMap(part))),
        ...UNKNOWN_VARINT,
      ]),
    ),
  )
}

const UNKNOWN_VARINT = [0x18, 0x09]
const UNKNOWN_GROUP = [0xa3, 0x06, 0x12, 0x01, 0x77, 0xa4, 0x06]

describe('bytes', () => {
  const scopes = [
    [
      { span: [0x0a, 0x02, 0xaa, 0xbb], width: 1 },
      { other: UNKNOWN_GROUP, width: 1 },
      { span: [], width: 1 },
    ],
    [{ span: [0x08, 0x01], width: 3 }],
  ]

  test.each([
    ['the first span', [[1, 2, 3]]],
    ['an empty span', [[], [1, 2, 3]]],
    ['a span whose length is longer than it must be', [[], [], [1, 2, 3]]],
    ['lengths that need another byte', [new Array(200).fill(7), [], new Array(20_000).fill(8)]],
    ['a result beyond the memory that is kept', [new Array(1_100_000).fill(9)]],
    ['all spans', [[1], [2], [3]]],
  ])('%s: lengths grow, the rest is as it was', (_, additions) => {
    const body = bodyOf([scopes, [], scopes])
    expect(splicer.splice(body, ({ index }) => Uint8Array.from(additions[index] ?? []))).toEqual(
      bodyOf([scopes, [], scopes], additions),
    )
  })

  test('of any structure', () => {
    const bytes = fc.array(fc.nat(255), { maxLength: 150 })
    const part = fc.oneof(
      fc.record({ span: bytes, width: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ other: fc.constantFrom(UNKNOWN_VARINT, UNKNOWN_GROUP), width: fc.constant(1) }),
    )
    const list = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 4 })
    fc.assert(
      fc.property(list(list(list(part))), fc.array(bytes), (blocks, additions) => {
        const body = bodyOf(blocks)
        const spliced = splicer.splice(body, ({ index }) => Uint8Array.from(additions[index] ?? []))
        expect(spliced).toEqual(bodyOf(blocks, additions))
      }),
      { numRuns: 1000, seed: 20261129 },
    )
  })

  test('where nothing is added the body itself is the result', () => {
    const body = bodyOf([scopes])
    expect(splicer.splice(body, () => undefined)).toBe(body)
    expect(splicer.splice(body, () => new Uint8Array())).toBe(body)
    expect(splicer.splice(new Uint8Array(), () => Uint8Array.of(1))).toEqual(new Uint8Array())
  })

  test('a view into a larger buffer is read from its own start', () => {
    const body = bodyOf([scopes])
    const padded = Buffer.from([0xff, 0xff, ...body, 0xff])
    const spliced = splicer.splice(padded.subarray(2, -1), () => Uint8Array.of(1))
    expect(spliced).toEqual(bodyOf([scopes], [[1], [1], [1]]))
  })

  test('truncated at every byte: an error with the place, or fewer spans; the next body is well', () => {
    const body = bodyOf([scopes, scopes])
    for (let length = 0; length < body.length; length++)
      try {
        splicer.splice(body.subarray(0, length), () => Uint8Array.of(1))
      } catch (error) {
        expect(error).toBeInstanceOf(WireError)
      }
    expect(splicer.splice(body, () => Uint8Array.of(1))).toEqual(
      bodyOf([scopes, scopes], new Array(6).fill([1])),
    )
  })
})

const value = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.bigInt(2n ** 53n, 2n ** 63n - 1n),
    fc.bigInt(-(2n ** 63n), -(2n ** 53n)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 3 }).map((list) => new Map(list)),
  ),
})).value

const attributes = fc.array(fc.tuple(fc.string({ minLength: 1 }), value), { maxLength: 12 })

const encodedSpan = (list: readonly (readonly [string, AttributeValue])[]) => [
  ...[0x0a, 16, ...new Array(16).fill(1), 0x12, 8, ...new Array(8).fill(2)],
  ...[0x39, 1, 2, 3, 4, 5, 6, 7, 8],
  ...encodeAttributes(list),
]

test('our decoder reads what was encoded, the later of two values with one key', () => {
  const decoder = new TracesDecoder()
  const body = bodyOf([[[{ span: encodedSpan([['id', 'old']]), width: 1 }]]])
  fc.assert(
    fc.property(attributes, (list) => {
      const spliced = splicer.splice(body, () => encodeAttributes(list))
      const [span] = decoder.protobuf(spliced).spans
      expect([...(span?.attributes ?? [])]).toEqual([...new Map([['id', 'old'], ...list])])
    }),
    { numRuns: 1000, seed: 20261130 },
  )
})

test('protobufjs reads the original with the additions, and nothing else changed', () => {
  const additions = fc.array(fc.option(attributes))
  fc.assert(
    fc.property(generatedRequest, additions, (request, lists) => {
      const encoded = lists.map((list) => encodeAttributes(list ?? []))
      const body = encodeRequest('Trace', withBase64Ids(request))
      const expected = decodeRequest('Trace', body)
      for (const [index, span] of spansOf(expected).entries()) {
        const added = spansOf(decodeRequest('Trace', bodyOf([[[spanOf(encoded[index])]]])))
        const all = [...(span.attributes ?? []), ...(added[0]?.attributes ?? [])]
        if (all.length > 0) span.attributes = all
      }
      const spliced = splicer.splice(body, ({ index }) => encoded[index])
      expect(decodeRequest('Trace', spliced)).toEqual(expected)
    }),
    { numRuns: 500, seed: 20261201 },
  )
})

const spanOf = (bytes: Uint8Array | undefined): Part => ({ span: [...(bytes ?? [])], width: 1 })

function spansOf(decoded: Record<string, unknown>): { attributes?: unknown[] }[] {
  const list = (parent: object, key: string): object[] => Reflect.get(parent, key) ?? []
  return list(decoded, 'resourceSpans')
    .flatMap((block) => list(block, 'scopeSpans'))
    .flatMap((scope) => list(scope, 'spans'))
}

test('what fits is written into the memory that a caller brings, which holds it and nothing else of it', () => {
  fc.assert(
    fc.property(generatedRequest, attributes, fc.nat(2_000), (request, list, byteCount) => {
      const body = encodeRequest('Trace', withBase64Ids(request))
      const added = encodeAttributes(list)
      const fresh = splicer.splice(body, () => added)
      const memory = new Uint8Array(byteCount).fill(0xaa)
      const spliced = splicer.splice(body, () => added, memory)
      expect([...spliced]).toEqual([...fresh])
      const isUsed = fresh !== body && fresh.length <= byteCount
      expect(spliced.buffer === memory.buffer).toBe(isUsed)
      const behind = memory.subarray(isUsed ? fresh.length : 0)
      expect(behind.every((byte) => byte === 0xaa)).toBe(true)
    }),
    { numRuns: 300, seed: 20261203 },
  )
})

test('spans are chosen by their ids, as by their place', () => {
  fc.assert(
    fc.property(generatedRequest, (request) => {
      const body = encodeRequest('Trace', withBase64Ids(request))
      const seen: string[] = []
      splicer.splice(body, ({ index, traceId, spanId }) => {
        seen.push(`${index} ${traceId} ${spanId}`)
        return undefined
      })
      const spans = request.resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap((s) => s.spans),
      )
      expect(seen).toEqual(
        spans.map(({ traceId, spanId }, index) => `${index} ${traceId} ${spanId}`),
      )
    }),
    { numRuns: 200, seed: 20261202 },
  )
})
