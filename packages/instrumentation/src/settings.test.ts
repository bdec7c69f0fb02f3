import { type DiagLogger, DiagLogLevel, diag, trace } from '@opentelemetry/api'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { instrumentQflow } from './by-hand.ts'
import { QflowInstrumentation } from './instrumentation.ts'
import { isDetailed } from './records/flow-scope.ts'
import { chainOf, TestEngine } from './test-engine.ts'
import {
  createTestTelemetry,
  instrument,
  type TestTelemetry,
  useContextManager,
} from './test-telemetry.ts'
import { isFlow, isStep, stepsOf, untruths } from './test-truth.ts'
import type { QflowHandle } from './types.ts'

let engine: TestEngine
let telemetry: TestTelemetry
let handle: QflowHandle | undefined
let said: string[]

beforeAll(useContextManager)
beforeEach(() => {
  engine = new TestEngine()
  engine.registerFlow(chainOf('order', 'a', 'b'))
  engine.registerFlow(chainOf('internal-check', 'c'))
  telemetry = createTestTelemetry()
  said = []
  const say = (...words: unknown[]) => said.push(words.join(' '))
  const ignore = () => {}
  const logger: DiagLogger = { error: say, warn: say, info: ignore, debug: ignore, verbose: ignore }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
})
afterEach(() => {
  handle?.disable()
  handle = undefined
  diag.disable()
})

const start = {
  triggerType: 'manual',
  triggeredBy: 'squid_1',
  inputData: { card: '4111', password: 'hunter2' },
}

async function runBoth(): Promise<string[]> {
  await engine.startExecution('order', start)
  await engine.startExecution('internal-check', start)
  await engine.idle()
  expect(untruths(telemetry.spans())).toEqual([])
  return telemetry.spans().map(({ name }) => name)
}

test.each([['internal-check'], [/^internal-/], [/^internal-/g]])(
  'ignoreFlows %s leaves no span, metric or event of it',
  async (pattern) => {
    handle = instrument(engine, telemetry, { ignoreFlows: [pattern] })
    const names = await runBoth()
    await engine.startExecution('internal-check', start)
    await engine.idle()
    expect(names.sort()).toEqual(['execute_flow order', 'execute_step a', 'execute_step b'])
    const everything = JSON.stringify([
      await telemetry.metric('qflow.execution.duration'),
      await telemetry.metric('qflow.step.phase.time'),
      telemetry.logs.getFinishedLogRecords().map(({ attributes }) => attributes),
    ])
    expect(everything).toContain('order')
    expect(everything).not.toContain('internal')
  },
)

test.each([[['a']], [['qflow.action.none', /^a$/]]])(
  'ignoreSteps %o leaves the step out and the rest whole',
  async (ignoreSteps) => {
    handle = instrument(engine, telemetry, { ignoreSteps })
    await runBoth()
    expect(stepsOf(telemetry.spans(), telemetry.span('execute_flow order'))).toEqual(['b'])
  },
)

test('ignoreSteps fits actions as well', async () => {
  handle = instrument(engine, telemetry, { ignoreSteps: ['qflow.action.test'] })
  expect((await runBoth()).sort()).toEqual(['execute_flow internal-check', 'execute_flow order'])
})

test('requireParent leaves out what nobody traces, and keeps every segment of what somebody does', async () => {
  handle = instrument(engine, telemetry, { requireParent: true })
  await runBoth()
  expect(telemetry.spans()).toEqual([])
  engine.work = (step) => step.id === 'a' && engine.pauseExecution('exec_2')
  const id = await telemetry.providers.tracerProvider
    .getTracer('caller')
    .startActiveSpan('caller', async (span) => {
      const executionId = await engine.startExecution('order', start)
      span.end()
      return executionId
    })
  await engine.idle()
  await engine.resumeExecution(id)
  await engine.idle()
  const flows = telemetry.spans().filter(isFlow)
  expect(flows.map(({ attributes }) => attributes['qflow.execution.segment'])).toEqual([0, 1])
})

test.each([
  ['auto', false],
  ['link', false],
  ['child', true],
] as const)('boundaryMode %s across a resume', async (boundaryMode, isSameTrace) => {
  handle = instrument(engine, telemetry, { boundaryMode })
  engine.work = (step) => step.id === 'a' && engine.pauseExecution('exec_0')
  const id = await engine.startExecution('order', start)
  await engine.idle()
  await engine.resumeExecution(id)
  await engine.idle()
  const [first, second] = telemetry.spans().filter(isFlow)
  expect(untruths(telemetry.spans())).toEqual([])
  expect(second?.spanContext().traceId === first?.spanContext().traceId).toBe(isSameTrace)
  expect(second?.parentSpanContext?.spanId).toBe(
    isSameTrace ? first?.spanContext().spanId : undefined,
  )
  expect(second?.links.map((link) => link.context.spanId)).toEqual([first?.spanContext().spanId])
})

const details = ['check dao', 'ledger append', 'ledger validate', 'validate schema']

test.each([
  ['off', 1, []],
  ['on', 0, details],
  ['sampled', 1, details],
  ['sampled', 0, []],
] as const)('detailMode %s, ratio %d', async (detailMode, detailRatio, expected) => {
  engine.pipeline.layers = ['schema']
  handle = instrument(engine, telemetry, { detailMode, detailRatio })
  const names = await runBoth()
  expect([...new Set(names.filter((name) => !name.startsWith('execute')))].sort()).toEqual(expected)
})

