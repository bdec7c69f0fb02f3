import { beforeEach, describe, expect, test } from 'vitest'
import { QflowError } from '../../models/QflowError.ts'
import {
  type Bench,
  createBench,
  delayStep,
  execEvents,
  flowOf,
  manual,
  stepOf,
} from '../../testing/Flows.ts'
import { ExecutionEngine } from '../ExecutionEngine.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
  const { executionEngine } = bench.qflow
  executionEngine.registerAction('fail', () => {
    throw new TypeError('broken')
  })
  executionEngine.registerAction('echo', (params) => params)
})

const slots = () => bench.qflow.services.dao.usageOf('dao.public.default').executions

describe('attempts', () => {
  const retryPolicy = {
    maxAttempts: 3,
    backoffStrategy: 'exponential',
    initialDelay: 100,
    maxDelay: 150,
  } as const

  test('call the type handler once each, with delays between', async () => {
    const startedMs: number[] = []
    bench.qflow.executionEngine.registerAction('flaky', (_params, call) => {
      startedMs.push(bench.time.clock.monotonicMs())
      if (call.attempt < 3) throw new Error('not yet')
      return call.attempt
    })
    const state = await bench.start(flowOf([stepOf('a', 'flaky', { retryPolicy })]))
    await bench.time.advance(1_000)
    expect(startedMs).toEqual([0, 100, 250])
    expect(state.results.get('a')).toMatchObject({ success: true, result: 3 })
    expect(execEvents(bench).filter((name) => name === 'exec.step.retry')).toHaveLength(2)
  })

  test('stop at an error that the policy does not name', async () => {
    let count = 0
    bench.qflow.executionEngine.registerAction('lost', () => {
      count++
      throw new QflowError('network_error', 'gone')
    })
    const policy = { ...retryPolicy, retryableErrors: ['timeout_error'] } as const
    const state = await bench.start(flowOf([stepOf('a', 'lost', { retryPolicy: policy })]))
    await bench.time.advance(1_000)
    expect([count, state.error?.type]).toEqual([1, 'network_error'])
  })

  test('end at the timeout, and the handler learns it by its signal', async () => {
    let reason: unknown
    bench.qflow.executionEngine.registerAction('deaf', async (_params, call) => {
      call.signal.addEventListener('abort', () => {
        reason = call.signal.reason
      })
      await new Promise(() => {})
    })
    const state = await bench.start(flowOf([stepOf('a', 'deaf', { timeout: 50 })]))
    await bench.time.advance(49)
    expect(state.status).toBe('running')
    await bench.time.advance(1)
    expect(state).toMatchObject({ status: 'failed', error: { type: 'timeout_error' } })
    expect(reason).toMatchObject({ name: 'StepTimeoutError' })
    expect(bench.time.pendingCount()).toBe(0)
  })
})

describe('pools', () => {
  test('are held during the handler, and waiting is part of the step', async () => {
    const pool = bench.qflow.executionEngine.resourcePoolManager?.createPool(
      'db',
      { create: () => ({}), destroy: () => {}, validate: () => true },
      { maxSize: 1 },
    )
    const flow = flowOf([delayStep('a', 10, { params: { ms: 10, pool: 'db' } })])
    const states = [await bench.start(flow), await bench.start(flow)]
    await bench.time.settle()
    expect([pool?.inUse.size, pool?.acquisitionQueue.length]).toEqual([1, 1])
    await bench.time.advance(20)
    expect(states.map((state) => state.results.get('a')?.duration)).toEqual([10, 20])
    expect(pool?.getStats()).toMatchObject({ availableResources: 1, inUseResources: 0 })
  })

  test('that do not exist fail the step', async () => {
    const state = await bench.start(
      flowOf([delayStep('a', 1, { params: { ms: 1, pool: 'none' } })]),
    )
    await bench.time.settle()
    expect(state.error?.message).toBe('params.pool: there is no pool none')
  })
})

