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
