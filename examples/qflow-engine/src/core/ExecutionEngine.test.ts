import { beforeEach, describe, expect, test } from 'vitest'
import {
  type Bench,
  createBench,
  delayStep,
  execEvents,
  flowOf,
  manual,
  stepOf,
} from '../testing/Flows.ts'

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
