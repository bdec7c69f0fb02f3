import { propagation, SpanKind } from '@opentelemetry/api'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { remote, testPropagator } from './test-propagator.ts'
import {
  createStock,
  instrumentStock,
  type Stock,
  type StockRuns,
  startContext,
} from './test-stock.ts'
import {
  createTestTelemetry,
  phasesOf,
  type TestTelemetry,
  useContextManager,
} from './test-telemetry.ts'
import { isChild, isFlow, isStep, stepsOf, untruths } from './test-truth.ts'
import type { InstrumentQflowConfig, QflowHandle } from './types.ts'

let stock: Stock
let runs: StockRuns
let telemetry: TestTelemetry
let handle: QflowHandle | undefined

beforeAll(() => {
  useContextManager()
  propagation.setGlobalPropagator(testPropagator)
})

beforeEach(async () => {
  runs = await createStock()
  stock = runs.stock
  telemetry = createTestTelemetry()
})

afterEach(() => {
  handle?.disable()
  handle = undefined
})

test('a slot leak: ten silent failures with their status and no event, then a refused start, counted', async () => {
  const events: string[] = []
  for (const name of ['completed', 'failed']) {
    stock.qflowEventEmitter.on(`q.qflow.exec.${name}.v1`, () => events.push(name))
  }
  instrument()
  define('broken', [{ id: 'a', type: 'no such type' }])
  for (let index = 0; index < 10; index++) await start('broken')
  await runs.idle()
  await expect(start('broken')).rejects.toThrow('Maximum concurrent executions reached')

  const spans = telemetry.spans()
  expect(untruths(spans)).toEqual([])
  expect(events).toEqual([])
  const flows = spans.filter(isFlow)
  expect(flows.map(({ attributes }) => attributes['qflow.execution.status'])).toEqual([
    ...Array(10).fill('failed'),
    'rejected',
  ])
  expect(new Set(flows.slice(0, 10).map(({ attributes }) => attributes['error.type']))).toEqual(
    new Set(['execution_error']),
  )
  expect(new Set(flows.map((span) => span.spanContext().traceId)).size).toBe(11)
  expect(flows[10]?.attributes['qflow.execution.id']).toBeUndefined()
  expect(await telemetry.metric('qflow.execution.rejected')).toEqual([
    { attributes: { 'qflow.flow.id': 'broken', 'error.type': 'Error' }, value: 1 },
  ])
  expect(await telemetry.metric('qflow.execution.active')).toEqual([
    { attributes: { 'qflow.flow.id': 'broken' }, value: 0 },
  ])
})

test.each([
  ['exec.started', 'rejected', [] as string[], 'Error'],
  ['exec.step.started', 'failed', ['a'], 'execution_error'],
  ['exec.step.completed', 'failed', ['a'], 'execution_error'],
  ['exec.completed', 'failed', ['a', 'b'], 'execution_error'],
])('a listener of %s that throws: %s', async (name, status, steps, errorType) => {
  stock.qflowEventEmitter.on(`q.qflow.${name}.v1`, () => {
    throw new Error('listener')
  })
  instrument()
  define('two', conditions('a', 'b'))
  await start('two').catch(() => undefined)
  await runs.idle()

  const flow = telemetry.span('execute_flow two')
  expect(untruths(telemetry.spans())).toEqual([])
  expect(flow.attributes).toMatchObject({
    'qflow.execution.status': status,
    'error.type': errorType,
  })
  expect(stepsOf(telemetry.spans(), flow)).toEqual(steps)
  const failed = telemetry.spans().filter((span) => isStep(span) && span.attributes['error.type'])
  expect(failed).toHaveLength(name.startsWith('exec.step') ? 1 : 0)
})

