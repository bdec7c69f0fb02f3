import { describe, expect, test } from 'vitest'
import { jaegerJson, otlpJson, otlpProtobuf, sampleExecutions } from '../../test/sample-traces.ts'
import { decodeDocument } from './decode-document.ts'

const executions = sampleExecutions({ executionCount: 2 })
const json = (text: string) =>
  decodeDocument({ kind: 'json', text, lineNumber: 7, byteOffset: 4_711 })

test('what the official serializers write is read alike from JSON and protobuf', () => {
  const spans = executions.flat()
  const fromJson = json(otlpJson(spans))
  const bytes = otlpProtobuf(spans)
  const fromProtobuf = decodeDocument({ kind: 'protobuf', bytes, byteOffset: 0 })
  expect(fromJson).toMatchObject({ problemCount: 0, clipped: {} })
  expect(fromJson.spans).toHaveLength(spans.length)
  expect(fromProtobuf.spans).toEqual(fromJson.spans)
})

test('Jaeger JSON holds the same spans, to the microsecond', () => {
  const { spans } = json(jaegerJson(executions))
  const expected = json(otlpJson(executions.flat())).spans
  const named = (list: typeof spans) =>
    list.map(({ spanId, parentSpanId, name, startUnixNs }) => [
      spanId,
      parentSpanId,
      name,
      (startUnixNs + 500n) / 1_000n,
    ])
  expect(named(spans)).toEqual(named(expected))
})

test('metrics in the same file are no mistake', () => {
  expect(json('{"resourceMetrics":[]}')).toMatchObject({ spans: [], problemCount: 0 })
})

test('a bad span is refused with its line and path, the rest is kept', () => {
  const document = JSON.parse(otlpJson(executions.flat()))
  document.resourceSpans[0].scopeSpans[0].spans[1].traceId = 'not hex'
  const { spans, problemCount, problems } = json(JSON.stringify(document))
  expect({ problemCount, left: spans.length }).toEqual({ problemCount: 1, left: 11 })
  expect(problems[0]?.at).toMatch(/^line 7: resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[1\]/)
})

describe('what is no trace', () => {
  test.each([
    ['[]', 'line 7: expected an object with resourceSpans (OTLP) or data (Jaeger), found an array'],
    ['7', 'found 7'],
    ['{"name":"x","version":"1"}', 'found an object with name, version'],
    ['{"resourceSpans":[7]}', 'line 7: resourceSpans[0]: expected an object'],
    ['{"data":[{"spans":7}]}', 'line 7: data[0].spans: expected an array'],
    ['{"resourceSpans":', 'line 7, byte 4728: expected a JSON value, found the end'],
  ])('%s', (text, message) => expect(() => json(text)).toThrow(message))

  test('protobuf that breaks off', () => {
    const bytes = Buffer.from([0x0a, 4, 0x12, 9, 1, 1])
    expect(() => decodeDocument({ kind: 'protobuf', bytes, byteOffset: 100 })).toThrow(
      /^byte 100: /,
    )
  })
})
