import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AttributeList, AttributeShape } from '../otlp/attribute-list.ts'
import { generatedRequest } from '../otlp/generated-request.ts'
import { KNOWN_KEYS } from '../otlp/known-attributes.ts'
import type { SpanRecord } from '../otlp/span-record.ts'
import { decodeTracesJson } from '../otlp/traces-decoder.ts'
import { generatedExecution } from '../path/generated-execution.ts'
import { packSpans, unpackSpans } from './packed-spans.ts'
import { spanRecord, spansFromDiagram } from './trace-diagram.ts'

const drawn = spansFromDiagram(`
  flow           ==========
    step.pay      =======
      try.1       ==
      try.2          ====
      GET            ===
    step.pack            |
`)

test('spans come back as they were, whatever holds their attributes', () => {
  for (const records of [drawn, drawn.map(listed), []]) expect(again(records)).toEqual(records)
})

test('any spans come back as they were', () => {
  fc.assert(
    fc.property(fc.oneof(generatedExecution, decoded), (records) => {
      const unique = [...new Map(records.map((record) => [record.spanId, record])).values()]
      const back = again(unique)
      if (back !== undefined) expect(back).toEqual(unique)
    }),
    { numRuns: 1_000, seed: 20261104 },
  )
})

test('what does not fit is not packed', () => {
  const one = spanRecord({ spanId: 'a'.repeat(16), name: 'a', startNs: 0, endNs: 1 })
  const far = { ...one, spanId: 'b'.repeat(16), startUnixNs: 2n ** 63n, endUnixNs: 2n ** 63n }
  expect(again([one])).toEqual([one])
  expect(again([one, far])).toBeUndefined()
  expect(again([one, one])).toBeUndefined()
  expect(again([{ ...one, spanId: 'short' }])).toBeUndefined()
})

/** As a reader finds them, with nested values, links and parents elsewhere. */
const decoded = generatedRequest.map((request) => decodeTracesJson(request).spans)

function again(records: readonly SpanRecord[]): readonly SpanRecord[] | undefined {
  const packed = packSpans(records)
  return packed && unpackSpans(packed)
}

/** As the readers make it. */
function listed(record: SpanRecord): SpanRecord {
  const shape = new AttributeShape([...record.attributes.keys()], KNOWN_KEYS)
  return { ...record, attributes: new AttributeList(shape, [...record.attributes.values()]) }
}