test('a dead pool waiter: who timed out has waited, and the lost resource shows as used', async () => {
  const pool = stock.executionEngine.resourcePoolManager.createPool(
    'database',
    { create: async () => ({}) },
    { maxSize: 1, acquisitionTimeout: 20 },
  )
  let letGo = () => {}
  const isHeld = new Promise<void>((held) => {
    stock.executionEngine.executeTask = async ({ id }) => {
      const resource = await pool.acquire()
      held()
      if (id === 'holder')
        await new Promise<void>((resolve) => {
          letGo = resolve
        })
      await pool.release(resource)
    }
  })
  instrument({ detailMode: 'on' })
  for (const id of ['holder', 'waiter', 'unlucky']) define(id, [{ id, type: 'task' }])
  await start('holder')
  await isHeld
  await start('waiter')
  await runs.runs[1]
  letGo()
  await runs.runs[0]
  await start('unlucky')
  await runs.idle()

  const spans = telemetry.spans()
  expect(untruths(spans)).toEqual([])
  for (const [id, errorType] of [
    ['holder', undefined],
    ['waiter', 'Error'],
    ['unlucky', 'Error'],
  ] as const) {
    const step = telemetry.span(`execute_step ${id}`)
    expect(step.attributes['error.type']).toBe(errorType)
    const [acquire, ...more] = spans.filter(
      (span) => span.name === 'acquire database' && isChild(span, step),
    )
    expect(more).toEqual([])
    expect(acquire?.attributes['error.type']).toBe(errorType)
    // The pool's own clock is in whole ms, so the wait may be a little short of its limit.
    if (errorType) expect(phasesOf(step)['resource_wait']).toBeGreaterThan(15e6)
  }
  const holds = spans.filter((span) => span.name === 'hold database')
  expect(holds.map((span) => isChild(span, telemetry.span('execute_step holder')))).toEqual([true])
  const acquisitions = await telemetry.metric('qflow.pool.acquisitions')
  expect(acquisitions.map(({ attributes, value }) => [attributes['error.type'], value])).toEqual([
    [undefined, 1],
    ['Error', 2],
  ])
  const usage = await telemetry.metric('qflow.pool.usage')
  expect(usage.map(({ attributes, value }) => [attributes['qflow.pool.state'], value])).toEqual([
    ['idle', 0],
    ['used', 1],
    ['pending', 1],
  ])
})

test('two loops after a pause and a quick resume: two segments, each with its own steps', async () => {
  instrument()
  define(
    'three',
    ['a', 'b', 'c'].map((id, index, ids) => ({ id, type: 'task', onSuccess: ids[index + 1] })),
  )
  const id = await start('three')
  await stock.executionEngine.pauseExecution(id)
  await stock.executionEngine.resumeExecution(id)
  await runs.idle()

  const spans = telemetry.spans()
  expect(untruths(spans)).toEqual([])
  const flows = spans.filter(isFlow)
  expect(flows.map((flow) => stepsOf(spans, flow))).toEqual([
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
  ])
  expect(new Set(flows.map((flow) => flow.spanContext().traceId)).size).toBe(2)
  for (const flow of flows) {
    expect(flow.attributes['qflow.execution.id']).toBe(id)
    const steps = spans.filter((span) => isStep(span) && isChild(span, flow))
    // One loop runs one step after the other: two that overlap would belong to both loops.
    for (const [index, step] of steps.entries()) {
      const before = steps[index - 1]
      if (before)
        expect(Number(step.startTime[0]) * 1e9 + step.startTime[1]).toBeGreaterThanOrEqual(
          before.endTime[0] * 1e9 + before.endTime[1],
        )
    }
  }
  expect(await telemetry.metric('qflow.execution.active')).toEqual([
    { attributes: { 'qflow.flow.id': 'three' }, value: 0 },
  ])
})

test('an aborted flow whose step goes on: the span ends with the step, as aborted, without an error', async () => {
  instrument()
  define('two', [
    { id: 'a', type: 'task', onSuccess: 'b' },
    { id: 'b', type: 'task' },
  ])
  const id = await start('two')
  await stock.executionEngine.abortExecution(id)
  await runs.idle()
  const flow = telemetry.span('execute_flow two')
  expect(untruths(telemetry.spans())).toEqual([])
  expect(flow.attributes['qflow.execution.status']).toBe('aborted')
  expect(stepsOf(telemetry.spans(), flow)).toEqual(['a'])
  expect(phasesOf(telemetry.span('execute_step a'))['work']).toBeGreaterThan(95e6)
})