describe('parallel steps', () => {
  const parallel = (params: Record<string, unknown>) =>
    stepOf('all', 'qflow.parallel', { type: 'parallel', params })

  test('run ids and nested steps, never more at once than allowed', async () => {
    let open = 0
    let mostOpen = 0
    bench.qflow.executionEngine.registerAction('slot', async (params, call) => {
      mostOpen = Math.max(mostOpen, ++open)
      await new Promise<void>((resolve) => call.runtime.timers.setTimeout(resolve, 10))
      open--
      return params['n']
    })
    const children = ['b', 'c', 'd', 'e'].map((id, n) => stepOf(id, 'slot', { params: { n } }))
    const [b, ...nested] = children
    const flow = flowOf([
      parallel({ steps: ['b', ...nested], maxConcurrency: 2 }),
      ...(b ? [b] : []),
    ])
    const state = await bench.start(flow)
    await bench.time.advance(20)
    expect(mostOpen).toBe(2)
    expect(state).toMatchObject({ status: 'completed', completedSteps: ['all'] })
    expect(state.results.get('all')).toMatchObject({
      result: { results: { b: 0, c: 1, d: 2, e: 3 } },
      duration: 20,
    })
  })

  test('fail with their child unless failures are allowed', async () => {
    const steps = [stepOf('bad', 'fail'), stepOf('good', 'echo')]
    const failed = await bench.start(flowOf([parallel({ steps })]))
    const allowed = await bench.start(flowOf([parallel({ steps, allowFailures: true })]))
    await bench.time.settle()
    expect(failed).toMatchObject({
      status: 'failed',
      error: { message: 'Parallel step bad failed: broken' },
    })
    expect(allowed.status).toBe('completed')
    expect(allowed.results.get('good')?.success).toBe(true)
  })

  test('start no further child after a failure when told so', async () => {
    const steps = [stepOf('bad', 'fail'), stepOf('late', 'echo')]
    const params = { steps, maxConcurrency: 1, failureStrategy: 'fail-fast' }
    const state = await bench.start(flowOf([parallel(params)]))
    await bench.time.settle()
    expect(state.status).toBe('failed')
    expect(state.results.has('late')).toBe(false)
  })

  test('run one after the other without optimization', async () => {
    const engine = new ExecutionEngine(false, { ...bench.time, ...bench.qflow.services })
    expect(engine.resourcePoolManager).toBeUndefined()
    engine.registerFlow(flowOf([parallel({ steps: [delayStep('b', 10), delayStep('c', 10)] })]))
    const id = await engine.startExecution('flow', manual)
    await bench.time.advance(19)
    expect((await engine.getExecutionStatus(id))?.status).toBe('running')
    await bench.time.advance(1)
    expect((await engine.getExecutionStatus(id))?.status).toBe('completed')
  })
})

describe('sub-flows', () => {
  const call = (changes = {}) =>
    stepOf('call', 'qflow.module.call', {
      type: 'module-call',
      params: { flowId: 'child', input: { id: '${data.id}' }, ...changes },
    })

  test('run as children that know their parent', async () => {
    bench.qflow.executionEngine.registerFlow(
      flowOf([stepOf('in', 'echo', { params: { id: '${data.id}' } })], { id: 'child' }),
    )
    const state = await bench.start(flowOf([call()]), { inputData: { id: 5 } })
    await bench.time.settle()
    expect(state.results.get('call')?.result).toMatchObject({
      status: 'completed',
      results: { in: { id: 5 } },
    })
    const child = bench.qflow.executionEngine
      .getAllExecutions()
      .find(({ flowId }) => flowId === 'child')
    expect(child?.context.variables).toMatchObject({
      parentExecutionId: state.executionId,
      parentStepId: 'call',
    })
  })

  test('that fail, fail the step; that never end calling themselves, are stopped', async () => {
    bench.qflow.executionEngine.registerFlow(flowOf([stepOf('in', 'fail')], { id: 'child' }))
    const failed = await bench.start(flowOf([call()]), { inputData: { id: 5 } })
    await bench.time.settle()
    expect(failed.error?.message).toBe('Sub-flow child ended failed: broken')
    const endless = await bench.start(flowOf([call()], { id: 'child' }), { inputData: { id: 5 } })
    await bench.time.settle()
    expect(endless.status).toBe('failed')
    expect(slots()).toBe(0)
  })
})

describe('event triggers', () => {
  const trigger = (params: Record<string, unknown>) =>
    stepOf('event', 'qflow.event', { type: 'event-trigger', params })

  test('wait for the event that fits', async () => {
    const state = await bench.start(
      flowOf([trigger({ event: 'paid', where: 'event.id == data.id' })]),
      {
        inputData: { id: 2 },
      },
    )
    await bench.time.settle()
    const { events } = bench.qflow.services
    events.emit('paid', { id: 1 })
    events.emit('paid', { id: 2 })
    await bench.time.settle()
    expect(state.results.get('event')?.result).toEqual({ id: 2 })
    expect(events.listenerCount('paid')).toBe(0)
  })

  test('give up in time', async () => {
    const state = await bench.start(flowOf([trigger({ event: 'paid', timeoutMs: 10 })]))
    await bench.time.advance(10)
    expect(state.error).toMatchObject({
      type: 'timeout_error',
      message: 'No event paid within 10 ms',
    })
    expect(bench.qflow.services.events.listenerCount('paid')).toBe(0)
  })

  test('emit', async () => {
    await bench.start(flowOf([trigger({ event: 'done', mode: 'emit', data: { ok: true } })]))
    await bench.time.settle()
    expect(bench.events).toContainEqual({ name: 'done', data: { ok: true } })
  })
})
