import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { chainOf, TestEngine } from './test-engine.ts'
import {
  createTestTelemetry,
  durationNs,
  instrument,
  nsOf,
  phasesOf,
  sumOf,
  type TestTelemetry,
  useContextManager,
} from './test-telemetry.ts'
import type { QflowHandle } from './types.ts'

let engine: TestEngine
let telemetry: TestTelemetry
let handle: QflowHandle

beforeAll(useContextManager)
beforeEach(() => {
  engine = new TestEngine()
  telemetry = createTestTelemetry()
  handle = instrument(engine, telemetry)
})
afterEach(() => handle.disable())

const manual = { triggerType: 'manual', triggeredBy: 'squid_secret', daoSubnet: 'dao.test' }

test('an execution is one trace: the flow, its steps, in order', async () => {
  engine.registerFlow(chainOf('order', 'a', 'b'))
  const executionId = await engine.startExecution('order', manual)
  await engine.idle()

  const flow = telemetry.span('execute_flow order')
  expect(flow.attributes).toMatchObject({
    'qflow.flow.id': 'order',
    'qflow.flow.version': '1.0.0',
    'qflow.flow.step_count': 2,
    'qflow.execution.id': executionId,
    'qflow.execution.segment': 0,
    'qflow.execution.status': 'completed',
    'qflow.execution.trigger.type': 'manual',
    'qflow.execution.admission.duration': expect.any(Number),
    'qflow.dao.subnet': 'dao.test',
  })
  expect(flow.status.code).toBe(SpanStatusCode.UNSET)
  for (const id of ['a', 'b']) {
    const step = telemetry.span(`execute_step ${id}`)
    expect(step.parentSpanContext?.spanId).toBe(flow.spanContext().spanId)
    expect(step.attributes).toMatchObject({
      'qflow.execution.id': executionId,
      'qflow.step.id': id,
      'qflow.step.type': 'task',
      'qflow.step.action': 'qflow.action.test',
      'qflow.step.validation.cache.hits': 0,
      'qflow.step.validation.cache.misses': 1,
    })
    expect(Object.keys(step.attributes).length).toBeLessThanOrEqual(16)
  }
  expect(JSON.stringify(telemetry.spans().map((span) => span.attributes))).not.toContain('squid')
})

test('phases add up to the span exactly', async () => {
  engine.registerFlow(chainOf('order', 'a', 'b', 'c'))
  await engine.startExecution('order', manual)
  await engine.idle()

  const steps = telemetry.spans().filter((span) => span.name.startsWith('execute_step'))
  expect(steps).toHaveLength(3)
  for (const step of steps) {
    const phases = phasesOf(step)
    expect(sumOf(phases)).toBe(durationNs(step))
    expect(Object.keys(phases).sort()).toEqual(['engine', 'ledger', 'validation', 'work'])
  }
})

test('a phase without a hook is named, not reported as 0', async () => {
  engine.registerFlow(chainOf('order', 'a'))
  await engine.startExecution('order', manual)
  await engine.idle()

  const { attributes } = telemetry.span('execute_step a')
  expect(attributes['qflow.step.phases.missing']).toBeUndefined()
  handle.disable()
  const other = createTestTelemetry()
  const { instrumentQflow } = await import('./by-hand.ts')
  handle = instrumentQflow({ executionEngine: engine }, other.providers)
  await engine.startExecution('order', manual)
  await engine.idle()
  expect(other.span('execute_step a').attributes['qflow.step.phases.missing']).toEqual([
    'validation',
    'ledger',
  ])
})

test('a silent failure has a status and the class of what the handler threw', async () => {
  engine.registerFlow(chainOf('order', 'a', 'b'))
  engine.work = () => {
    throw new TypeError('card 4111 refused')
  }
  await engine.startExecution('order', manual)
  await engine.idle()

  for (const name of ['execute_flow order', 'execute_step a']) {
    const span = telemetry.span(name)
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR })
    expect(span.attributes['error.type']).toBe('TypeError')
    expect(span.events).toEqual([])
  }
  expect(telemetry.span('execute_flow order').attributes['qflow.execution.status']).toBe('failed')
  expect(JSON.stringify(telemetry.spans().map((span) => span.attributes))).not.toContain('4111')
})

test('a failure before the handler carries the engine’s own type', async () => {
  engine.registerFlow(chainOf('order', 'a'))
  engine.pipeline.fails = true
  await engine.startExecution('order', manual)
  await engine.idle()
  expect(telemetry.span('execute_step a').attributes['error.type']).toBe('execution_error')
})

test('a rejected start is a span without an execution, and the caller gets its error', async () => {
  await expect(engine.startExecution('nowhere', manual)).rejects.toThrow('Flow not found: nowhere')
  const span = telemetry.span('execute_flow nowhere')
  expect(span.attributes).toMatchObject({
    'qflow.execution.status': 'rejected',
    'error.type': 'RangeError',
  })
  expect(span.attributes['qflow.execution.id']).toBeUndefined()
  expect(await telemetry.metric('qflow.execution.rejected')).toEqual([
    { attributes: { 'qflow.flow.id': 'nowhere', 'error.type': 'RangeError' }, value: 1 },
  ])
})

