import { beforeEach, describe, expect, test } from 'vitest'
import { QflowError } from '../models/QflowError.ts'
import {
  type Bench,
  createBench,
  delayStep,
  execEvents,
  flowOf,
  manual,
  stepOf,
} from '../testing/Flows.ts'
import { ExecutionEngine } from './ExecutionEngine.ts'

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

test('is running when the caller gets the id, and ends in the order of the original', async () => {
  const state = await bench.start(
    flowOf([delayStep('a', 100, { onSuccess: 'b' }), stepOf('b', 'echo')]),
  )
  expect(state.status).toBe('running')
  await bench.time.advance(100)
  expect(state).toMatchObject({ status: 'completed', completedSteps: ['a', 'b'], failedSteps: [] })
  const names = bench.events.map(({ name }) => name).filter((name) => !name.startsWith('cache.'))
  const stepEvents = [
    'validation.pipeline.executed',
    'exec.step.started',
    'ledger.record.appended',
    'exec.step.completed',
  ]
  expect(names).toEqual([
    'dao.validation.completed',
    'dao.resources.allocated',
    'exec.started',
    ...stepEvents,
    ...stepEvents,
    'exec.completed',
    'billing.usage.tracked',
    'dao.resources.released',
  ])
  expect(bench.events.find(({ name }) => name === 'exec.completed')?.data).toMatchObject({
    executionId: state.executionId,
    duration: 100,
    completedSteps: 2,
  })
})

test('asks for layers that exist, and hits their cache the second time', async () => {
  const results: unknown[] = []
  bench.qflow.services.events.on('q.qflow.exec.step.started.v1', (data) => results.push(data))
  const flow = flowOf([stepOf('a', 'echo')])
  await bench.start(flow)
  await bench.time.settle()
  await bench.start(flow)
  await bench.time.settle()
  const layers = ['schema', 'signature', 'permission', 'integrity']
  expect(results).toMatchObject([
    {
      validationResult: {
        cacheHits: 0,
        cacheMisses: 4,
        results: layers.map((layerId) => ({ layerId, cached: false })),
      },
    },
    {
      validationResult: {
        cacheHits: 4,
        cacheMisses: 0,
        results: layers.map((layerId) => ({ layerId, cached: true })),
      },
    },
  ])
})

test('stores results for the templates of later steps', async () => {
  const state = await bench.start(
    flowOf([
      stepOf('a', 'echo', {
        params: { id: '${data.order.id}', note: 'order ${data.order.id}' },
        onSuccess: 'b',
      }),
      stepOf('b', 'echo', { params: { from: '${steps.a.result.id}', user: '${variables.user}' } }),
    ]),
    { inputData: { order: { id: 7 } }, variables: { user: 'ada' } },
  )
  await bench.time.settle()
  expect(state.results.get('a')?.result).toEqual({ id: 7, note: 'order 7' })
  expect(state.results.get('b')?.result).toEqual({ from: 7, user: 'ada' })
})

test.each([
  { amount: 20, visited: ['check', 'big'] },
  { amount: 2, visited: ['check', 'small'] },
])('goes to $visited for $amount', async ({ amount, visited }) => {
  const params = { condition: 'data.amount > 10', onTrue: 'big' }
  const check = stepOf('check', 'qflow.condition.if', {
    type: 'condition',
    params,
    onFalse: 'small',
  })
  const flow = flowOf([check, stepOf('big', 'echo'), stepOf('small', 'echo')])
  const state = await bench.start(flow, { inputData: { amount } })
  await bench.time.settle()
  expect(state.completedSteps).toEqual(visited)
})

