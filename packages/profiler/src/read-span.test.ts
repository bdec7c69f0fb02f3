import {
  createTraceState,
  type HrTime,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hrTime, SpanReader, unixNs } from './read-span.ts'

const parent = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 1,
  traceState: createTraceState('ot=th:8'),
}

function endedSpan(startTime: HrTime, endTime: HrTime) {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const span = provider
    .getTracer('t')
    .startSpan(
      'GET bank',
      { kind: SpanKind.CLIENT, startTime, links: [{ context: parent }] },
      trace.setSpanContext(ROOT_CONTEXT, parent),
    )
  span.setAttributes({ text: 'a', count: 3, is: true, list: ['x', 'y'] })
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'not read' })
  span.end(endTime)
  const [ended] = exporter.getFinishedSpans()
  if (ended === undefined) throw new Error('no span was exported')
  return ended
}

test('reads a span of the SDK, its times to the nanosecond', () => {
  const span = endedSpan([1_700_000_000, 123_456_789], [1_700_000_001, 1])
  const record = new SpanReader().read(span)
  expect(record).toMatchObject({
    traceId: parent.traceId,
    spanId: span.spanContext().spanId,
    parentSpanId: parent.spanId,
    traceState: 'ot=th:8',
    name: 'GET bank',
    kind: 'client',
    startUnixNs: 1_700_000_000_123_456_789n,
    endUnixNs: 1_700_000_001_000_000_001n,
    links: [{ traceId: parent.traceId, spanId: parent.spanId }],
    status: 'error',
  })
  expect(Object.fromEntries(record?.attributes ?? [])).toEqual({
    text: 'a',
    count: 3,
    is: true,
    list: ['x', 'y'],
  })
  expect(record?.resource.serviceName).toMatch(/^unknown_service/)
})

test('leaves out values that are no attribute values, and spans without a time', () => {
  const span = endedSpan([1, 0], [2, 0])
  const spanContext = () => span.spanContext()
  const attributes = { map: { a: 1 }, nothing: null, list: [1, null, 'b'], big: 5n }
  const read = new SpanReader().read({ ...span, spanContext, attributes })
  expect(Object.fromEntries(read?.attributes ?? [])).toEqual({ list: [1, 'b'], big: 5n })
  const endTime = [Number.NaN, 0] as const
  expect(new SpanReader().read({ ...span, spanContext, endTime })).toBeUndefined()
})

test('leaves out spans with an id that is too long', () => {
  const span = endedSpan([1, 0], [2, 0])
  const spanContext = () => span.spanContext()
  const named = (length: number) => ({ 'qflow.execution.id': 'x'.repeat(length) })
  const read = (length: number) =>
    new SpanReader().read({ ...span, spanContext, attributes: named(length) })
  expect(read(256)).toBeDefined()
  expect(read(257)).toBeUndefined()
})

test('reads a resource once it is complete, and then only once', () => {
  const span = endedSpan([1, 0], [2, 0])
  const spanContext = () => span.spanContext()
  const resource = { attributes: { 'service.name': 'early' }, asyncAttributesPending: true }
  const reader = new SpanReader()
  const serviceName = () => reader.read({ ...span, spanContext, resource })?.resource.serviceName
  // The SDK logs an error at each look at attributes that are awaited.
  expect(serviceName()).toBeUndefined()
  resource.attributes = { 'service.name': 'late' }
  resource.asyncAttributesPending = false
  expect(serviceName()).toBe('late')
  resource.attributes = { 'service.name': 'never read' }
  expect(serviceName()).toBe('late')
})

test('hrTime and unixNs are inverse for every time', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n }), (timeUnixNs) => {
      expect(unixNs(hrTime(timeUnixNs))).toBe(timeUnixNs)
    }),
    { seed: 3 },
  )
})
