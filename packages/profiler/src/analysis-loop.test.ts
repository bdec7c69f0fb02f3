import { expect, test } from 'vitest'
import { endSpans, profiled } from './fixtures/profiled.ts'

test('happens later, in the order of ending, and not in onEnd', () => {
  const { analyzer, runtime, tracer } = profiled()
  endSpans(tracer, 100)
  expect(analyzer.spans).toHaveLength(0)
  runtime.advanceMs(200)
  expect(analyzer.spans.map(({ name }) => name)).toEqual(
    Array.from({ length: 100 }, (_, index) => `span ${index}`),
  )
})

test('is cut into slices with pauses', () => {
  const { analyzer, runtime, tracer } = profiled({ sliceMs: 5 })
  runtime.advanceMs(1_000)
  endSpans(tracer, 320)
  runtime.costPerLookMs = 2
  const perSlice: number[] = []
  while (analyzer.spans.length < 320) {
    const before = analyzer.spans.length
    runtime.runNext()
    perSlice.push(analyzer.spans.length - before)
  }
  expect(perSlice.length).toBeGreaterThan(3)
  expect(Math.max(...perSlice)).toBeLessThanOrEqual(64)
  expect(Math.max(...analyzer.batchSizes)).toBe(16)
})

test('judges once a second, with and without spans', () => {
  const { analyzer, runtime } = profiled()
  runtime.advanceMs(1_000)
  analyzer.advancedAtNs.length = 0
  runtime.advanceMs(10_000)
  expect(analyzer.advancedAtNs).toHaveLength(10)
  expect(analyzer.advancedAtNs.at(-1)).toBe(runtime.unixNs())
})

test('judges in steps that fit into a slice, and catches up', () => {
  const { analyzer, runtime } = profiled({ sliceMs: 4 })
  const firstNs = runtime.unixNs()
  let lastNs = firstNs
  // 100 ms of work for each second that is judged.
  analyzer.onAdvance = (nowUnixNs) => {
    runtime.spendMs(Number(nowUnixNs - lastNs) / 1e7)
    lastNs = nowUnixNs
  }
  const sliceMs: number[] = []
  for (let slice = 0; slice < 500; slice += 1) {
    runtime.advanceMs(runtime.nextInMs)
    const before = runtime.monotonicMs()
    runtime.runNext()
    sliceMs.push(runtime.monotonicMs() - before)
  }
  // Only the first step, whose cost nobody could know, is longer.
  expect(Math.max(...sliceMs.slice(10))).toBeLessThanOrEqual(8)
  expect(runtime.unixNs() - lastNs).toBeLessThan(2_000_000_000n)
  expect(lastNs - firstNs).toBeGreaterThan(5_000_000_000n)
})

test('drops what exceeds the queue, and says so', async () => {
  const { analyzer, points, profiler, runtime, tracer } = profiled({ maxQueueSpanCount: 10 })
  endSpans(tracer, 25)
  runtime.advanceMs(200)
  expect(analyzer.spans).toHaveLength(10)
  expect(profiler.losses().droppedSpans).toEqual({ late_after_close: 2, queue_full: 15 })
  expect(await points()).toContainEqual({
    name: 'qflow.analyzer.dropped',
    value: 15,
    attributes: { 'qflow.analyzer.drop.reason': 'queue_full' },
  })
})

test('notes a started execution once its id is known', () => {
  const { analyzer, runtime, tracer } = profiled()
  const span = tracer.startSpan('execute_flow pay')
  tracer.startSpan('execute_step charge')
  runtime.advanceMs(1_000)
  expect(analyzer.started).toEqual([])
  span.setAttributes({ 'qflow.flow.id': 'pay', 'qflow.execution.id': 'e1' })
  runtime.advanceMs(5_000)
  expect(analyzer.started).toEqual([
    expect.objectContaining({
      executionId: 'e1',
      flowId: 'pay',
      flowVersion: undefined,
      traceId: span.spanContext().traceId,
    }),
  ])
})

test('answers with what has ended up to now', () => {
  const { analyzer, profiler, tracer } = profiled()
  endSpans(tracer, 3)
  expect(profiler.why({ flowId: 'pay' })?.headline).toBe('3 spans')
  endSpans(tracer, 1)
  expect(profiler.report().losses.acceptedSpanCount).toBe(4)
  const flow = { flowId: 'pay', version: '1', sha256: '', steps: [] }
  profiler.define(flow)
  expect(analyzer.flows).toEqual([flow])
})
