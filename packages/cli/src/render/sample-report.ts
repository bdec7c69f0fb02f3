import type { CriticalPathShare, Finding, FlowReport, Plain, Report } from '@qflow-otel/analyzer'
import { sampleMany, samplePools } from './sample-many.ts'

/** A report as a flow with a slow dependency gives it; what golden files are drawn from. */
export const sampleReport: Plain<Report> = {
  flows: [orderFlow(), learningFlow()],
  findings: sampleFindings(),
  alerts: [],
  calibrations: [],
  falseAlarms: {
    budgetExecutions: 10_000,
    replayed: { value: 4e-5, low: 1e-5, high: 1.2e-4, n: 100_000 },
    verdicts: undefined,
    falsePositiveCount: 0,
  },
  pools: samplePools,
  processes: [
    {
      tenant: 'default',
      serviceName: 'shop',
      instanceId: 'shop-7f9c',
      heapBytes: 203_423_744,
      heapLimitBytes: 4_345_298_944,
      seenUnixNs: '1700000000000000000',
    },
  ],
  losses: {
    acceptedSpanCount: 12_345,
    droppedSpans: { late: 3, unknown_flow: 41 },
    closedExecutions: { root_ended: 1_203 },
    unjudged: { failed: 4 },
  },
}

function orderFlow(): Plain<FlowReport> {
  return {
    tenant: 'default',
    flowId: 'order-fulfilment',
    versions: ['1.2.0', '1.3.0', '1.3.1', '1.4.0'],
    executionCount: 1_203,
    failedCount: 4,
    state: 'watching',
    learnedCount: 1_204,
    traffic: 'watching',
    minSampleSize: 30,
    learningLeftCount: 0,
    drift: undefined,
    durationMs: {
      n: 1_203,
      p50: { value: 182.4, low: 179.1, high: 186.2 },
      p95: { value: 243.7, low: 231, high: 260.4 },
      p99: { value: 301.2, low: 288.9, high: undefined },
    },
    steps: [
      step('validate-order', { p50: 4.12, phasesMs: { validation: 3.4, work: 0.5, engine: 0.1 } }),
      step('charge-card', { p50: 61.2, failedCount: 4, phasesMs: { work: 60.1, ledger: 2.2 } }),
      step('reserve-stock', { p50: 88.4, phasesMs: { resource_wait: 58.3, work: 30.2 } }),
      { ...step('notify', { p50: 0.412, phasesMs: { work: 0.4 } }), missingPhases: ['ledger'] },
    ],
    criticalPath: [
      share({ stepId: 'reserve-stock', phase: 'resource_wait', meanMs: 58.3, ratio: 0.317 }),
      share({
        stepId: 'charge-card',
        phase: 'work',
        spanName: 'POST payments.example/v1/charges',
        meanMs: 60.1,
        ratio: 0.327,
      }),
      share({ stepId: 'reserve-stock', phase: 'work', meanMs: 30.2, ratio: 0.164 }),
      share({ stepId: 'validate-order', phase: 'validation', meanMs: 3.4, ratio: 0.018 }),
      share({ stepId: undefined, phase: undefined, meanMs: 0.82, ratio: 0.0045 }),
      share({ stepId: 'notify', phase: 'engine', meanMs: 0.000_05, ratio: 0.000_000_3 }),
    ],
    hours: [],
    ...sampleMany,
    deployments: [
      {
        kind: 'flow_version',
        unixNs: '1795464000000000000',
        name: '1.4.0',
        previous: '1.3.2',
        difference: 'adds fraud-check',
      },
      {
        kind: 'code_version',
        unixNs: '1795471391000000000',
        name: '2.1.0',
        previous: '2.0.1',
        difference: undefined,
      },
      {
        kind: 'mark',
        unixNs: '1795471400000000000',
        name: 'database moved',
        previous: undefined,
        difference: undefined,
      },
    ],
    mixShifts: [],
    falseAlarmBudgetExecutions: 10_000,
  }
}

/** A young flow with a hostile name. */
function learningFlow(): Plain<FlowReport> {
  return {
    tenant: 'default',
    flowId: 'nightly\x1b[31m-\u202esync\n支払い',
    versions: [],
    executionCount: 3,
    failedCount: 0,
    state: 'learning',
    learnedCount: 3,
    traffic: 'learning',
    minSampleSize: 30,
    learningLeftCount: 27,
    drift: undefined,
    durationMs: {
      n: 3,
      p50: { value: 65_200, low: undefined, high: undefined },
      p95: undefined,
      p99: undefined,
    },
    steps: [],
    criticalPath: [],
    hours: [],
    variants: [],
    curves: [],
    concurrency: undefined,
    queues: [],
    deployments: [],
    mixShifts: [],
    falseAlarmBudgetExecutions: 10_000,
  }
}

