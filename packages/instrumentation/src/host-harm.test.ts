import { setImmediate } from 'node:timers/promises'
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { instrumentQflow } from './by-hand.ts'
import { createTestTelemetry, type TestTelemetry, useContextManager } from './test-telemetry.ts'
import type { InstrumentQflowConfig, QflowHandle, QflowTargets } from './types.ts'

const step = { id: 's', type: 'task', action: 'a' }

let telemetry: TestTelemetry
let handles: QflowHandle[]
let said: string[]

beforeAll(useContextManager)
beforeEach(() => {
  telemetry = createTestTelemetry()
  handles = []
  said = []
  const say = (...words: unknown[]) => said.push(words.join(' '))
  const ignore = () => {}
  const logger: DiagLogger = { error: say, warn: say, info: ignore, debug: ignore, verbose: ignore }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
})
afterEach(() => {
  for (const handle of handles) handle.disable()
  diag.disable()
})

function instrument(executionEngine: object, config: InstrumentQflowConfig = {}): void {
  handles.push(instrumentQflow({ executionEngine }, { ...telemetry.providers, ...config }))
}

/** Rejections that nobody handled while `run` ran; the runner's own listeners are put back. */
async function unhandledDuring(run: () => unknown): Promise<unknown[]> {
  const listeners = process.listeners('unhandledRejection')
  const reasons: unknown[] = []
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', (reason) => reasons.push(reason))
  try {
    await run()
    await setImmediate()
    await setImmediate()
  } finally {
    process.removeAllListeners('unhandledRejection')
    for (const listener of listeners) process.on('unhandledRejection', listener)
  }
  return reasons
}

test('accessors of an engine are not read', async () => {
  class Engine {
    readonly #pools = new Map()
    get resourcePoolManager(): unknown {
      return this.#pools
    }
    get parallelExecutionEngine(): unknown {
      throw new Error('not ready')
    }
    async executeStep(_executionId: string, _step: unknown): Promise<number> {
      return this.#pools.size
    }
  }
  instrument(Engine.prototype)
  instrument(new Engine())
  expect(await new Engine().executeStep('e', step)).toBe(0)
  expect(telemetry.spans()).toHaveLength(1)
  expect(said.filter((line) => line.includes('failed'))).toEqual([])
})

test('an object that refuses every look is said once and left', () => {
  const refuse = () => {
    throw new Error('no')
  }
  const hostile = new Proxy({}, { getOwnPropertyDescriptor: refuse, get: refuse, has: refuse })
  expect(() => instrument(hostile)).not.toThrow()
  expect(said.some((line) => line.includes('failed and was ignored'))).toBe(true)
})

test.each([null, undefined, 3, 'engine'])('targets %s are refused by word', (targets) => {
  // What plain JavaScript may pass.
  handles.push(instrumentQflow(targets as unknown as QflowTargets, telemetry.providers))
  expect(said.join()).toContain('expected an object of targets')
})

test('no settings are as good as empty ones', () => {
  handles.push(instrumentQflow({ executionEngine: {} }, null as unknown as InstrumentQflowConfig))
  expect(said.join()).toContain('expected an executionEngine with executeStep')
})

test('hooks that reject are reported', async () => {
  const engine = { executeStep: async (..._args: unknown[]) => 1 }
  const rejecting = async () => {
    await setImmediate()
    throw new Error('of the hook')
  }
  // The type allows no promise; plain JavaScript does.
  instrument(engine, { stepHook: rejecting as unknown as () => void })
  const reasons = await unhandledDuring(async () => {
    await engine.executeStep('e', step)
    await engine.executeStep('e', step)
  })
  expect(reasons).toEqual([])
  expect(said.filter((line) => line.includes('stepHook'))).toHaveLength(1)
})

test('a rejection that the engine handles stays handled, one that nobody does stays unhandled', async () => {
  const error = new Error('of the step')
  class Handling {
    executeStep(_executionId: string, _step: unknown): Promise<never> {
      const outcome = Promise.reject(error)
      outcome.catch(() => {})
      return outcome
    }
  }
  class Leaving {
    async executeStep(_executionId: string, _step: unknown): Promise<never> {
      throw error
    }
  }
  instrument(new Handling())
  instrument(new Leaving())
  expect(await unhandledDuring(() => void new Handling().executeStep('e', step))).toEqual([])
  expect(await unhandledDuring(() => void new Leaving().executeStep('e', step))).toEqual([error])
  const spans = telemetry.spans()
  expect(spans.map((span) => span.attributes['error.type'])).toEqual(['Error', 'Error'])
})

