import {
  createQflow,
  type FlowDefinition,
  type FlowStep,
  initializeQflow,
  shutdownQflow,
} from '@anarq/qflow'
import { instrumentQflow } from '@qflow-otel/instrumentation'
import { registry } from '@qflow-otel/semconv'
import { beforeAll, expect, test } from 'vitest'
import { telemetryViolations } from './check-telemetry.ts'
import { createRecorder } from './emitted.ts'

type Emitted = Awaited<ReturnType<ReturnType<typeof createRecorder>['emitted']>>

/** Runs every kind of step, outcome and detail span of the example engine once. */
let emitted: Emitted

beforeAll(async () => {
  const recorder = createRecorder()
  const qflow = createQflow()
  const { executionEngine, services, webhookService } = qflow
  const handle = instrumentQflow(
    {
      executionEngine,
      executionLedger: services.ledger,
      universalValidationPipeline: services.pipeline,
      daoSubnetService: services.dao,
      resourceBillingService: services.billing,
      webhookService,
    },
    { ...recorder.providers, detailMode: 'on' },
  )
  await initializeQflow({ instance: qflow })
  executionEngine.resourcePoolManager?.createPool(
    'database',
    { create: async () => ({}), destroy: async () => {}, validate: async () => true },
    { minSize: 0, maxSize: 1 },
  )
  let failuresLeft = 1
  services.actions.registerAction('flaky', () => {
    if (failuresLeft-- > 0) throw new TypeError('not yet')
  })
  services.actions.registerAction('broken', () => {
    throw new RangeError('never')
  })
  for (const flow of flows) executionEngine.registerFlow(flow)
  for (const flow of flows) {
    const id = await executionEngine.startExecution(flow.id, contextOf('manual'))
    await executionEngine.waitForExecution(id)
  }
  for (const trigger of ['webhook', 'event', 'schedule'] as const) {
    const id = await executionEngine.startExecution('child', contextOf(trigger))
    await executionEngine.waitForExecution(id)
  }
  await expect(executionEngine.startExecution('unknown', contextOf('manual'))).rejects.toThrow()
  const paused = await executionEngine.startExecution('child', contextOf('manual'))
  await executionEngine.pauseExecution(paused)
  await executionEngine.resumeExecution(paused)
  await executionEngine.waitForExecution(paused)
  await shutdownQflow(qflow)
  emitted = await recorder.emitted()
  handle.disable()
})

test('everything emitted is registered, with its unit and type', () => {
  expect(telemetryViolations(emitted)).toEqual([])
})

test('every registered span was seen', () => {
  const seen = new Set(emitted.spans.map((span) => span.name.split(' ')[0]))
  const registered = new Set(registry.spans.map((span) => span.name.split(' ')[0]))
  expect([...seen].sort()).toEqual([...registered].sort())
})

test('metrics and events of the instrumentation were seen', () => {
  const names = new Set([...emitted.metrics, ...emitted.events].map((one) => one.name))
  expect([...names]).toEqual(
    expect.arrayContaining([
      'qflow.execution.duration',
      'qflow.execution.rejected',
      'qflow.step.duration',
      'qflow.step.phase.time',
      'qflow.validation.cache.lookups',
      'qflow.pool.usage',
      'qflow.pool.acquisitions',
      'qflow.execution.started',
      'qflow.flow.defined',
    ]),
  )
})

test('a planted attribute is found in real telemetry', () => {
  const [first, ...rest] = emitted.spans
  if (first === undefined) throw new Error('no span was emitted')
  const planted = { ...first, attributes: { ...first.attributes, 'qflow.step.mood': 'good' } }
  expect(telemetryViolations({ spans: [planted, ...rest] })).toEqual([
    expect.stringContaining('qflow.step.mood is not registered'),
  ])
})

test('no identity and no payload leaves the process', () => {
  expect(JSON.stringify(emitted)).not.toMatch(/squid:alice|4111-1111/)
})

const flows: readonly FlowDefinition[] = [
  flow('child', [task('work', 'qflow.action.delay', { ms: 1 })]),
  flow('retry', [
    {
      ...task('flaky', 'flaky'),
      retryPolicy: { maxAttempts: 3, backoffStrategy: 'fixed', initialDelay: 1, maxDelay: 1 },
    },
  ]),
  flow('failing', [task('broken', 'broken')]),
  flow('everything', [
    task('pooled', 'qflow.action.delay', { ms: 1, pool: 'database' }, 'choose'),
    {
      id: 'choose',
      type: 'condition',
      action: 'qflow.condition.if',
      params: { condition: 'data.amount > 1' },
      onTrue: 'side-by-side',
      onFalse: 'call',
    },
    {
      id: 'side-by-side',
      type: 'parallel',
      action: 'qflow.parallel',
      params: {
        steps: [
          task('left', 'qflow.action.delay', { ms: 1 }),
          task('right', 'qflow.action.delay', { ms: 1 }),
        ],
      },
      onSuccess: 'call',
    },
    { id: 'call', type: 'module-call', action: 'qflow.module.call', params: { flowId: 'child' } },
  ]),
]

function flow(id: string, steps: readonly FlowStep[]): FlowDefinition {
  const now = '2026-01-01T00:00:00.000Z'
  const metadata = {
    tags: [],
    category: 'test',
    visibility: 'public' as const,
    requiredPermissions: [],
  }
  return {
    id,
    name: id,
    version: '1.0.0',
    owner: 'squid:alice',
    steps,
    metadata,
    createdAt: now,
    updatedAt: now,
  }
}

function task(
  id: string,
  action: string,
  params: FlowStep['params'] = {},
  onSuccess?: string,
): FlowStep {
  return { id, type: 'task', action, params, ...(onSuccess !== undefined && { onSuccess }) }
}

function contextOf(triggerType: 'manual' | 'webhook' | 'event' | 'schedule') {
  return {
    triggeredBy: 'squid:alice',
    triggerType,
    inputData: { amount: 2, card: '4111-1111' },
    variables: {},
    permissions: [],
  }
}
