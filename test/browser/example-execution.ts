import type { Answer, ExecutionReport, ExecutionSpan, Phase, Plain } from '@qflow-otel/analyzer'
import { evidence, executionId, ns, regression, traceId } from './example-findings.ts'

export type ExecutionAnswer = Plain<ExecutionReport>

type SpanAnswer = Plain<ExecutionSpan>

/** Spans by their row below. */
const rowOf: readonly string[] = ['root', 'r', 'rd', 'a', 'c', 'p1', 'p', 's']

/** What is left of the steps' phases once their calls and pauses between attempts are taken out. */
const ownMs: Readonly<Record<string, Partial<Record<Phase, number>>>> = {
  r: { ledger: 3, validation: 2, work: 2 },
  c: { resource_wait: 12, ledger: 4, validation: 1 },
  s: { work: 9, ledger: 2 },
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
    weight: 1,
    node: undefined,
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
    segment('r', 'reserve-stock', [2, 4]),
    segment('rd', 'reserve-stock', [4, 19], 'work'),
    segment('r', 'reserve-stock', [19, 24]),
    segment('root', undefined, [24, 25]),
    segment('c', 'charge-payment', [25, 38]),
    segment('p1', 'charge-payment', [38, 44], 'work'),
    segment('c', 'charge-payment', [44, 46], 'retry_backoff'),
    segment('p', 'charge-payment', [46, 117], 'work'),
    segment('c', 'charge-payment', [117, 121]),
    segment('s', 'send-receipt', [121, 132]),
    segment('root', undefined, [132, 133]),
  ],
  totals: [
    { ...total('charge-payment', 'work', 77), spanName: 'POST payments.example' },
    { ...total('reserve-stock', 'work', 15), spanName: 'SELECT stock' },
    total('charge-payment', 'resource_wait', 12),
    total('send-receipt', 'work', 9),
    total('charge-payment', 'ledger', 4),
    total(undefined, 'engine', 4),
    total('reserve-stock', 'ledger', 3),
    total('charge-payment', 'retry_backoff', 2),
    total('reserve-stock', 'validation', 2),
    total('reserve-stock', 'work', 2),
    total('send-receipt', 'ledger', 2),
    total('charge-payment', 'validation', 1),
  ],
  comparison: {
    medianMs: 82.4,
    n: 791,
    percentileRank: 0.97,
    excess: [{ stepId: 'charge-payment', phase: 'work', excessMs: 43.2 }],
  },
  findings: [regression],
}

interface SpanSketch {
  readonly id: string
  readonly parent: string | undefined
  readonly name: string
  readonly role: 'execution' | 'step' | 'attempt' | 'detail' | 'foreign'
  readonly ms: readonly [number, number]
  readonly depth: number
}

function span({ id, parent, name, role, ms, depth }: SpanSketch): SpanAnswer {
  return {
    spanId: id,
    traceId,
    parentSpanId: parent,
    parentRow: parent === undefined ? -1 : rowOf.indexOf(parent),
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

function segment(
  spanId: string,
  stepId: string | undefined,
  ms: readonly [number, number],
  phase?: Phase,
): ExecutionAnswer['path'][number] {
  const spanIndex = rowOf.indexOf(spanId)
  const told = spanId === 'root' ? 'engine' : phase
  const ownPhases = told === undefined ? ratiosOf(ownMs[spanId] ?? {}) : undefined
  const times = { startNs: ms[0] * 1e6, endNs: ms[1] * 1e6 }
  return { spanId, spanIndex, stepId, phase: told, ownPhases, ...times }
}

function ratiosOf(phasesMs: Partial<Record<Phase, number>>): { phase: Phase; ratio: number }[] {
  const parts = Object.entries(phasesMs)
  const sumMs = parts.reduce((sum, [, ms]) => sum + ms, 0)
  // The keys are those of a record of phases.
  return parts.map(([phase, ms]) => ({ phase: phase as Phase, ratio: ms / sumMs }))
}

function total(
  stepId: string | undefined,
  phase: Phase,
  ms: number,
): ExecutionAnswer['totals'][number] {
  return { stepId, phase, spanName: undefined, ns: ms * 1e6, isEstimated: false }
}

export const why: Plain<Answer> = {
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