test('a promise that a plain function returns is the one the host gets', async () => {
  const shared = Object.assign(Promise.resolve(5), { cancel: () => 'cancelled' })
  const engine = { executeStep: (_executionId: string, _step: unknown) => shared }
  instrument(engine)
  expect(engine.executeStep('e', step)).toBe(shared)
  expect(await shared).toBe(5)
  expect(telemetry.spans()).toHaveLength(1)
})

test('a promise whose class refuses to be derived from reaches the host', async () => {
  class Strict extends Promise<number> {
    static made = 0
    constructor(run: ConstructorParameters<typeof Promise<number>>[0]) {
      super(run)
      if (Strict.made++ > 0) throw new Error('only one')
    }
  }
  const strict = new Strict((resolve) => resolve(5))
  const engine = { executeStep: (_executionId: string, _step: unknown) => strict }
  instrument(engine)
  expect(engine.executeStep('e', step)).toBe(strict)
  expect(telemetry.spans()).toHaveLength(1)
})

test.each([
  // biome-ignore lint/suspicious/noThenProperty: thenables are what is tested
  ['is lazy', { then: () => expect.unreachable('started by somebody who does not wait') }],
  [
    'cannot be read',
    {
      // biome-ignore lint/suspicious/noThenProperty: as above
      get then() {
        throw new Error('getter')
      },
    },
  ],
])('a thenable whose then %s is returned untouched', (_case, thenable) => {
  const engine = { executeStep: (_executionId: string, _step: unknown) => thenable }
  instrument(engine)
  expect(engine.executeStep('e', step)).toBe(thenable)
  expect(engine.executeStep('e', step)).toBe(thenable)
  expect(telemetry.spans()).toHaveLength(2)
  expect(said.filter((line) => line.includes('no promise'))).toHaveLength(1)
})

test('a call of the super class is one step, whoever wrapped which class', async () => {
  class Base {
    async executeStep(_executionId: string, _step: unknown): Promise<number> {
      return 1
    }
  }
  class Derived extends Base {
    override async executeStep(executionId: string, of: unknown): Promise<number> {
      return super.executeStep(executionId, of)
    }
  }
  instrument(new Base())
  instrument(new Derived())
  expect(await new Derived().executeStep('e', step)).toBe(1)
  expect(telemetry.spans()).toHaveLength(1)
  await new Base().executeStep('e', step)
  expect(telemetry.spans()).toHaveLength(2)
})

test('a wrapper has what the function had and is no constructor', () => {
  const tag = Symbol('tag')
  const meta = { retries: 3 }
  const engine = { async executeStep(_executionId: string, _step: unknown): Promise<void> {} }
  const { executeStep } = Object.assign(engine, {
    executeStep: Object.assign(engine.executeStep, { meta, [tag]: true }),
  })
  instrument(engine)
  expect(engine.executeStep).not.toBe(executeStep)
  expect(Reflect.get(engine.executeStep, 'meta')).toBe(meta)
  expect(Reflect.get(engine.executeStep, tag)).toBe(true)
  expect([engine.executeStep.name, engine.executeStep.length]).toEqual(['executeStep', 2])
  expect(Object.hasOwn(engine.executeStep, 'prototype')).toBe(false)
})

test('names and ids are cut and counted', async () => {
  const long = 'x'.repeat(100_000)
  const engine = { executeStep: async (..._args: unknown[]) => 1 }
  instrument(engine)
  await engine.executeStep(long, { id: long, type: long, action: long })
  const [span] = telemetry.spans()
  expect(span?.name.length).toBeLessThan(1_100)
  const lengths = Object.values(span?.attributes ?? {}).map((value) => String(value).length)
  expect(Math.max(...lengths)).toBe(1_024)
  const dropped = await telemetry.metric('qflow.telemetry.dropped')
  const reasons = dropped.map(({ attributes }) => attributes['qflow.telemetry.drop.reason'])
  expect(reasons).toContain('text_limit')
})
