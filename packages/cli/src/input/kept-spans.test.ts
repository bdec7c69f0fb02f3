import { decodeTracesJson, type SpanRecord } from '@qflow-otel/analyzer'
import { expect, test } from 'vitest'
import { otlpJson, sampleExecutions } from '../../test/sample-traces.ts'
import { KeptSpans } from './kept-spans.ts'

/** Six spans each, in one trace each. */
const executions = sampleExecutions({ executionCount: 10 }).map(
  (spans) => decodeTracesJson(JSON.parse(otlpJson(spans))).spans,
)
const traceId = (index: number) => executions[index]?.[0]?.traceId ?? ''
const all: readonly SpanRecord[] = executions.flat()

test('everything, with the executions in the order of their starts', () => {
  const kept = new KeptSpans(undefined)
  kept.take(all.toReversed())
  const { records, executions: found, leftOutSpanCount } = kept.traces()
  expect({ count: records.length, leftOutSpanCount }).toEqual({ count: 60, leftOutSpanCount: 0 })
  expect(found.map(({ executionId }) => executionId)).toEqual(
    Array.from({ length: 10 }, (_, index) => `order-${index}`),
  )
})

test('when it is full no further trace begins, and those that have begun are whole', () => {
  const kept = new KeptSpans(undefined, 15)
  kept.take(all)
  const { records, executions: found, leftOutSpanCount } = kept.traces()
  expect(found.map(({ spanCount }) => spanCount)).toEqual([6, 6, 6])
  expect(records.length + leftOutSpanCount).toBe(60)
})

test('what is looked for is found however much stands before it', () => {
  for (const choice of [
    { kind: 'execution', id: 'order-9' },
    { kind: 'trace', id: traceId(9) },
  ] as const) {
    const kept = new KeptSpans(choice, 15)
    kept.take(all)
    const { records, executions: found, leftOutSpanCount } = kept.traces()
    expect(found.map(({ executionId }) => executionId)).toEqual(['order-9'])
    expect(records.map((record) => record.traceId)).toEqual(Array(6).fill(traceId(9)))
    expect(leftOutSpanCount).toBe(0)
  }
})

test('a trace that is too large alone loses what came last, counted', () => {
  const [first] = all
  if (first === undefined) throw new Error('the sample has spans')
  const hex = (index: number) => (index + 1).toString(16).padStart(16, '0')
  const large = Array.from({ length: 50 }, (_, index) => ({ ...first, spanId: hex(index) }))
  const kept = new KeptSpans({ kind: 'trace', id: first.traceId }, 10)
  kept.take(large)
  const { records, leftOutSpanCount } = kept.traces()
  expect({ count: records.length, leftOutSpanCount }).toEqual({ count: 20, leftOutSpanCount: 30 })
})

test('what is not there leaves the ids of what is', () => {
  const kept = new KeptSpans({ kind: 'execution', id: 'order-77' })
  kept.take(all)
  expect(kept.traces().executions).toEqual([])
  expect(kept.known().map(({ executionId }) => executionId)).toContain('order-7')
})
