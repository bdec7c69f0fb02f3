import {
  type Span as ApiSpan,
  context,
  createContextKey,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import { BasicTracerProvider, type Span, type SpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { chainOf, TestEngine } from './test-engine.ts'
import {
  createTestTelemetry,
  instrument,
  type TestTelemetry,
  useContextManager,
} from './test-telemetry.ts'
import type { QflowHandle } from './types.ts'

/** What the SDK is told later than it happens: nobody may notice but by the clock. */

let engine: TestEngine
let telemetry: TestTelemetry
let handle: QflowHandle

beforeAll(useContextManager)
beforeEach(() => {
  engine = new TestEngine()
  // Nothing in a step but its work lets the event loop turn.
  engine.ledger.appendRecord = async (record) => record
  engine.ledger.validateLedger = async () => ({ isValid: true })
  telemetry = createTestTelemetry()
})
afterEach(() => handle.disable())

test('a span is made when the turn is over, not in the step, and ends with the times of the step', async () => {
  const { tracerProvider, log } = createLoggingProvider()
  handle = instrument(engine, telemetry, { tracerProvider })
  engine.registerFlow(chainOf('f', 'a', 'b'))
  const seen: string[][] = []
  engine.work = async () => {
    seen.push([...log])
    await turn()
    seen.push([...log])
  }
  await engine.startExecution('f', {})
  await engine.idle()
  const started = ['start execute_flow f', 'start execute_step a']
  const told = [...started, 'end execute_step a', 'start execute_step b']
  // Its admission has taken a turn, and so has the work of each step.
  expect(seen).toEqual([['start execute_flow f'], started, started, told])
  expect(log).toEqual([...told, 'end execute_step b', 'end execute_flow f'])
})

test('whoever looks for the span sees the one that is exported', async () => {
  handle = instrument(engine, telemetry)
  engine.registerFlow(chainOf('f', 'a'))
  const ids: (string | undefined)[] = []
  const tracer = telemetry.providers.tracerProvider.getTracer('user')
  engine.work = async () => {
    ids.push(trace.getActiveSpan()?.spanContext().spanId)
    const key = createContextKey('user')
    await context.with(context.active().setValue(key, 1), async () => {
      tracer.startSpan('child').end()
      await turn()
      ids.push(trace.getSpanContext(context.active())?.spanId)
    })
  }
  await engine.startExecution('f', {})
  await engine.idle()
  const { spanId, traceId } = telemetry.span('execute_step a').spanContext()
  expect(ids).toEqual([spanId, spanId])
  expect(telemetry.span('child').parentSpanContext).toMatchObject({ spanId, traceId })
  const flow = telemetry.span('execute_flow f')
  expect(telemetry.span('execute_step a').parentSpanContext?.spanId).toBe(flow.spanContext().spanId)
})

test('children end before their parents', async () => {
  const { tracerProvider, log } = createLoggingProvider()
  handle = instrument(engine, telemetry, { tracerProvider })
  const child = (id: string) => ({ id, type: 'task', action: 'qflow.action.test' })
  const group = { id: 'p', type: 'parallel', action: 'x', params: [child('b'), child('c')] }
  engine.registerFlow({ id: 'f', version: '1', steps: [group] })
  await engine.startExecution('f', {})
  await engine.idle()
  expect(log.filter((line) => line.startsWith('end'))).toEqual([
    'end execute_step b',
    'end execute_step c',
    'end execute_step p',
    'end execute_flow f',
  ])
})

test('disabling tells of what has ended while its flow runs, and restores', async () => {
  handle = instrument(engine, telemetry)
  engine.registerFlow(chainOf('f', 'a', 'b'))
  let release = () => {}
  engine.work = ({ id }) => {
    if (id === 'a') return undefined
    const { executeStep } = engine
    handle.disable()
    expect(engine.executeStep).not.toBe(executeStep)
    expect(telemetry.span('execute_step a').ended).toBe(true)
    return new Promise<void>((resolve) => {
      release = resolve
    })
  }
  await engine.startExecution('f', {})
  await turn()
  release()
  await engine.idle()
  expect(telemetry.spans().map(({ name }) => name)).toEqual([
    'execute_step a',
    'execute_step b',
    'execute_flow f',
  ])
})

test('a provider that is shut down by whoever waited for the execution has all of it', async () => {
  handle = instrument(engine, telemetry)
  engine.registerFlow(chainOf('f', ...Array.from({ length: 300 }, (_, index) => `s${index}`)))
  await engine.startExecution('f', {})
  await engine.idle()
  const { length } = telemetry.spans()
  await telemetry.providers.tracerProvider.shutdown()
  expect(length).toBe(301)
})

test('a collection counts what has ended in this very turn', async () => {
  handle = instrument(engine, telemetry)
  engine.registerFlow(chainOf('f', 'a', 'b'))
  let counted: Promise<unknown> = Promise.resolve()
  engine.work = ({ id }) => {
    if (id === 'b') counted = telemetry.metric('qflow.step.duration')
  }
  await engine.startExecution('f', {})
  await engine.idle()
  expect(await counted).toMatchObject([
    { attributes: { 'qflow.flow.id': 'f', 'qflow.step.id': 'a' }, value: { count: 1 } },
  ])
})

test('a step hook runs when the step ends, after those of its children', async () => {
  const hooked: string[] = []
  const stepHook = (span: ApiSpan, { step }: { readonly step: unknown }) => {
    hooked.push(`${(step as { id: string }).id} ${span.isRecording()}`)
  }
  handle = instrument(engine, telemetry, { stepHook })
  engine.registerFlow(chainOf('f', 'a', 'b'))
  engine.work = ({ id }) => void hooked.push(id)
  await engine.startExecution('f', {})
  await engine.idle()
  expect(hooked).toEqual(['a', 'a true', 'b', 'b true'])
})

test('a processor that looks for the active span finds what was active before', async () => {
  const parents: (string | undefined)[] = []
  const { tracerProvider } = createLoggingProvider((span) => {
    parents.push(`${span.name} in ${(trace.getActiveSpan() as Span | undefined)?.name}`)
  })
  handle = instrument(engine, telemetry, { tracerProvider })
  engine.registerFlow(chainOf('f', 'a'))
  engine.work = () => void trace.getActiveSpan()
  await engine.startExecution('f', {})
  await engine.idle()
  expect(parents).toEqual(['execute_flow f in undefined', 'execute_step a in execute_flow f'])
})

test('a tracer that throws does not reach the host that looks for the span', async () => {
  let isBroken = false
  const real = telemetry.providers.tracerProvider.getTracer('broken')
  const tracer = {
    startActiveSpan: real.startActiveSpan.bind(real),
    startSpan(...args: Parameters<typeof real.startSpan>) {
      if (isBroken) throw new Error('broken tracer')
      return real.startSpan(...args)
    },
  }
  const tracerProvider: TracerProvider = { getTracer: () => tracer }
  handle = instrument(engine, telemetry, { tracerProvider })
  engine.registerFlow(chainOf('f', 'a'))
  const seen: unknown[] = []
  engine.work = () => {
    const flow = trace.getActiveSpan()
    isBroken = true
    seen.push(flow?.isRecording())
  }
  await engine.startExecution('f', {})
  await engine.idle()
  engine.work = () => void seen.push(trace.getActiveSpan()?.isRecording())
  await engine.startExecution('f', {})
  await engine.idle()
  expect(seen).toEqual([true, false])
})

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A provider that writes down what it is told, and when. */
function createLoggingProvider(onStart: (span: Span) => void = () => {}) {
  const log: string[] = []
  const processor: SpanProcessor = {
    onStart(span) {
      log.push(`start ${span.name}`)
      onStart(span)
    },
    onEnd: (span) => void log.push(`end ${span.name}`),
    forceFlush: async () => {},
    shutdown: async () => {},
  }
  return { log, tracerProvider: new BasicTracerProvider({ spanProcessors: [processor] }) }
}
