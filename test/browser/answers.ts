import type {
  Answer,
  Bottleneck,
  Execution,
  ExecutionReport,
  ExecutionSpan,
  ExecutionSummary,
  FlowReport,
  Phase,
  Plain,
  Recommendation,
  Regression,
  Report,
} from '@qflow-otel/analyzer'

/** What a collector would answer, of the types that the page is written against. */
export interface Answers {
  readonly report: Plain<Report>
  readonly executions: readonly Plain<ExecutionSummary>[]
  readonly execution: Readonly<Record<string, ExecutionAnswer>>
  readonly why: Readonly<Record<string, Plain<Answer>>>
}

/** `Plain<ExecutionReport>` with text attributes: `Plain` cannot unfold values that nest in themselves. */
export interface ExecutionAnswer extends Plain<Omit<ExecutionReport, 'execution'>> {
  readonly execution: Plain<Omit<Execution, 'spans'>> & { readonly spans: readonly SpanAnswer[] }
}

export interface SpanAnswer extends Plain<Omit<ExecutionSpan, 'attributes'>> {
  readonly attributes: Readonly<Record<string, string>>
}

/** 2026-03-05T14:03:12Z. */
const startMs = 1_772_719_392_000
const ns = (ms: number) => `${BigInt(startMs + ms)}000000`
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const executionId = 'exec-7f3a90c2'

const losses = {
  acceptedSpanCount: 12_408,
  droppedSpans: { late: 3, duplicate: 0 },
  closedExecutions: { root_ended: 1030, idle: 2 },
}

export const emptyAnswers: Answers = {
  report: {
    flows: [],
    findings: [],
    losses: { acceptedSpanCount: 0, droppedSpans: {}, closedExecutions: {} },
  },
  executions: [],
  execution: {},
  why: {},
}

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
    learningLeftCount,
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
    falseAlarmBudgetExecutions: 10_000,
  }
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
  }
}

const place = {
  flowId: 'order-checkout',
  flowVersion: '1.4.0',
  stepId: 'charge-payment',
  phase: 'work' as const,
  spanName: 'POST payments.example',
}