describe('failures', () => {
  test('go to onFailure, and the flow completes', async () => {
    const state = await bench.start(
      flowOf([stepOf('a', 'fail', { onFailure: 'b' }), stepOf('b', 'echo')]),
    )
    await bench.time.settle()
    expect(state).toMatchObject({ status: 'completed', completedSteps: ['b'], failedSteps: ['a'] })
    expect(state.error).toBeUndefined()
  })

  test('without onFailure end the flow aloud and give the slot back', async () => {
    const state = await bench.start(flowOf([stepOf('a', 'fail')]))
    await bench.time.settle()
    expect(state).toMatchObject({
      status: 'failed',
      error: { type: 'execution_error', message: 'broken', stepId: 'a' },
    })
    expect(state.error?.details.error).toBeInstanceOf(TypeError)
    expect(state.endTime).toBeDefined()
    expect(execEvents(bench)).toEqual([
      'exec.started',
      'exec.step.started',
      'exec.step.failed',
      'exec.failed',
    ])
    expect(slots()).toBe(0)
  })

  test('of a start reserve nothing and emit no exec event', async () => {
    const { executionEngine, services } = bench.qflow
    await expect(executionEngine.startExecution('none', manual)).rejects.toThrow(
      'Flow not found: none',
    )
    executionEngine.registerFlow(flowOf([stepOf('a', 'echo')]))
    const start = (daoSubnet: string) =>
      executionEngine.startExecution('flow', { ...manual, daoSubnet })
    await expect(start('dao.none')).rejects.toThrow('DAO policy violation')
    await services.dao.registerDAOSubnet({ id: 'dao.new', name: 'New', policies: [] })
    await expect(start('dao.new')).rejects.toThrow(
      'Billing limit exceeded: Tenant limits not found',
    )
    await services.billing.initializeTenant('dao.new')
    await services.dao.registerDAOSubnet({
      id: 'dao.new',
      name: 'New',
      policies: [],
      limits: { maxConcurrentExecutions: 0 },
    })
    await expect(start('dao.new')).rejects.toThrow('Maximum concurrent executions reached')
    expect(execEvents(bench)).toEqual([])
    expect(executionEngine.getAllExecutions()).toEqual([])
  })

  test('of listeners change nothing and are counted', async () => {
    const { events } = bench.qflow.services
    events.on('q.qflow.exec.step.started.v1', () => {
      throw new Error('listener')
    })
    events.on('q.qflow.exec.completed.v1', async () => {
      throw new Error('async listener')
    })
    const state = await bench.start(flowOf([stepOf('a', 'echo')]))
    await bench.time.settle()
    expect(state.status).toBe('completed')
    expect(events.listenerErrorCount).toBe(2)
  })

  test('of executeStep are results, also for an unknown execution', async () => {
    const { executionEngine } = bench.qflow
    const context = {
      ...manual,
      daoSubnet: 'x',
      resourceRequest: { cpu: 1, memory: 1, storage: 1, network: 1 },
    }
    const result = await executionEngine.executeStep('none', stepOf('a', 'echo'), context)
    expect(result).toMatchObject({
      stepId: 'a',
      success: false,
      error: { type: 'validation_error' },
    })
  })
})

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

describe('control', () => {
  const two = () => flowOf([delayStep('a', 10, { onSuccess: 'b' }), delayStep('b', 10)])

  test('pause lets the step finish; resume goes on after it', async () => {
    const { executionEngine } = bench.qflow
    const state = await bench.start(two())
    await executionEngine.pauseExecution(state.executionId)
    await bench.time.advance(50)
    expect(state).toMatchObject({ status: 'paused', completedSteps: ['a'], currentStep: 'b' })
    await executionEngine.resumeExecution(state.executionId)
    await bench.time.advance(10)
    expect(state).toMatchObject({ status: 'completed', completedSteps: ['a', 'b'] })
    await expect(executionEngine.resumeExecution(state.executionId)).rejects.toThrow(
      'expected paused',
    )
  })

  test('pause in the last step, then resume, completes without running a step again', async () => {
    const { executionEngine } = bench.qflow
    const state = await bench.start(flowOf([delayStep('a', 10)]))
    await executionEngine.pauseExecution(state.executionId)
    await bench.time.advance(10)
    await executionEngine.resumeExecution(state.executionId)
    await bench.time.settle()
    expect(state).toMatchObject({ status: 'completed', completedSteps: ['a'] })
  })

  test('pause and a quick resume never run two loops', async () => {
    const { executionEngine } = bench.qflow
    const state = await bench.start(two())
    await executionEngine.pauseExecution(state.executionId)
    await executionEngine.resumeExecution(state.executionId)
    await bench.time.advance(20)
    expect(state).toMatchObject({ status: 'completed', completedSteps: ['a', 'b'] })
  })

  test('abort leaves the running step alone and gives the slot back after it', async () => {
    const { executionEngine } = bench.qflow
    const state = await bench.start(two())
    await bench.time.settle()
    await executionEngine.abortExecution(state.executionId)
    expect([state.status, slots()]).toEqual(['aborted', 1])
    await bench.time.advance(10)
    expect(state).toMatchObject({ status: 'aborted', completedSteps: ['a'] })
    expect(execEvents(bench).slice(-2)).toEqual(['exec.aborted', 'exec.step.completed'])
    expect(slots()).toBe(0)
  })

  test('abort while paused gives the slot back at once', async () => {
    const { executionEngine } = bench.qflow
    const state = await bench.start(two())
    await executionEngine.pauseExecution(state.executionId)
    await bench.time.advance(10)
    await executionEngine.abortExecution(state.executionId)
    await bench.time.settle()
    expect(slots()).toBe(0)
  })
})

