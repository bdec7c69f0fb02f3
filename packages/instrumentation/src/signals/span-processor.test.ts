import { setImmediate as turn } from 'node:timers/promises'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  InMemorySpanExporter,
} from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { chainOf, TestEngine } from '../test-engine.ts'
import {
  createTestTelemetry,
  instrument,
  type TestTelemetry,
  useContextManager,
} from '../test-telemetry.ts'
import type { QflowHandle } from '../types.ts'
import { QflowSpanProcessor } from './span-processor.ts'

const all = ['execute_step a', 'execute_step b', 'execute_flow f']

let engine: TestEngine
let telemetry: TestTelemetry
let exporter: InMemorySpanExporter
let tracerProvider: BasicTracerProvider
let spanProcessor: QflowSpanProcessor
let handle: QflowHandle

beforeAll(useContextManager)
beforeEach(() => {
  engine = new TestEngine()
  engine.registerFlow(chainOf('f', 'a', 'b'))
  telemetry = createTestTelemetry()
  exporter = new InMemorySpanExporter()
  // One that keeps nothing when it is shut down.
  exporter.shutdown = async () => {}
  spanProcessor = new QflowSpanProcessor()
  tracerProvider = new BasicTracerProvider({
    spanProcessors: [spanProcessor, new BatchSpanProcessor(exporter)],
  })
  handle = instrument(engine, telemetry, { tracerProvider, spanProcessor })
})
afterEach(() => handle.disable())

const names = () => exporter.getFinishedSpans().map(({ name }) => name)

async function runOnce() {
  await engine.startExecution('f', {})
  await engine.idle()
}

test('a flush and a shutdown find all that has ended, steps before their flow', async () => {
  await runOnce()
  await tracerProvider.forceFlush()
  expect(names()).toEqual(all)
  await runOnce()
  await tracerProvider.shutdown()
  expect(names()).toEqual([...all, ...all])
  const [step, , flow] = exporter.getFinishedSpans()
  expect(step?.parentSpanContext?.spanId).toBe(flow?.spanContext().spanId)
})

test('spans wait for it beyond their turn, and metrics and events know of them all the same', async () => {
  const told: string[] = []
  const processor = {
    onStart: ({ name }: { readonly name: string }) => void told.push(name),
    onEnd() {},
    forceFlush: async () => {},
    shutdown: async () => {},
  }
  handle.disable()
  const provider = new BasicTracerProvider({ spanProcessors: [spanProcessor, processor] })
  handle = instrument(engine, telemetry, { tracerProvider: provider, spanProcessor })
  await runOnce()
  await turn()
  expect([told, telemetry.logs.getFinishedLogRecords()]).toEqual([[], []])
  expect(await telemetry.metric('qflow.execution.duration')).toMatchObject([
    { value: { count: 1 } },
  ])
  expect(told).toHaveLength(3)
  const events = telemetry.logs.getFinishedLogRecords().map(({ eventName }) => eventName)
  expect(events).toEqual(['qflow.execution.started', 'qflow.flow.defined'])
})

test('a flow that ended long before it is told has the times and the status of then', async () => {
  engine.work = ({ id }) => {
    if (id === 'b') throw new TypeError('broken')
  }
  await runOnce()
  const beforeMs = Date.now()
  await turn()
  while (Date.now() <= beforeMs + 1) await turn()
  await tracerProvider.forceFlush()
  const flow = exporter.getFinishedSpans().find(({ name }) => name === 'execute_flow f')
  const endMs = (flow?.endTime[0] ?? 0) * 1e3 + (flow?.endTime[1] ?? 0) / 1e6
  expect(endMs).toBeLessThanOrEqual(beforeMs + 1)
  expect(flow?.attributes).toMatchObject({
    'qflow.execution.status': 'failed',
    'error.type': 'TypeError',
  })
})

test('hooks and captures get the live objects, so that nothing of them waits', async () => {
  handle.disable()
  const seen: string[] = []
  const executionHook = () => void seen.push('execution')
  handle = instrument(engine, telemetry, { tracerProvider, spanProcessor, executionHook })
  await runOnce()
  expect(seen).toEqual(['execution'])
  handle.disable()
  const captureAttributes = ['qflow.execution.input']
  handle = instrument(engine, telemetry, { tracerProvider, spanProcessor, captureAttributes })
  const inputData = { value: 'then' }
  await engine.startExecution('f', { inputData })
  await engine.idle()
  inputData.value = 'later'
  await tracerProvider.forceFlush()
  const captured = exporter
    .getFinishedSpans()
    .map(({ attributes }) => attributes['qflow.execution.input'])
  expect(captured.at(-1)).toBe('{"value":"then"}')
})

test('disabling tells of all that waits', async () => {
  await runOnce()
  handle.disable()
  const told = exporter.getFinishedSpans().length
  await tracerProvider.forceFlush()
  expect([told, names()]).toEqual([0, all])
})

test('behind another processor it comes too late, which is why it has to be the first', async () => {
  handle.disable()
  const spanProcessors = [new BatchSpanProcessor(exporter), spanProcessor]
  const provider = new BasicTracerProvider({ spanProcessors })
  handle = instrument(engine, telemetry, { tracerProvider: provider, spanProcessor })
  await runOnce()
  await provider.forceFlush()
  expect(names()).toEqual([])
  await provider.forceFlush()
  expect(names()).toEqual(all)
})