const evidence = {
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
  medianBeforeMs: 82.4,
  medianAfterMs: 127.1,
  onsetExecutionId: executionId,
  onsetUnixNs: ns(-41_000),
  contributions: [
    { stepId: 'charge-payment', phase: 'work', spanName: 'POST payments.example', changeMs: 43.2 },
    { stepId: 'charge-payment', phase: 'resource_wait', spanName: undefined, changeMs: 2.1 },
    { stepId: 'reserve-stock', phase: 'work', spanName: undefined, changeMs: -0.6 },
  ],
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

const recommendation: Plain<Recommendation> = {
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

const flow = flowReport({
  flowId: 'order-checkout',
  executionCount: 1032,
  learningLeftCount: 0,
  p50Ms: 127.1,
})

const learningFlow = flowReport({
  flowId: 'refund',
  executionCount: 12,
  learningLeftCount: 18,
  p50Ms: 41.7,
})

function summary(index: number): Plain<ExecutionSummary> {
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

const why: Plain<Answer> = {
  about: 'execution',
  id: executionId,
  headline:
    'It took 133 ms, 61 % more than the median of its flow: 71.0 ms passed in POST payments.example.',
  facts: [
    'charge-payment is on the critical path with 96.0 ms of 133 ms.',
    'Before POST payments.example it waited 12.0 ms for a connection of pool payments.',
  ],
  evidence,
}

interface SpanSketch {
  readonly id: string
  readonly parent: string | undefined
  readonly name: string
  readonly role: 'execution' | 'step' | 'attempt' | 'detail' | 'foreign'
  readonly ms: readonly [number, number]
  readonly depth: number
}

export function span({ id, parent, name, role, ms, depth }: SpanSketch): SpanAnswer {
  return {
    spanId: id,
    traceId,
    parentSpanId: parent,
    name,
    kind: role === 'foreign' ? 'client' : 'internal',
    role,
    startNs: ms[0] * 1e6,
    endNs: ms[1] * 1e6,
    isError: false,
    serviceName: 'orders',
    attributes: role === 'foreign' ? { 'http.request.method': 'POST' } : {},
    depth,
  }
}

function stepRun(
  given: { spanId: string; stepId: string; ms: readonly [number, number] },
  phasesMs: Partial<Record<Phase, number>>,
): ExecutionAnswer['execution']['steps'][number] {
  return {
    spanId: given.spanId,
    stepId: given.stepId,
    type: 'task',
    action: 'http-call',
    startNs: given.ms[0] * 1e6,
    endNs: given.ms[1] * 1e6,
    attemptCount: 1,
    errorType: undefined,
    phasesNs: Object.fromEntries(
      Object.entries(phasesMs).map(([phase, milliseconds]) => [phase, milliseconds * 1e6]),
    ),
    missingPhases: [],
    cpuNs: 1_204_117,
    heapGrowthBytes: undefined,
    attribution: 'shared',
    cacheHits: 3,
    cacheMisses: 1,
  }
}

/** Spans by their row below. */
const rowOf: readonly string[] = ['root', 'r', 'rd', 'a', 'c', 'p1', 'p', 's']

function segment(
  spanId: string,
  stepId: string | undefined,
  ms: readonly [number, number],
  phase?: Phase,
): ExecutionAnswer['path'][number] {
  const spanIndex = rowOf.indexOf(spanId)
  return { spanId, spanIndex, stepId, phase, startNs: ms[0] * 1e6, endNs: ms[1] * 1e6 }
}

/**
 *      0        20   25                        121   133 ms
 * root ████████████████████████████████████████████████
 * r    .████████
 * a    ..██                  (beside r, off the path)
 * c              ███████████████████████████████
 * p                     █████████████████████
 * s                                            █████
 */
export const executionReport: ExecutionAnswer = {
  execution: {
    tenant: 'default',
    executionId,
    flowId: 'order-checkout',
    flowVersion: '1.4.0',
    serviceVersion: '2.0.1',
    traceIds: [traceId],
    parentExecutionId: undefined,
    triggerType: 'webhook',
    startUnixNs: ns(29_300),
    durationNs: 133e6,
    activeNs: 133e6,
    status: 'completed',
    errorType: undefined,
    closeReason: 'root_ended',
    spans: [
      span({
        id: 'root',
        parent: undefined,
        name: 'execute_flow order-checkout',
        role: 'execution',
        ms: [0, 133],
        depth: 0,
      }),
      span({
        id: 'r',
        parent: 'root',
        name: 'execute_step reserve-stock',
        role: 'step',
        ms: [2, 24],
        depth: 1,
      }),
      span({ id: 'rd', parent: 'r', name: 'SELECT stock', role: 'foreign', ms: [4, 19], depth: 2 }),
      span({
        id: 'a',
        parent: 'root',
        name: 'execute_step audit',
        role: 'step',
        ms: [2, 11],
        depth: 1,
      }),
      span({
        id: 'c',
        parent: 'root',
        name: 'execute_step charge-payment',
        role: 'step',
        ms: [25, 121],
        depth: 1,
      }),
      {
        ...span({
          id: 'p1',
          parent: 'c',
          name: 'POST payments.example',
          role: 'foreign',
          ms: [38, 44],
          depth: 2,
        }),
        isError: true,
      },
      span({
        id: 'p',
        parent: 'c',
        name: 'POST payments.example',
        role: 'foreign',
        ms: [46, 117],
        depth: 2,
      }),
      span({
        id: 's',
        parent: 'root',
        name: 'execute_step send-receipt',
        role: 'step',
        ms: [121, 132],
        depth: 1,
      }),
    ],
    steps: [
      stepRun(
        { spanId: 'r', stepId: 'reserve-stock', ms: [2, 24] },
        { validation: 2, work: 17, ledger: 3 },
      ),
      stepRun({ spanId: 'a', stepId: 'audit', ms: [2, 11] }, { work: 7, ledger: 2 }),
      stepRun(
        { spanId: 'c', stepId: 'charge-payment', ms: [25, 121] },
        { validation: 1, resource_wait: 12, retry_backoff: 2, work: 77, ledger: 4 },
      ),
      stepRun({ spanId: 's', stepId: 'send-receipt', ms: [121, 132] }, { work: 9, ledger: 2 }),
    ],
    spanCount: 8,
    flags: [],
  },
  path: [
    segment('root', undefined, [0, 2]),
    segment('r', 'reserve-stock', [2, 4], 'validation'),
    segment('rd', 'reserve-stock', [4, 19], 'work'),
    segment('r', 'reserve-stock', [19, 24], 'ledger'),
    segment('root', undefined, [24, 25]),
    segment('c', 'charge-payment', [25, 38], 'resource_wait'),
    segment('p1', 'charge-payment', [38, 44], 'work'),
    segment('c', 'charge-payment', [44, 46], 'retry_backoff'),
    segment('p', 'charge-payment', [46, 117], 'work'),
    segment('c', 'charge-payment', [117, 121], 'ledger'),
    segment('s', 'send-receipt', [121, 132], 'work'),
    segment('root', undefined, [132, 133]),
  ],
  comparison: {
    medianMs: 82.4,
    n: 791,
    percentileRank: 0.97,
    excess: [{ stepId: 'charge-payment', phase: 'work', excessMs: 43.2 }],
  },
  findings: [regression],
}

export const learningAnswers: Answers = {
  report: { flows: [learningFlow], findings: [], losses },
  executions: [summary(2), summary(5)],
  execution: {},
  why: {},
}

export const findingAnswers: Answers = {
  report: {
    flows: [flow, learningFlow],
    findings: [bottleneck, recommendation, regression],
    losses,
  },
  executions: Array.from({ length: 9 }, (_, index) => summary(index)),
  execution: { [executionId]: executionReport },
  why: {
    [executionId]: why,
    'order-checkout': {
      ...why,
      about: 'flow',
      id: 'order-checkout',
      headline: regression.sentence,
    },
  },
}
