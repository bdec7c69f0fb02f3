import {
  createQflow,
  type FlowStep,
  initializeQflow,
  type QflowInstance,
  shutdownQflow,
  signWebhookBody,
  type TriggerType,
} from '@anarq/qflow'
import { context, propagation, type Span, SpanKind, trace } from '@opentelemetry/api'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { instrumentQflow } from './by-hand.ts'
import { chain, delay, startOf } from './test-example.ts'
import { remote, testPropagator } from './test-propagator.ts'
import {
  createTestTelemetry,
  phasesOf,
  type TestTelemetry,
  useContextManager,
} from './test-telemetry.ts'
import { isChild, isFlow, isStep, stepsOf, untruths } from './test-truth.ts'
import type { InstrumentQflowConfig, QflowHandle } from './types.ts'

let qflow: QflowInstance
let telemetry: TestTelemetry
let handle: QflowHandle

beforeAll(() => {
  useContextManager()
  propagation.setGlobalPropagator(testPropagator)
})

beforeEach(async () => {
  qflow = createQflow()
  telemetry = createTestTelemetry()
  await initializeQflow({ instance: qflow })
})

afterEach(async () => {
  await shutdownQflow(qflow)
  handle.disable()
})

const webhook = { id: 'w', endpoint: '/in', source: 'shop', secret: 's', flowId: 'one' }

test.each([
  ['auto', true],
  ['child', true],
  ['link', false],
] as const)(
  'webhooks of three requests stay with their own, %s',
  async (boundaryMode, isChildOf) => {
    instrument({ boundaryMode })
    define('one', [delay('a')])
    await qflow.webhookService.registerWebhook(webhook)
    const first = startSpan('POST first')
    const second = startSpan('POST second')
    // The timer that empties the queue is set in the first request and carries its span from then on.
    await inside(first, () => receive({}))
    await inside(second, () => receive({}))
    await receive({ traceparent: remote.traceparent })
    await receive({})
    for (const span of [first, second]) span.end()
    await started(4)

    const spans = telemetry.spans()
    expect(untruths(spans)).toEqual([])
    const expected = [first.spanContext(), second.spanContext(), remote, undefined]
    const flows = spans.filter(isFlow)
    expect(flows).toHaveLength(4)
    const tiesOf = (flow: (typeof flows)[number]) =>
      isChildOf
        ? { spanId: flow.parentSpanContext?.spanId, linkCount: flow.links.length }
        : { spanId: flow.links[0]?.context.spanId, linkCount: flow.links.length }
    for (const [index, sender] of expected.entries()) {
      const flow = flows.find((one) => tiesOf(one).spanId === sender?.spanId)
      expect(flow?.kind, `flow ${index}`).toBe(SpanKind.SERVER)
      if (!isChildOf) expect(flow?.parentSpanContext).toBeUndefined()
    }
    expect(new Set(flows.map((flow) => flow.spanContext().traceId)).size).toBe(4)
  },
)

test.each([
  ['auto', 'link'],
  ['link', 'link'],
  ['child', 'child'],
] as const)('a schedule that was made inside a span, %s', async (boundaryMode, tie) => {
  instrument({ boundaryMode })
  define('one', [delay('a')])
  const maker = startSpan('POST /schedules')
  inside(maker, () => qflow.executionEngine.scheduleFlow('one', 1))
  maker.end()
  await started(3)
  qflow.executionEngine.scheduler.removeAll()
  await settled()

  const flows = telemetry.spans().filter(isFlow)
  expect(untruths(telemetry.spans())).toEqual([])
  expect(new Set(flows.map(({ kind }) => kind))).toEqual(new Set([SpanKind.CONSUMER]))
  const parents = new Set(flows.map((flow) => flow.parentSpanContext?.spanId))
  const links = new Set(flows.flatMap((flow) => flow.links.map((link) => link.context.spanId)))
  const { spanId } = maker.spanContext()
  expect([...parents]).toEqual([tie === 'child' ? spanId : undefined])
  expect([...links]).toEqual(tie === 'child' ? [] : [spanId])
})

