import { expect, test } from 'vitest'
import { encodeRequest } from './otlp-proto.ts'
import { TracesDecoder } from './traces-decoder.ts'

const span = (index: number) => ({
  traceId: Buffer.alloc(16, 1).toString('base64'),
  spanId: Buffer.alloc(8, index + 1).toString('base64'),
  name: 'a span',
  startTimeUnixNano: '1700000000000000000',
})
const block = (service: string, ...spans: readonly object[]) => ({
  resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
  scopeSpans: [{ spans }],
})

test('the resource of spans in a row is one where all have one, whatever was asked before', () => {
  const request = {
    resourceSpans: [
      block('a', span(0), span(1), span(2)),
      block('b', span(3)),
      block('b', span(4)),
      block('a', span(5), span(6)),
    ],
  }
  const decoder = new TracesDecoder()
  const body = encodeRequest('Trace', request)
  decoder.batch(body)
  const { spans } = decoder.batch(body)
  const services = ['a', 'a', 'a', 'b', 'b', 'a', 'a']
  for (const [start, end] of [
    [5, 7],
    [0, 3],
    [2, 5],
    [3, 5],
    [4, 5],
    [0, 7],
    [6, 7],
    [0, 1],
  ] as const) {
    const resources = spans.resourcesOf(start, end)
    const isOne = new Set(services.slice(start, end)).size === 1
    expect(Array.isArray(resources)).toBe(!isOne)
    expect([resources].flat().map(({ serviceName }) => serviceName)).toEqual(
      isOne ? [services[start]] : services.slice(start, end),
    )
  }
  expect(spans.slice().map(({ resource }) => resource.serviceName)).toEqual(services)
})

test('a span that is wrong behind a long integer is refused, whatever was read before', () => {
  const attributes = [
    { key: 'big', value: { intValue: '-1' } },
    { key: 'flag', value: { boolValue: true } },
  ]
  const spans = [0, 1, 2, 3, 4].map((index) => ({
    ...span(index),
    attributes: attributes.map((one, at) =>
      at === 0 ? { ...one, value: { intValue: String(-1 - index) } } : one,
    ),
  }))
  const off = spans.map((one, index) => ({
    ...one,
    attributes: one.attributes.map((attribute) =>
      attribute.key === 'flag' ? { key: 'flag', value: { boolValue: index % 2 > 0 } } : attribute,
    ),
  }))
  const decoder = new TracesDecoder()
  for (const known of [spans, off, spans, off])
    decoder.batch(encodeRequest('Trace', { resourceSpans: [block('a', ...known)] }))
  const body = Buffer.from(encodeRequest('Trace', { resourceSpans: [block('a', ...spans)] }))
  const third = [0, 1, 2].reduce((from) => body.indexOf('flag', from + 1), 0)
  // The last byte of a value that goes on behind its end.
  body[third + 7] = 0x81
  const messageOf = (one: TracesDecoder) => {
    try {
      return `${one.batch(body).spans.length} spans`
    } catch (error) {
      return String(error)
    }
  }
  expect(messageOf(decoder)).toBe(messageOf(new TracesDecoder()))
})
