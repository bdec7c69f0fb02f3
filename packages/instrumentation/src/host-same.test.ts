import { setImmediate } from 'node:timers/promises'
import { context, type DiagLogger, DiagLogLevel, diag, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { instrumentQflow } from './by-hand.ts'
import { chainOf, TestEngine } from './test-engine.ts'
import { expectSame, surface } from './test-surface.ts'
import { createTestTelemetry, instrument, useContextManager } from './test-telemetry.ts'
import { untruths } from './test-truth.ts'
import type { InstrumentQflowConfig, QflowHandle } from './types.ts'

let said: string[]

beforeEach(() => {
  said = []
  const say = (...words: unknown[]) => said.push(words.join(' '))
  const ignore = () => {}
  const logger: DiagLogger = { error: say, warn: say, info: ignore, debug: ignore, verbose: ignore }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
})

afterEach(() => {
  context.disable()
  diag.disable()
})

const fails = () => {
  throw new Error('of a hook')
}

interface Setting {
  readonly name: string
  readonly hasManager: boolean
  readonly hasSdk: boolean
  readonly config: InstrumentQflowConfig
}

const settings: readonly Setting[] = [
  { name: 'detail off', hasManager: true, hasSdk: true, config: {} },
  { name: 'detail on', hasManager: true, hasSdk: true, config: { detailMode: 'on' } },
  {
    name: 'detail sampled',
    hasManager: true,
    hasSdk: true,
    config: { detailMode: 'sampled', detailRatio: 0.5 },
  },
  { name: 'no context manager', hasManager: false, hasSdk: true, config: { detailMode: 'on' } },
  { name: 'no SDK', hasManager: false, hasSdk: false, config: {} },
  {
    name: 'hooks that throw',
    hasManager: true,
    hasSdk: true,
    config: { executionHook: fails, stepHook: fails },
  },
  { name: 'everything ignored', hasManager: true, hasSdk: true, config: { ignoreFlows: [/./] } },
  {
    name: 'nothing without a parent',
    hasManager: true,
    hasSdk: true,
    config: { requireParent: true },
  },
]

describe.each(settings)('with $name', ({ hasManager, hasSdk, config }) => {
  const start = (engine: TestEngine): QflowHandle => {
    if (hasManager) useContextManager()
    const telemetry = createTestTelemetry()
    if (hasSdk) return instrument(engine, telemetry, config)
    return instrumentQflow(
      {
        executionEngine: engine,
        executionLedger: engine.ledger,
        universalValidationPipeline: engine.pipeline,
        daoSubnetService: engine.dao,
      },
      config,
    )
  }

  test('everything a host can see of its executions is the same', async () => {
    const plain = await story(new TestEngine())
    const engine = new TestEngine()
    const handle = start(engine)
    const instrumented = await story(engine)
    handle.disable()
    expect(instrumented).toEqual(plain)
    // The order of a story with failures, pauses and two executions at once is long enough to compare.
    expect(plain.events.length).toBeGreaterThan(20)
  })

  test('values, errors, this, arguments and sync throws are the same objects', async () => {
    const value = { deep: {} }
    const error = new RangeError('own')
    const seen: unknown[] = []
    const engine = new TestEngine()
    const step = { id: 's', type: 'task', action: 'a' }
    const own = engine as unknown as Record<string, (...args: unknown[]) => unknown>
    own['executeStep'] = async function (this: unknown, ...args) {
      seen.push(this, args.length, ...args)
      return value
    }
    own['executeFlow'] = async () => {
      throw error
    }
    own['startExecution'] = () => {
      throw error
    }
    const handle = start(engine)
    expect(await own['executeStep']?.('e', step, undefined)).toBe(value)
    expect(seen).toEqual([engine, 3, 'e', step, undefined])
    expect(seen[0]).toBe(engine)
    expect(seen[3]).toBe(step)
    await expect(own['executeFlow']?.('e')).rejects.toBe(error)
    expect(() => own['startExecution']?.('f', {})).toThrow(error)
    handle.disable()
  })

  test('an asynchronous method settles at most one microtask later: nothing is awaited in between', async () => {
    const plainTicks = await ticksOf(new TestEngine())
    const engine = new TestEngine()
    const handle = start(engine)
    const ticks = await ticksOf(engine)
    handle.disable()
    expect(ticks - plainTicks).toBeGreaterThanOrEqual(0)
    expect(ticks - plainTicks).toBeLessThanOrEqual(1)
  })

  test('disable puts back the identical functions, also with spans open', async () => {
    const before = surface()
    const engine = new TestEngine()
    engine.registerFlow(chainOf('order', 'a', 'b'))
    const handle = start(engine)
    let goOn = () => {}
    engine.work = (step) => step.id === 'a' && new Promise<void>((resolve) => (goOn = resolve))
    await engine.startExecution('order', { triggerType: 'manual' })
    while (engine.executions.get('exec_0')?.currentStep !== 'a') await setImmediate()
    for (let turn = 0; turn < 10; turn++) await setImmediate()
    handle.disable()
    expectSame(surface(), before)
    goOn()
    await engine.idle()
    expect(engine.executions.get('exec_0')?.status).toBe('completed')
    handle.disable()
    expectSame(surface(), before)
  })
})

test('spans that are open at disable end truly, by themselves', async () => {
  useContextManager()
  const telemetry = createTestTelemetry()
  const engine = new TestEngine()
  engine.registerFlow(chainOf('order', 'a'))
  const handle = instrument(engine, telemetry)
  engine.work = () => handle.disable()
  await engine.startExecution('order', { triggerType: 'manual' })
  await engine.idle()
  expect(untruths(telemetry.spans())).toEqual([])
  expect(telemetry.spans().map(({ name }) => name)).toEqual([
    'execute_step a',
    'execute_flow order',
  ])
})

test('who wraps after us keeps their wrapper, through disable and a new enable', async () => {
  useContextManager()
  const telemetry = createTestTelemetry()
  const engine = new TestEngine()
  engine.registerFlow(chainOf('order', 'a'))
  const { prototype } = TestEngine
  const before = surface()
  const first = instrument(engine, telemetry)
  const ours = prototype.executeStep
  let calls = 0
  prototype.executeStep = function (...args) {
    calls++
    return ours.apply(this, args)
  }
  const theirs = prototype.executeStep
  first.disable()
  expect(prototype.executeStep).toBe(theirs)
  await engine.startExecution('order', {})
  await engine.idle()
  expect([calls, telemetry.spans().length]).toEqual([1, 0])
  const second = instrument(engine, telemetry)
  await engine.startExecution('order', {})
  await engine.idle()
  expect([calls, telemetry.spans().length]).toEqual([2, 2])
  second.disable()
  expect(prototype.executeStep).toBe(theirs)
  Object.defineProperty(prototype, 'executeStep', before.get(prototype)?.['executeStep'] ?? {})
  expectSame(surface(), before)
})

test('twice enabled is wrapped once, and said', async () => {
  useContextManager()
  const telemetry = createTestTelemetry()
  const engine = new TestEngine()
  engine.registerFlow(chainOf('order', 'a'))
  const before = surface()
  const handles = [instrument(engine, telemetry), instrument(engine, telemetry)]
  await engine.startExecution('order', {})
  await engine.idle()
  expect(telemetry.spans()).toHaveLength(2)
  expect(said.filter((line) => line.includes('instrumented already'))).toHaveLength(1)
  for (const handle of handles) handle.disable()
  expectSame(surface(), before)
})

test('a frozen engine works on, and what could not be wrapped is said', async () => {
  useContextManager()
  const telemetry = createTestTelemetry()
  const engine = Object.freeze({
    executions: new Map(),
    executeStep: async (_id: string, _step: object) => 'done',
    startExecution: async () => 'exec_0',
  })
  const { executeStep } = engine
  const handle = instrumentQflow({ executionEngine: engine }, telemetry.providers)
  expect(engine.executeStep).toBe(executeStep)
  expect(await engine.executeStep('e', { id: 'a' })).toBe('done')
  expect(said.some((line) => line.includes('wrapping executionEngine.executeStep'))).toBe(true)
  handle.disable()
})

test('no span is left active for who called', async () => {
  useContextManager()
  const engine = new TestEngine()
  engine.registerFlow(chainOf('order', 'a'))
  const handle = instrument(engine, createTestTelemetry())
  await engine.startExecution('order', {})
  expect(trace.getActiveSpan()).toBeUndefined()
  await engine.idle()
  expect(trace.getActiveSpan()).toBeUndefined()
  handle.disable()
})

/** Two executions at once, a failure, a retry, a listener that throws, a pause, an abort, a refused start. */
async function story(engine: TestEngine) {
  const events: string[] = []
  engine.listeners.push((event, id) => events.push(`${id} ${event}`))
  engine.listeners.push((event, id) => {
    if (id === 'exec_3' && event === 'step.completed') throw new Error('listener')
  })
  engine.pipeline.layers = ['schema']
  engine.maxAttempts = 2
  let flakyCalls = 0
  engine.work = async (step) => {
    events.push(`work ${step.id}`)
    await Promise.resolve().then(() => events.push(`microtask of ${step.id}`))
    if (step.id === 'bad' || (step.id === 'flaky' && ++flakyCalls === 1))
      throw new TypeError(step.id)
    if (step.id === 'pausing') await engine.pauseExecution('exec_4')
    if (step.id === 'aborting') await engine.abortExecution('exec_5')
    return step
  }
  engine.registerFlow(chainOf('good', 'a', 'b'))
  engine.registerFlow(chainOf('mixed', 'flaky', 'bad', 'never'))
  engine.registerFlow(chainOf('pausing', 'pausing', 'p2'))
  engine.registerFlow(chainOf('aborting', 'aborting', 'never'))
  const flows = ['good', 'good', 'mixed', 'good', 'pausing', 'aborting']
  const outcomes: unknown[] = []
  for (const flow of flows) {
    outcomes.push(await engine.startExecution(flow, { triggerType: 'manual' }))
    await engine.idle()
  }
  outcomes.push(await engine.startExecution('nowhere', {}).catch(String))
  await engine.resumeExecution('exec_4')
  await Promise.all(['good', 'mixed'].map((flow) => engine.startExecution(flow, {})))
  await engine.idle()
  const settled = await Promise.allSettled(engine.runs)
  return {
    events,
    outcomes,
    settled,
    states: JSON.stringify([...engine.executions]),
    records: JSON.stringify(engine.ledger.records),
  }
}

/** Microtasks from a call of a method that returns at once until its caller goes on. */
async function ticksOf(engine: TestEngine): Promise<number> {
  let ticks = 0
  let isOver = false
  // Not wrapped, so that the method under test is the only one on the way.
  engine.pipeline.validate = () => {
    throw new Error('at once')
  }
  queueMicrotask(function tick() {
    ticks++
    if (!isOver) queueMicrotask(tick)
  })
  await engine.executeStep('e', { id: 's', type: 'task', action: 'a' }, {})
  isOver = true
  return ticks
}