test('a schedule made by a step does not make its runs sub-flows of that step for ever', async () => {
  instrument()
  define('one', [delay('a')])
  qflow.services.actions.registerAction('schedule', () =>
    qflow.executionEngine.scheduleFlow('one', 1),
  )
  define('maker', [{ ...delay('make'), action: 'schedule' }])
  await run('maker')
  // What starts from here on starts after that step.
  await started(qflow.executionEngine.getAllExecutions().length + 1)
  qflow.executionEngine.scheduler.removeAll()
  await settled()

  const runs = telemetry.spans().filter((span) => span.name === 'execute_flow one')
  const [last] = runs.slice(-1)
  expect(last?.attributes['qflow.execution.parent.id']).toBeUndefined()
  expect(last?.parentSpanContext).toBeUndefined()
})

test.each([
  ['manual', SpanKind.INTERNAL],
  ['event', SpanKind.CONSUMER],
  ['schedule', SpanKind.CONSUMER],
  ['webhook', SpanKind.SERVER],
] as const)(
  'a %s start: kind, trigger, and the sender in its headers',
  async (triggerType, kind) => {
    instrument()
    define('one', [delay('a')])
    await run('one', triggerType, { headers: { traceparent: remote.traceparent } })
    const flow = telemetry.span('execute_flow one')
    expect(untruths(telemetry.spans())).toEqual([])
    expect(flow.kind).toBe(kind)
    expect(flow.attributes['qflow.execution.trigger.type']).toBe(triggerType)
    const isRemote = triggerType !== 'manual'
    expect(flow.parentSpanContext?.spanId).toBe(isRemote ? remote.spanId : undefined)
  },
)

test('a sub-flow is a child of its calling step and names the execution', async () => {
  instrument()
  define('inner', [delay('x')])
  define('outer', [
    { id: 'call', type: 'module-call', action: 'call', params: { flowId: 'inner' } },
  ])
  const outerId = await run('outer')
  const spans = telemetry.spans()
  expect(untruths(spans)).toEqual([])
  const inner = telemetry.span('execute_flow inner')
  expect(isChild(inner, telemetry.span('execute_step call'))).toBe(true)
  expect(inner.attributes['qflow.execution.parent.id']).toBe(outerId)
  expect(stepsOf(spans, inner)).toEqual(['x'])
})

test('parallel steps have waited since their group began, and count as the container’s work', async () => {
  instrument()
  const steps = ['p', 'q', 'r'].map(delay)
  define('wide', [
    { id: 'group', type: 'parallel', action: 'p', params: { steps, maxConcurrency: 1 } },
  ])
  await run('wide')
  const spans = telemetry.spans()
  expect(untruths(spans)).toEqual([])
  const children = spans.filter(
    (span) => isStep(span) && /[pqr]$/.test(span.name) && span.name !== 'execute_step group',
  )
  const queues = children.map((span) => phasesOf(span)['queue'] ?? 0)
  expect(children).toHaveLength(3)
  expect(queues).toEqual([...queues].sort((a, b) => a - b))
  expect(queues[2]).toBeGreaterThan(queues[1] ?? 0)
  const container = phasesOf(telemetry.span('execute_step group'))
  expect(container['work']).toBeGreaterThan(queues[2] ?? 0)
})

