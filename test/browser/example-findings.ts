import type {
  AlertReport,
  Bottleneck,
  Plain,
  Recommendation,
  Regression,
} from '@qflow-otel/analyzer'

/** 2026-03-05T14:03:12Z. */
const startMs = 1_772_719_392_000

export const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
export const executionId = 'exec-7f3a90c2'

/** ns since 1970, as answers hold them. */
export function ns(msAfterStart: number): string {
  return `${BigInt(startMs + msAfterStart)}000000`
}

const place = {
  flowId: 'order-checkout',
  flowVersion: '1.4.0',
  stepId: 'charge-payment',
  phase: 'work' as const,
  spanName: 'POST payments.example',
}

export const evidence = {
  executionIds: [executionId, 'exec-7f3a91d8', 'exec-7f3a93aa'],
  traceIds: [traceId],
  figures: { medianBeforeMs: 82.4, medianAfterMs: 127.1, exampleCount: 240 },
}

const base = {
  tenant: 'default',
  place,
  state: 'open' as const,
  openedUnixNs: ns(0),
  updatedUnixNs: ns(30_000),
  evidence,
}

export const regression: Plain<Regression> = {
  ...base,
  id: 'a3f1c2d4e5b60718293a4b5c6d7e8f90',
  kind: 'regression',
  class: 'io',
  severity: 'high',
  sentence:
    'order-checkout became 54 % slower: POST payments.example in step charge-payment takes 43 ms longer.',
  direction: 'regression',
  metric: 'duration',
  effect: { value: 0.542, low: 0.481, high: 0.607, n: 240 },
  level: { unit: 'ms', before: 82.4, after: 127.1 },
  onsetExecutionId: executionId,
  onsetUnixNs: ns(-41_000),
  contributions: [
    { stepId: 'charge-payment', phase: 'work', spanName: 'POST payments.example', changeMs: 43.2 },
    { stepId: 'charge-payment', phase: 'resource_wait', spanName: undefined, changeMs: 2.1 },
    { stepId: 'reserve-stock', phase: 'work', spanName: undefined, changeMs: -0.6 },
  ],
  causes: [],
}

export const bottleneck: Plain<Bottleneck> = {
  ...base,
  id: 'b3f1c2d4e5b60718293a4b5c6d7e8f91',
  kind: 'bottleneck',
  class: 'io',
  severity: 'medium',
  sentence: 'If POST payments.example took no time, order-checkout would be 52 % faster.',
  speedup: { value: 0.52, low: 0.49, high: 0.55, n: 240 },
  savedMs: { value: 66.2, low: 62.1, high: 70.4, n: 240 },
}

export const recommendation: Plain<Recommendation> = {
  ...base,
  id: 'c3f1c2d4e5b60718293a4b5c6d7e8f92',
  kind: 'recommendation',
  class: 'io',
  severity: 'medium',
  sentence: 'Calling payments.example beside reserve-stock would save 16 ms.',
  action: 'parallelize',
  advice: 'Start charge-payment beside reserve-stock: neither reads what the other writes.',
  predictedGain: { value: 0.13, low: 0.1, high: 0.16, n: 240 },
  assumptions: ['payments.example bears the calls at the same rate as today'],
  forFindingIds: [regression.id],
}

/** That the regression, with another flow's, is one problem. */
export const alert: Plain<AlertReport> = {
  ...base,
  kind: 'alert',
  id: '4f9d3c1a2b5e6f704f9d3c1a2b5e6f70',
  status: 'open',
  cause: { kind: 'dependency', name: 'POST payments.example' },
  class: 'io',
  severity: 'high',
  effect: regression.effect,
  sentence: `dependency POST payments.example: ${regression.sentence}; also refund`,
  flowIds: ['order-checkout', 'refund'],
  findingIds: [regression.id],
  relatedIds: [regression.id, recommendation.id],
  onsetUnixNs: regression.onsetUnixNs,
  snoozedUntilUnixNs: undefined,
  reopenedCount: 2,
  endedBy: undefined,
}