test('schedules start flows until stopped', async () => {
  const { executionEngine } = bench.qflow
  executionEngine.registerFlow(flowOf([stepOf('a', 'echo')]))
  const schedule = executionEngine.scheduleFlow('flow', 1_000)
  await bench.time.advance(3_500)
  expect(executionEngine.getAllExecutions().map(({ context }) => context.triggerType)).toEqual(
    Array.from({ length: 3 }, () => 'schedule'),
  )
  expect(executionEngine.unscheduleFlow(schedule)).toBe(true)
  executionEngine.scheduleFlow('flow', 1_000)
  await executionEngine.cleanup()
  await bench.time.advance(5_000)
  expect(executionEngine.getAllExecutions()).toHaveLength(3)
  expect(bench.time.pendingCount()).toBe(0)
})

test('ended executions beyond the bound are forgotten with their ledger, and counted', async () => {
  const engine = new ExecutionEngine(true, {
    ...bench.time,
    ...bench.qflow.services,
    maxEndedExecutions: 2,
  })
  engine.registerFlow(flowOf([stepOf('a', 'echo')]))
  for (let index = 0; index < 5; index++) {
    await engine.waitForExecution(await engine.startExecution('flow', manual))
  }
  expect(engine.getAllExecutions()).toHaveLength(2)
  expect(engine.getOptimizationMetrics()).toMatchObject({ evictedExecutions: 3 })
  expect(bench.qflow.services.ledger.getStatistics()).toEqual({ executions: 2, records: 2 })
  await bench.time.advance(1)
  engine.cleanupExecutions(0)
  expect(engine.getAllExecutions()).toEqual([])
})

test('validation refuses what is missing, not permitted or not as registered', async () => {
  const flow = flowOf([stepOf('a', 'qflow.action.cpu')])
  const missing = await bench.start(flow)
  const base = flowOf([stepOf('a', 'echo')])
  const secured = flowOf(base.steps, {
    metadata: { ...base.metadata, requiredPermissions: ['pay'] },
  })
  const denied = await bench.start(secured)
  const granted = await bench.start(secured, { permissions: ['pay'] })
  await bench.time.settle()
  expect(missing.error).toMatchObject({
    type: 'validation_error',
    message: expect.stringContaining('params.rounds is missing'),
  })
  expect(denied.error).toMatchObject({
    type: 'permission_denied',
    message: expect.stringContaining('Missing permissions: pay'),
  })
  expect(granted.status).toBe('completed')

  const { executionEngine } = bench.qflow
  executionEngine.registerFlow(base)
  executionEngine.flowDefinitions.set(
    'flow',
    flowOf([stepOf('a', 'echo', { params: { changed: true } })]),
  )
  const id = await executionEngine.startExecution('flow', manual)
  const tampered = await executionEngine.waitForExecution(id)
  expect(tampered.error?.message).toMatch(/Layer signature refused step a/)
})

test('two runs under the same clock are the same', async () => {
  const trace = async () => {
    const own = await createBench()
    await own.start(flowOf([delayStep('a', 5, { onSuccess: 'b' }), delayStep('b', 7)]))
    await own.time.advance(12)
    return own.events
  }
  expect(await trace()).toEqual(await trace())
})
