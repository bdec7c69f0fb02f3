import type { FlowReport, Plain, PoolContention } from '@qflow-otel/analyzer'

/** What is known of a flow over many executions, as golden files draw it. */
export const sampleMany: Pick<
  Plain<FlowReport>,
  'variants' | 'curves' | 'concurrency' | 'queues'
> = {
  variants: [
    variant(['charge-card', 'reserve-stock', 'notify'], { executionCount: 1_083, p50: 190.2 }),
    variant(['charge-card!', 'cancel'], { executionCount: 110, p50: 71.8 }),
    { ...variant([], { executionCount: 10, p50: 99 }), steps: undefined },
  ],
  curves: [
    {
      place: { stepId: 'reserve-stock', phase: 'resource_wait', spanName: undefined },
      points: [0, 0.08, 0.16, 0.24, 0.32].map((value, at) => ({
        remainingRatio: 1 - at / 4,
        saved: { value, low: value * 0.9, high: value * 1.1, n: 58 },
      })),
    },
  ],
  concurrency: {
    count: 64,
    windowMs: 32_000,
    meanOpenCount: 1.84,
    maxOpenCount: 5,
    busyRatio: 0.84,
  },
  queues: [
    {
      containerId: 'parallel-checks',
      stepId: 'check-fraud',
      waitCount: 1_203,
      waitMs: 43_400,
      holders: [{ stepId: 'reserve-stock', ranMs: 41_200 }],
    },
  ],
}

export const samplePools: readonly Plain<PoolContention>[] = [
  {
    tenant: 'default',
    pool: 'warehouse',
    waitCount: 256,
    waitMs: 14_900,
    unexplainedMs: 730,
    waiters: [
      { flowId: 'order-fulfilment', stepId: 'reserve-stock', waitCount: 256, waitMs: 14_900 },
    ],
    holders: [
      {
        flowId: 'nightly\x1b[31m-sync',
        stepId: 'count',
        heldMs: 11_020,
        share: 0.74,
        executionIds: ['exec-7'],
      },
      {
        flowId: 'order-fulfilment',
        stepId: 'reserve-stock',
        heldMs: 3_880,
        share: 0.26,
        executionIds: ['exec-1207'],
      },
    ],
    use: {
      holdCount: 512,
      windowMs: 64_000,
      meanHeldCount: 1.7,
      maxHeldCount: 2,
      meanHoldMs: 212,
    },
    forgottenCount: 1_024,
  },
]

/** `!` behind a step's id: it failed. */
function variant(
  names: readonly string[],
  { executionCount, p50 }: { executionCount: number; p50: number },
): Plain<FlowReport>['variants'][number] {
  const distinct = names.map((name) => ({
    stepId: name.replace('!', ''),
    isFailed: name.endsWith('!'),
  }))
  const share = executionCount / 1_203
  return {
    steps: [{ stepId: 'validate-order', isFailed: false }, ...distinct],
    distinct,
    executionCount,
    failedCount: 0,
    share: { value: share, low: share - 0.02, high: share + 0.02, n: 1_203 },
    durationMs: {
      n: executionCount,
      p50: { value: p50, low: p50 * 0.95, high: p50 * 1.05 },
      p95: undefined,
      p99: undefined,
    },
    criticalPath: [],
    speedups: [],
  }
}