test('a step that fails with onFailure: the flow completes and is no error', async () => {
  instrument()
  define('saved', [
    { id: 'a', type: 'no such type', onFailure: 'b' },
    { id: 'b', type: 'condition' },
  ])
  await start('saved')
  await runs.idle()
  expect(untruths(telemetry.spans())).toEqual([])
  expect(telemetry.span('execute_step a').attributes['error.type']).toBe('execution_error')
  expect(telemetry.span('execute_flow saved').attributes).toMatchObject({
    'qflow.execution.status': 'completed',
  })
  expect(telemetry.span('execute_flow saved').attributes['error.type']).toBeUndefined()
})

test.each([
  ['auto', remote.traceId, remote.spanId, []],
  ['child', remote.traceId, remote.spanId, []],
  ['link', undefined, undefined, [remote.spanId]],
] as const)('a webhook’s lost context, %s', async (boundaryMode, traceId, parentId, links) => {
  instrument({ boundaryMode })
  define('hook', conditions('a'))
  await stock.webhookService.registerWebhook({ endpoint: '/in', flowId: 'hook' })
  const event = { source: 'shop', data: {}, headers: { Traceparent: remote.traceparent } }
  await stock.webhookService.processQueuedEvent(event)
  await stock.webhookService.processQueuedEvent({ ...event, headers: {} })
  await runs.idle()

  const spans = telemetry.spans()
  expect(untruths(spans)).toEqual([])
  const [sent, unsent] = spans.filter(isFlow)
  expect(sent?.kind).toBe(SpanKind.SERVER)
  if (traceId) expect(sent?.spanContext().traceId).toBe(traceId)
  else expect(sent?.spanContext().traceId).not.toBe(remote.traceId)
  expect(sent?.parentSpanContext?.spanId).toBe(parentId)
  expect(sent?.links.map(({ context }) => context.spanId)).toEqual(links)
  expect(unsent?.parentSpanContext).toBeUndefined()
  expect(unsent?.links).toEqual([])
  expect(unsent?.spanContext().traceId).not.toBe(sent?.spanContext().traceId)
})

test.each([
  ['the flow is unknown', 'nowhere', {}],
  ['the subnet is unknown', 'one', { daoSubnet: 'dao.nowhere' }],
])('a refused start is counted and leaves no execution: %s', async (_why, flowId, over) => {
  instrument()
  define('one', conditions('a'))
  await expect(
    stock.executionEngine.startExecution(flowId, { ...startContext, ...over }),
  ).rejects.toThrow()
  const span = telemetry.span(`execute_flow ${flowId}`)
  expect(span.attributes['qflow.execution.id']).toBeUndefined()
  expect(span.attributes['qflow.execution.segment']).toBeUndefined()
  expect(await telemetry.metric('qflow.execution.rejected')).toMatchObject([{ value: 1 }])
  expect(await telemetry.metric('qflow.execution.duration')).toEqual([])
  expect(telemetry.logs.getFinishedLogRecords()).toEqual([])
})

function start(flowId: string): Promise<string> {
  return stock.executionEngine.startExecution(flowId, startContext)
}

function define(id: string, steps: readonly object[]): void {
  const full = steps.map((step) => ({ action: 'x', params: {}, ...step }))
  stock.executionEngine.registerFlow({ id, version: '1', steps: full, metadata: {} })
}

function conditions(...ids: string[]): object[] {
  return ids.map((id, index) => ({ id, type: 'condition', onSuccess: ids[index + 1] }))
}

function instrument(config: InstrumentQflowConfig = {}): void {
  handle = instrumentStock(stock, { ...telemetry.providers, ...config })
}
