import fc from 'fast-check'

/** A hex id as base64, the form that protobufjs takes bytes in. */
export function hexToBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}

const id = (bytes: number): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc
        .uint8Array({ minLength: bytes, maxLength: bytes })
        .map((value) => Buffer.from(value).toString('hex')),
    },
    { weight: 1, arbitrary: fc.constantFrom('', '00'.repeat(bytes), 'ab') },
  )

const uint64 = fc.bigInt(0n, 2n ** 64n - 1n).map(String)
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'é', '😀'.repeat(9)),
)

const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text.map((stringValue) => ({ stringValue })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((value) => ({ intValue: String(value) })),
    fc.integer().map((value) => ({ intValue: String(value) })),
    fc.double().map((doubleValue) => ({ doubleValue })),
    fc.uint8Array({ maxLength: 8 }).map((value) => ({
      bytesValue: Buffer.from(value).toString('base64'),
    })),
    fc.constant({}),
    fc.array(tie('value'), { maxLength: 3 }).map((values) => ({ arrayValue: { values } })),
    fc
      .array(fc.record({ key: text, value: tie('value') }), { maxLength: 3 })
      .map((values) => ({ kvlistValue: { values } })),
  ),
})).value

const attributes = fc.array(fc.record({ key: text, value: anyValue }), { maxLength: 5 })

const span = fc.record({
  traceId: id(16),
  spanId: id(8),
  parentSpanId: fc.oneof(fc.constant(''), id(8)),
  traceState: fc.constantFrom('', 'ot=th:8'),
  name: text,
  kind: fc.integer({ min: -1, max: 7 }),
  startTimeUnixNano: uint64,
  endTimeUnixNano: uint64,
  attributes,
  links: fc.array(fc.record({ traceId: id(16), spanId: id(8) }), { maxLength: 2 }),
  status: fc.record({ message: text, code: fc.integer({ min: -1, max: 4 }) }),
})

/** An OTLP/JSON trace request, bad spans included. */
export const generatedRequest = fc.record({
  resourceSpans: fc.array(
    fc.record({
      resource: fc.record({ attributes }),
      scopeSpans: fc.array(
        fc.record({ scope: fc.constant({ name: 's' }), spans: fc.array(span, { maxLength: 4 }) }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 3 },
  ),
})

type JsonRequest = typeof generatedRequest extends fc.Arbitrary<infer R> ? R : never

/** The same request in the form that protobufjs encodes: ids as base64. */
export function withBase64Ids(request: JsonRequest): object {
  return {
    resourceSpans: request.resourceSpans.map((block) => ({
      ...block,
      scopeSpans: block.scopeSpans.map((scope) => ({
        ...scope,
        spans: scope.spans.map((raw) => ({
          ...raw,
          traceId: hexToBase64(raw.traceId),
          spanId: hexToBase64(raw.spanId),
          parentSpanId: hexToBase64(raw.parentSpanId),
          links: raw.links.map((link) => ({
            traceId: hexToBase64(link.traceId),
            spanId: hexToBase64(link.spanId),
          })),
        })),
      })),
    })),
  }
}