test('attempts are linked one to the other, with the pauses between them as back-off', async () => {
  instrument()
  let calls = 0
  qflow.services.actions.registerAction('flaky', () => {
    if (++calls < 3) throw new TypeError('not yet')
  })
  const retryPolicy = {
    maxAttempts: 3,
    backoffStrategy: 'fixed',
    initialDelay: 5,
    maxDelay: 5,
  } as const
  define('retry', [{ ...delay('a'), action: 'flaky', retryPolicy }])
  await run('retry')
  const spans = telemetry.spans()
  expect(untruths(spans)).toEqual([])
  const attempts = spans.filter((span) => span.name === 'attempt a')
  expect(attempts.map(({ attributes }) => attributes['error.type'])).toEqual([
    'TypeError',
    'TypeError',
    undefined,
  ])
  const step = telemetry.span('execute_step a')
  expect(step.attributes['qflow.step.attempt_count']).toBe(3)
  expect(step.attributes['error.type']).toBeUndefined()
  // Two pauses of 5 ms; timers may fire up to 1 ms early by another clock.
  expect(phasesOf(step)['retry_backoff']).toBeGreaterThan(8e6)
})

test('a resume from inside another flow’s step is that execution’s segment, not that flow’s', async () => {
  instrument({ ignoreFlows: ['resumer'] })
  define('patient', [delay('a'), delay('b')])
  const patientId = await qflow.executionEngine.startExecution('patient', startOf('manual'))
  await qflow.executionEngine.pauseExecution(patientId)
  await untilSpan('execute_flow patient')
  qflow.services.actions.registerAction('resume', () =>
    qflow.executionEngine.resumeExecution(patientId),
  )
  define('resumer', [{ ...delay('r'), action: 'resume' }])
  await run('resumer')
  await qflow.executionEngine.waitForExecution(patientId)
  const spans = telemetry.spans()
  expect(untruths(spans)).toEqual([])
  const segments = spans.filter((span) => span.name === 'execute_flow patient')
  expect(segments.map(({ attributes }) => attributes['qflow.execution.status'])).toEqual([
    'paused',
    'completed',
  ])
  expect(spans.some((span) => span.name.includes('resumer'))).toBe(false)
})

function instrument(config: InstrumentQflowConfig = {}): void {
  const { executionEngine, services, webhookService } = qflow
  handle = instrumentQflow(
    {
      executionEngine,
      executionLedger: services.ledger,
      universalValidationPipeline: services.pipeline,
      daoSubnetService: services.dao,
      resourceBillingService: services.billing,
      webhookService,
    },
    { ...telemetry.providers, ...config },
  )
}

function startSpan(name: string): Span {
  return telemetry.providers.tracerProvider.getTracer('http').startSpan(name)
}

function inside<T>(span: Span, work: () => T): T {
  return context.with(trace.setSpan(context.active(), span), work)
}

async function receive(headers: Readonly<Record<string, string>>): Promise<void> {
  const body = JSON.stringify({ type: 'order' })
  const signed = { ...headers, 'x-qflow-signature': signWebhookBody('s', body) }
  const { valid, errors } = await qflow.webhookService.processWebhookEvent('/in', signed, body)
  expect(errors).toEqual([])
  expect(valid).toBe(true)
}

async function run(
  flowId: string,
  triggerType: TriggerType = 'manual',
  inputData = {},
): Promise<string> {
  const id = await qflow.executionEngine.startExecution(flowId, {
    ...startOf(triggerType),
    inputData,
  })
  await qflow.executionEngine.waitForExecution(id)
  return id
}

/** As many executions have begun, and all that have begun are over. */
async function started(count: number): Promise<void> {
  await expect
    .poll(() => qflow.executionEngine.getAllExecutions().length, { interval: 1 })
    .toBeGreaterThanOrEqual(count)
  await settled()
}

async function settled(): Promise<void> {
  const all = qflow.executionEngine.getAllExecutions()
  await Promise.all(
    all.map(({ executionId }) => qflow.executionEngine.waitForExecution(executionId)),
  )
}

async function untilSpan(name: string): Promise<void> {
  await expect
    .poll(() => telemetry.spans().map((span) => span.name), { interval: 1 })
    .toContain(name)
}

function define(id: string, steps: readonly FlowStep[]): void {
  qflow.executionEngine.registerFlow(chain(id, steps))
}
