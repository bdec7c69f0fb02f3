import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import {
  createQflow,
  type FlowDefinition,
  type FlowStep,
  initializeQflow,
  shutdownQflow,
} from '@anarq/qflow'
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import {
  Assembler,
  criticalPath,
  decodeTracesProtobuf,
  type Execution,
  pathTotals,
} from '@qflow-otel/analyzer'
import { instrumentQflow } from '@qflow-otel/instrumentation'
import { beforeAll, expect, test } from 'vitest'
import { brokenTiling, inexactPhases, sumNs } from './exact.ts'

const ROUNDS = 60
const SUBNET = 'dao.exactness'

/** Everything the engine did, as it arrived after a way through OTLP: some 400 executions, many at a time. */
let executions: readonly Execution[]

beforeAll(async () => {
  const receiver = await startReceiver()
  await runEverything(receiver.url)
  const assembler = new Assembler()
  for (const body of receiver.bodies)
    assembler.add(decodeTracesProtobuf(body).spans, { nowUnixNs: 0n })
  executions = assembler.close(0n).map(({ execution }) => execution)
  await receiver.close()
})

test('there is something of everything', () => {
  const some = (is: (execution: Execution) => boolean) => executions.filter(is).length
  const hasPhase = (phase: 'queue' | 'resource_wait' | 'validation' | 'ledger' | 'retry_backoff') =>
    some(({ steps }) => steps.some(({ phasesNs }) => (phasesNs[phase] ?? 0) > 0))
  // One of each flow, one more for each sub-flow.
  expect(executions).toHaveLength(7 * ROUNDS)
  expect(some(({ closeReason }) => closeReason !== 'root_ended')).toBe(0)
  // One that is resumed before its loop comes round never paused.
  expect(some(({ activeNs, durationNs }) => activeNs < durationNs)).toBeGreaterThan(0)
  expect(some(({ status }) => status === 'failed')).toBe(ROUNDS)
  expect(some(({ parentExecutionId }) => parentExecutionId !== undefined)).toBe(ROUNDS)
  expect(some(({ steps }) => steps.some(({ attemptCount }) => attemptCount > 1))).toBe(ROUNDS)
  expect(hasPhase('queue')).toBeGreaterThan(0)
  expect(hasPhase('resource_wait')).toBe(ROUNDS)
  expect(hasPhase('retry_backoff')).toBe(ROUNDS)
  expect(hasPhase('validation')).toBe(executions.length)
  expect(hasPhase('ledger')).toBe(executions.length)
})

test('the phases of every step, each rounded to ns, sum exactly to its span', () => {
  const inexact = executions.flatMap((execution) =>
    inexactPhases({
      ...execution,
      attributesOf: (row) => execution.spans[row]?.attributes ?? [],
    }),
  )
  expect(inexact).toEqual([])
})

test('the path of every execution tiles it exactly, and its totals sum to the duration', () => {
  for (const execution of executions) {
    const path = criticalPath(execution)
    expect(brokenTiling(execution, path)).toEqual([])
    expect(sumNs(pathTotals(execution, path))).toBe(execution.durationNs)
  }
})

async function runEverything(url: string): Promise<void> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const exporter = new OTLPTraceExporter({ url: `${url}/v1/traces` })
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new BatchSpanProcessor(exporter, { maxQueueSize: 100_000 })],
  })
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
    { tracerProvider, detailMode: 'sampled' },
  )
  const limits = { maxConcurrentExecutions: 10_000 }
  await services.dao.registerDAOSubnet({ id: SUBNET, name: SUBNET, policies: [], limits })
  await initializeQflow({ instance: qflow, subnets: [SUBNET] })
  executionEngine.resourcePoolManager?.createPool(
    'database',
    { create: async () => ({}), destroy: async () => {}, validate: async () => true },
    { minSize: 0, maxSize: 2 },
  )
  const seen = new Set<unknown>()
  services.actions.registerAction('flaky', ({ order }) => {
    if (seen.has(order)) return
    seen.add(order)
    throw new TypeError('not at first')
  })
  services.actions.registerAction('broken', () => {
    throw new RangeError('never')
  })
  for (const flow of flows) executionEngine.registerFlow(flow)
  const run = async (flowId: string, order: number) => {
    const executionId = await executionEngine.startExecution(flowId, contextOf(order))
    if (flowId === 'paused') {
      await executionEngine.pauseExecution(executionId)
      await wait(order % 5)
      await executionEngine.resumeExecution(executionId)
    }
    await executionEngine.waitForExecution(executionId)
  }
  // Ten rounds at a time: executions of all flows side by side, and some after others.
  for (let from = 0; from < ROUNDS; from += 10) {
    const orders = Array.from({ length: 10 }, (_, index) => from + index)
    await Promise.all(orders.flatMap((order) => started.map((flowId) => run(flowId, order))))
  }
  await shutdownQflow(qflow)
  handle.disable()
  await tracerProvider.shutdown()
  context.disable()
}

/** Takes what an exporter sends, as it came over the wire. */
async function startReceiver(): Promise<{
  readonly url: string
  readonly bodies: readonly Buffer[]
  close(): Promise<void>
}> {
  const bodies: Buffer[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    bodies.push(Buffer.concat(chunks))
    response.setHeader('content-type', 'application/x-protobuf').end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    bodies,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

const started = ['pooled', 'grouped', 'retried', 'parent', 'failing', 'paused']

const flows: readonly FlowDefinition[] = [
  flow('pooled', [delay('query', 2, { pool: 'database' }, 'answer'), delay('answer', 1)]),
  flow('grouped', [
    {
      id: 'group',
      type: 'parallel',
      action: 'qflow.action.parallel',
      params: {
        maxConcurrency: 2,
        steps: [delay('left', 3), delay('middle', 1), delay('right', 2)],
      },
      onSuccess: 'after',
    },
    delay('after', 1),
  ]),
  flow('retried', [
    {
      id: 'flaky',
      type: 'task',
      action: 'flaky',
      params: { order: '${data.order}' },
      retryPolicy: { maxAttempts: 3, backoffStrategy: 'fixed', initialDelay: 2, maxDelay: 2 },
    },
  ]),
  flow('parent', [
    { id: 'call', type: 'module-call', action: 'qflow.module.call', params: { flowId: 'child' } },
  ]),
  flow('child', [delay('inner', 2)]),
  flow('failing', [delay('first', 1, {}, 'second'), task('second', 'broken')]),
  flow('paused', [delay('one', 1, {}, 'two'), delay('two', 1, {}, 'three'), delay('three', 1)]),
]

function flow(id: string, steps: readonly FlowStep[]): FlowDefinition {
  const now = '2026-01-01T00:00:00.000Z'
  const metadata = {
    tags: [],
    category: 'test',
    visibility: 'public' as const,
    requiredPermissions: [],
  }
  const named = { id, name: id, version: '1.0.0', owner: 'test' }
  return { ...named, steps, metadata, createdAt: now, updatedAt: now }
}

function task(
  id: string,
  action: string,
  params: FlowStep['params'] = {},
  onSuccess?: string,
): FlowStep {
  return { id, type: 'task', action, params, ...(onSuccess !== undefined && { onSuccess }) }
}

function delay(id: string, ms: number, more: FlowStep['params'] = {}, onSuccess?: string) {
  return task(id, 'qflow.action.delay', { ms, ...more }, onSuccess)
}

function contextOf(order: number) {
  return {
    triggeredBy: 'test',
    triggerType: 'manual' as const,
    inputData: { order },
    variables: {},
    daoSubnet: SUBNET,
    permissions: [],
  }
}
