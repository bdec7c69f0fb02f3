import type {
  ExecutionSummary,
  FlowReport,
  Phase,
  Plain,
  PoolContention,
} from '@qflow-otel/analyzer'
import { executionId, ns, traceId } from './example-findings.ts'

const quantile = (value: number) => ({ value, low: value * 0.94, high: value * 1.07 })

function flowReport(flow: {
  flowId: string
  executionCount: number
  learningLeftCount: number
  p50Ms: number
}): Plain<FlowReport> {
  const { flowId, executionCount, learningLeftCount, p50Ms } = flow
  return {
    tenant: 'default',
    flowId,
    versions: ['1.4.0'],
    executionCount,
    failedCount: executionCount > 100 ? 4 : 0,
    state: learningLeftCount > 0 ? 'learning' : 'watching',
    traffic: 'watching',
    learnedCount: Math.max(0, 30 - learningLeftCount),
    minSampleSize: 30,
    learningLeftCount,
    drift: undefined,
    durationMs: {
      n: executionCount,
      p50: quantile(p50Ms),
      p95: quantile(p50Ms * 1.8),
      p99: { value: p50Ms * 2.4, low: p50Ms * 2.1, high: undefined },
    },
    steps: [
      step({ stepId: 'reserve-stock', p50Ms: p50Ms * 0.2, phasesMs: { work: 16.1, ledger: 2.8 } }),
      step({
        stepId: 'charge-payment',
        p50Ms: p50Ms * 0.6,
        phasesMs: { validation: 3.1, resource_wait: 8.4, work: 71.3, ledger: 3.9, engine: 0.4 },
      }),
      step({ stepId: 'send-receipt', p50Ms: p50Ms * 0.1, phasesMs: { work: 9.2, ledger: 2.2 } }),
    ],
    criticalPath: [
      share(
        { stepId: 'charge-payment', phase: 'work', spanName: 'POST payments.example' },
        66.2,
        0.52,
      ),
      share({ stepId: 'reserve-stock', phase: 'work', spanName: undefined }, 16.1, 0.13),
      share({ stepId: 'charge-payment', phase: 'resource_wait', spanName: undefined }, 8.4, 0.07),
      share({ stepId: undefined, phase: undefined, spanName: undefined }, 3.2, 0.03),
    ],
    hours: [],
    variants: [
      variant(['reserve-stock', 'charge-payment', 'send-receipt'], 0.9, p50Ms),
      variant(['reserve-stock', 'cancel-order'], 0.1, p50Ms * 0.4),
    ],
    curves: [curve()],
    concurrency: {
      count: 64,
      windowMs: 32_000,
      meanOpenCount: 1.8,
      maxOpenCount: 5,
      busyRatio: 0.84,
    },
    queues: [
      {
        containerId: 'checks',
        stepId: 'check-fraud',
        waitCount: 120,
        waitMs: 4_300,
        holders: [{ stepId: 'check-stock', ranMs: 4_100 }],
      },
    ],
    deployments: [],
    mixShifts: [],
    falseAlarmBudgetExecutions: 10_000,
  }
}

function variant(
  stepIds: readonly string[],
  share: number,
  p50Ms: number,
): Plain<FlowReport>['variants'][number] {
  const steps = stepIds.map((stepId) => ({ stepId, isFailed: stepId === 'cancel-order' }))
  const executionCount = Math.round(1_032 * share)
  return {
    steps,
    distinct: steps.slice(1),
    executionCount,
    failedCount: 0,
    share: { value: share, low: share - 0.02, high: share + 0.02, n: 1_032 },
    durationMs: { n: executionCount, p50: quantile(p50Ms), p95: undefined, p99: undefined },
    criticalPath: [],
    speedups: [],
  }
}

function curve(): Plain<FlowReport>['curves'][number] {
  const saved = [0, 0.14, 0.27, 0.33, 0.33]
  return {
    place: { stepId: 'charge-payment', phase: 'work', spanName: 'POST payments.example' },
    points: saved.map((value, at) => ({
      remainingRatio: 1 - at / 4,
      saved: { value, low: value * 0.9, high: value * 1.1, n: 52 },
    })),
  }
}

/** Two flows that share clients of one service. */
export const pool: Plain<PoolContention> = {
  tenant: 'default',
  pool: 'payment-clients',
  waitCount: 240,
  waitMs: 2_016,
  unexplainedMs: 110,
  waiters: [{ flowId: 'order-checkout', stepId: 'charge-payment', waitCount: 240, waitMs: 2_016 }],
  holders: [
    {
      flowId: 'refund',
      stepId: 'pay-back',
      heldMs: 2_480,
      share: 0.71,
      executionIds: ['exec-0007'],
    },
    {
      flowId: 'order-checkout',
      stepId: 'charge-payment',
      heldMs: 1_013,
      share: 0.29,
      executionIds: [],
    },
  ],
  use: { holdCount: 410, windowMs: 32_000, meanHeldCount: 1.7, maxHeldCount: 2, meanHoldMs: 133 },
  forgottenCount: 0,
}

function share(
  place: { stepId: string | undefined; phase: Phase | undefined; spanName: string | undefined },
  meanMs: number,
  value: number,
): Plain<FlowReport>['criticalPath'][number] {
  return { ...place, meanMs, share: { value, low: value - 0.02, high: value + 0.02, n: 240 } }
}

function step(given: {
  stepId: string
  p50Ms: number
  phasesMs: Partial<Record<Phase, number>>
}): Plain<FlowReport>['steps'][number] {
  const { stepId, p50Ms, phasesMs } = given
  return {
    stepId,
    type: 'task',
    action: 'http-call',
    runCount: 240,
    failedCount: 0,
    durationMs: {
      n: 240,
      p50: quantile(p50Ms),
      p95: quantile(p50Ms * 1.7),
      p99: quantile(p50Ms * 2.2),
    },
    phasesMs,
    missingPhases: [],
    slack: {
      onPath: { value: 0.83, low: 0.71, high: 0.91, n: 58 },
      quantilesMs: {
        n: 58,
        p50: { value: 0, low: 0, high: 0 },
        p95: { value: 4.2, low: 3.1, high: undefined },
        p99: undefined,
      },
    },
    concurrency: undefined,
  }
}

export const flow = flowReport({
  flowId: 'order-checkout',
  executionCount: 1032,
  learningLeftCount: 0,
  p50Ms: 127.1,
})

export const learningFlow = flowReport({
  flowId: 'refund',
  executionCount: 12,
  learningLeftCount: 18,
  p50Ms: 41.7,
})

export function summary(index: number): Plain<ExecutionSummary> {
  const isRunning = index === 0
  return {
    tenant: 'default',
    executionId: index === 1 ? executionId : `exec-7f3b${String(index).padStart(4, '0')}`,
    flowId: index % 3 === 2 ? 'refund' : 'order-checkout',
    flowVersion: '1.4.0',
    traceId,
    status: isRunning ? undefined : index === 4 ? 'failed' : 'completed',
    startUnixNs: ns(30_000 - index * 700),
    durationMs: isRunning ? undefined : 118 + index * 3.7,
    spanCount: isRunning ? 3 : 12,
    closeReason: isRunning ? undefined : 'root_ended',
  }
}