function step(
  stepId: string,
  { p50, failedCount = 0, phasesMs }: { p50: number; failedCount?: number; phasesMs: object },
): Plain<FlowReport>['steps'][number] {
  const quantile = (value: number) => ({ value, low: value * 0.95, high: value * 1.05 })
  const durationMs = {
    n: 1_203,
    p50: quantile(p50),
    p95: quantile(p50 * 1.4),
    p99: quantile(p50 * 1.9),
  }
  const type = 'task'
  const action = 'http'
  return {
    stepId,
    type,
    action,
    runCount: 1_203,
    failedCount,
    durationMs,
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

function share(
  part: Omit<Plain<CriticalPathShare>, 'share' | 'spanName'> & { spanName?: string; ratio: number },
): Plain<CriticalPathShare> {
  const { ratio, spanName = undefined, ...where } = part
  const halfWidth = ratio * 0.08
  const estimate = { value: ratio, low: ratio - halfWidth, high: ratio + halfWidth, n: 1_203 }
  return { ...where, spanName, share: estimate }
}

/** One finding of each kind, about one cause. */
function sampleFindings(): readonly Plain<Finding>[] {
  const place = {
    flowId: 'order-fulfilment',
    flowVersion: '1.4.0',
    stepId: 'charge-card',
    phase: 'work',
    spanName: 'POST payments.example/v1/charges',
  } as const
  const common = {
    tenant: 'default',
    place,
    class: 'io',
    severity: 'high',
    state: 'open',
    openedUnixNs: '1795471392000000000',
    updatedUnixNs: '1795471452000000000',
    evidence: {
      executionIds: ['exec-1207', 'exec-1209'],
      traceIds: ['4bf92f3577b34da6a3ce929d0e0e4736', '7d3b5c8f1e2a49608b7c6d5e4f3a2b1c'],
      figures: { medianBeforeMs: 32.1, medianAfterMs: 60.1, spanCount: 1_203 },
    },
  } as const
  return [
    {
      ...common,
      kind: 'bottleneck',
      id: 'b'.repeat(32),
      sentence: 'charge-card waits for POST payments.example/v1/charges.',
      speedup: { value: 0.31, low: 0.28, high: 0.34, n: 57 },
      savedMs: { value: 57.1, low: 52.2, high: 61.9, n: 57 },
    },
    {
      ...common,
      kind: 'regression',
      id: 'c'.repeat(32),
      severity: 'critical',
      direction: 'regression',
      metric: 'phase',
      sentence: 'charge-card became slower.',
      effect: { value: 0.87, low: 0.71, high: 1.31, n: 57 },
      level: { unit: 'ms', before: 32.1, after: 60.1 },
      onsetExecutionId: 'exec-1207',
      onsetUnixNs: '1795471392000000000',
      contributions: [
        { stepId: 'charge-card', phase: 'work', spanName: undefined, changeMs: 28.2 },
        { stepId: 'reserve-stock', phase: 'work', spanName: undefined, changeMs: 0.3 },
      ],
      causes: [
        {
          kind: 'code_version',
          from: '2.0.1',
          to: '2.1.0',
          unixNs: '1795471391000000000',
          probability: 0.97,
          basis: 'onset',
          effect: { value: 0.21, low: 0.16, high: 0.26, n: 57 },
          change: 28.2,
          share: 0.99,
          words: 'code version 2.1.0',
          executionIds: ['exec-1207'],
          traceIds: ['4bf92f3577b34da6a3ce929d0e0e4736'],
        },
      ],
    },
    {
      ...common,
      kind: 'recommendation',
      id: 'd'.repeat(32),
      sentence: 'Answer charge-card from a cache.',
      action: 'investigate_dependency',
      advice:
        'Look at payments.example: its answers became slower with execution exec-1207; call it in parallel with reserve-stock until it has recovered.',
      predictedGain: { value: 0.22, low: 0.18, high: 0.26, n: 57 },
      assumptions: ['The two steps share no data.'],
      forFindingIds: ['c'.repeat(32)],
    },
  ]
}