test('the span begins with the start, ends with the run and outlives its caller', async () => {
  engine.registerFlow(chainOf('order', 'a'))
  const tracer = telemetry.providers.tracerProvider.getTracer('caller')
  const caller = tracer.startSpan('caller')
  await context.with(trace.setSpan(context.active(), caller), () =>
    engine.startExecution('order', manual),
  )
  caller.end()
  expect(telemetry.spans().map((span) => span.name)).toEqual(['caller'])
  await engine.idle()

  const flow = telemetry.span('execute_flow order')
  const step = telemetry.span('execute_step a')
  expect(flow.parentSpanContext?.spanId).toBe(caller.spanContext().spanId)
  expect(nsOf(flow.startTime)).toBeLessThan(nsOf(step.startTime))
  expect(nsOf(flow.endTime)).toBeGreaterThanOrEqual(nsOf(step.endTime))
})

test.each([
  ['webhook', SpanKind.SERVER],
  ['event', SpanKind.CONSUMER],
  ['schedule', SpanKind.CONSUMER],
  ['manual', SpanKind.INTERNAL],
])('kind of a %s start', async (triggerType, kind) => {
  engine.registerFlow(chainOf('order', 'a'))
  await engine.startExecution('order', { triggerType })
  await engine.idle()
  expect(telemetry.span('execute_flow order').kind).toBe(kind)
})

test('a resume is a segment of its own, linked to the one before', async () => {
  engine.registerFlow(chainOf('order', 'a', 'b'))
  engine.work = (step) => step.id === 'a' && engine.pauseExecution('exec_0')
  const executionId = await engine.startExecution('order', manual)
  await engine.idle()
  await engine.resumeExecution(executionId)
  await engine.idle()

  const [first, second] = telemetry.spans().filter((span) => span.name === 'execute_flow order')
  expect(first?.attributes['qflow.execution.status']).toBe('paused')
  expect(second?.attributes).toMatchObject({
    'qflow.execution.segment': 1,
    'qflow.execution.status': 'completed',
    'qflow.execution.id': executionId,
  })
  expect(second?.links.map((link) => link.context.spanId)).toEqual([first?.spanContext().spanId])
  expect(second?.spanContext().traceId).not.toBe(first?.spanContext().traceId)
})

test('two loops of one execution keep their steps apart', async () => {
  engine.registerFlow(chainOf('order', 'a', 'b'))
  let hasResumed = false
  engine.work = async (step) => {
    if (step.id !== 'a' || hasResumed) return
    hasResumed = true
    // Paused and resumed before the running step has finished: the first loop goes on beside the second.
    await engine.pauseExecution('exec_0')
    await engine.resumeExecution('exec_0')
  }
  await engine.startExecution('order', manual)
  await engine.idle()

  const flows = telemetry.spans().filter((span) => span.name === 'execute_flow order')
  expect(flows.map((span) => span.attributes['qflow.execution.segment']).sort()).toEqual([0, 1])
  for (const flow of flows) {
    const steps = telemetry
      .spans()
      .filter((span) => span.parentSpanContext?.spanId === flow.spanContext().spanId)
      .map((span) => span.name)
    expect(steps).toContain('execute_step a')
    expect(steps).toContain('execute_step b')
  }
})

test('an aborted execution ends with its running step', async () => {
  engine.registerFlow(chainOf('order', 'a', 'b'))
  engine.work = () => engine.abortExecution('exec_0')
  await engine.startExecution('order', manual)
  await engine.idle()

  expect(telemetry.spans().map((span) => span.name)).toEqual([
    'execute_step a',
    'execute_flow order',
  ])
  const flow = telemetry.span('execute_flow order')
  expect(flow.attributes['qflow.execution.status']).toBe('aborted')
  expect(flow.status.code).toBe(SpanStatusCode.UNSET)
})

test('a listener that throws fails the step as it would without us', async () => {
  engine.registerFlow(chainOf('order', 'a'))
  engine.listeners.push((event) => {
    if (event === 'step.completed') throw new Error('listener')
  })
  await engine.startExecution('order', manual)
  await engine.idle()
  expect(telemetry.span('execute_step a').attributes['error.type']).toBe('execution_error')
  expect(telemetry.span('execute_flow order').attributes['qflow.execution.status']).toBe('failed')
})

test('a sub-flow names its parent execution', async () => {
  engine.registerFlow(chainOf('outer', 'call'))
  engine.registerFlow(chainOf('inner', 'x'))
  engine.work = (step) => step.id === 'call' && engine.startExecution('inner', manual)
  const outerId = await engine.startExecution('outer', manual)
  await engine.idle()
  const inner = telemetry.span('execute_flow inner')
  expect(inner.attributes['qflow.execution.parent.id']).toBe(outerId)
  expect(inner.parentSpanContext?.spanId).toBe(
    telemetry.span('execute_step call').spanContext().spanId,
  )
})