test('the sample is chosen by the id alone and has the size that was asked for', () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => `exec_1716891000000_${index}`)
  const chosen = (detailRatio: number) =>
    ids.filter((id) => isDetailed(id, { detailMode: 'sampled', detailRatio }))
  const tenth = chosen(0.1)
  expect(chosen(0.1)).toEqual(tenth)
  // Five standard deviations of 10,000 draws at a tenth are 150.
  expect(Math.abs(tenth.length - 1_000)).toBeLessThan(150)
  expect(chosen(0.5)).toEqual(expect.arrayContaining(tenth))
  expect([chosen(0).length, chosen(1).length]).toEqual([0, ids.length])
})

test('captureAttributes records what it names, redacted and then cut, and nothing else', async () => {
  const captureAttributes = ['qflow.execution.input', 'qflow.flow.owner', 'qflow.error.message']
  engine.work = () => {
    throw new Error('refused: token=abcdef and the rest of a long sentence')
  }
  handle = instrument(engine, telemetry, { captureAttributes, captureMaxLength: 40 })
  await runBoth()
  const flow = telemetry.span('execute_flow order')
  expect(flow.attributes).toMatchObject({
    'qflow.execution.input': '{"card":"4111","password":"[redacted]"}',
    'qflow.flow.owner': 'squid_owner',
    'qflow.error.message': 'Error: refused: token=[redacted] and the',
  })
  expect(flow.attributes['qflow.execution.triggered_by']).toBeUndefined()
  expect(JSON.stringify(telemetry.spans().map(({ attributes }) => attributes))).not.toMatch(
    /hunter2|abcdef|squid_1/,
  )
})

test('redactKeys adds to the keys that are replaced', async () => {
  handle = instrument(engine, telemetry, {
    captureAttributes: ['qflow.execution.input'],
    redactKeys: [/^card/],
  })
  await runBoth()
  expect(telemetry.span('execute_flow order').attributes['qflow.execution.input']).toBe(
    '{"card":"[redacted]","password":"[redacted]"}',
  )
})

test('the hooks see the span while it is open, and what the engine knows', async () => {
  const seen: unknown[] = []
  handle = instrument(engine, telemetry, {
    executionHook: (span, { flowId, executionId, state, error }) => {
      span.setAttribute('app.tier', 'gold')
      seen.push([
        flowId,
        executionId,
        (state as { status?: string } | undefined)?.status,
        String(error),
      ])
    },
    stepHook: (span, { executionId, step }) => {
      span.setAttribute('app.step', `${executionId}/${(step as { id: string }).id}`)
    },
  })
  await engine.startExecution('order', start)
  await engine.idle()
  await engine.startExecution('nowhere', start).catch(() => undefined)
  expect(telemetry.span('execute_flow order').attributes['app.tier']).toBe('gold')
  expect(telemetry.span('execute_step b').attributes['app.step']).toBe('exec_0/b')
  expect(seen).toEqual([
    ['order', 'exec_0', 'completed', 'undefined'],
    ['nowhere', undefined, undefined, 'RangeError: Flow not found: nowhere'],
  ])
})

test('hooks that throw another message each time are reported once each, and spans are whole', async () => {
  let count = 0
  const fail = () => {
    throw new Error(`hook ${count++}`)
  }
  handle = instrument(engine, telemetry, { executionHook: fail, stepHook: fail })
  await runBoth()
  expect(count).toBe(5)
  expect(said.filter((line) => line.includes('executionHook failed and was ignored'))).toHaveLength(
    1,
  )
  expect(said.filter((line) => line.includes('stepHook failed and was ignored'))).toHaveLength(1)
  expect(telemetry.spans().filter(isStep)).toHaveLength(3)
})

test('a wrong value is said through diag when the instrumentation is made', () => {
  handle = instrument(engine, telemetry, { detailRatio: 7 })
  expect(said.join()).toContain('detailRatio: expected a number from 0 to 1, found 7; 0.01 holds')
})

const switchName = 'OTEL_INSTRUMENTATION_QFLOW_ENABLED'

test.each([
  [undefined, undefined, true, true],
  [undefined, false, false, true],
  ['false', undefined, false, false],
  ['false', true, false, false],
  ['true', false, false, true],
] as const)(
  'environment %s, code %s: wrapped at once %s, after enable %s',
  (env, enabled, atOnce, afterEnable) => {
    const { executeStep } = TestEngine.prototype
    const isWrapped = () => TestEngine.prototype.executeStep !== executeStep
    if (env !== undefined) process.env[switchName] = env
    const config = enabled === undefined ? {} : { enabled }
    try {
      handle = instrumentQflow({ executionEngine: engine }, config)
      expect(isWrapped()).toBe(atOnce)
      handle.disable()
      const instrumentation = new QflowInstrumentation(config)
      expect(instrumentation.isEnabled()).toBe(atOnce)
      instrumentation.enable()
      expect(instrumentation.isEnabled()).toBe(afterEnable)
      instrumentation.disable()
    } finally {
      delete process.env[switchName]
    }
    expect(isWrapped()).toBe(false)
    expect(trace.getActiveSpan()).toBeUndefined()
  },
)
