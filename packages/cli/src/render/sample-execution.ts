import type { Answer, PathSegment, Plain } from '@qflow-otel/analyzer'
import type { DrawnExecution, DrawnSpan } from './drawn-execution.ts'

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736'
const MS = 1e6

/** One slow execution with a retried call, drawn as golden waterfall. */
export const sampleExecution: DrawnExecution = {
  execution: {
    tenant: 'default',
    executionId: 'exec-1207',
    flowId: 'order-fulfilment',
    flowVersion: '1.4.0',
    serviceVersion: undefined,
    weight: 1,
    node: undefined,
    traceIds: [TRACE_ID],
    parentExecutionId: undefined,
    triggerType: 'webhook',
    startUnixNs: '1795471392000000000',
    durationNs: 182 * MS,
    activeNs: 182 * MS,
    status: 'failed',
    errorType: 'CardDeclined',
    closeReason: 'root_ended',
    spans: withParents([
      span('a', 'execute_flow order-fulfilment', { at: 0, to: 182, depth: 0 }),
      span('b', 'execute_step validate-order', { at: 0.4, to: 4.5, depth: 1 }),
      span('c', 'execute_step parallel-checks', { at: 4.6, to: 95, depth: 1 }),
      span('d', 'execute_step reserve-stock', { at: 5, to: 94.8, depth: 2 }),
      span('e', 'execute_step check-fraud', { at: 5, to: 41, depth: 2 }),
      span('f', 'execute_step charge-card', { at: 95.4, to: 180, depth: 1, isError: true }),
      span('g', 'attempt charge-card', { at: 95.6, to: 130, depth: 2, isError: true }),
      span('h', 'POST payments.example/v1/charges', { at: 96, to: 129.8, depth: 3, isError: true }),
      span('i', 'attempt charge-card', { at: 150, to: 180, depth: 2 }),
      span('j', '\x1b]0;owned\x07 支払い', { at: 150.1, to: 150.2, depth: 3 }),
    ]),
    spanCount: 10,
    flags: [],
  },
  path: [
    segment('a', 0, 0.4),
    segment('b', 0.4, 4.5),
    segment('a', 4.5, 4.6),
    segment('c', 4.6, 5),
    segment('d', 5, 94.8),
    segment('c', 94.8, 95),
    segment('a', 95, 95.4),
    segment('f', 95.4, 95.6),
    segment('g', 95.6, 96),
    segment('h', 96, 129.8),
    segment('g', 129.8, 130),
    segment('f', 130, 150),
    segment('i', 150, 180),
    segment('a', 180, 182),
  ],
}

/** What is said about it. */
export const sampleAnswer: Plain<Answer> = {
  about: 'execution',
  id: 'exec-1207',
  headline:
    'It took 182 ms, 2.1 times the median of 1,203 executions, because reserve-stock waited 58 ms for pool db.',
  facts: [
    'reserve-stock is on the critical path for 89.8 ms (49 %).',
    'charge-card failed once with CardDeclined and was tried again 20 ms later; the call POST payments.example/v1/charges took 33.8 ms.',
  ],
  evidence: {
    executionIds: ['exec-1207'],
    traceIds: [TRACE_ID],
    figures: { medianMs: 86.4, reserveStockShareRatio: 0.493 },
  },
}

function span(
  spanId: string,
  name: string,
  place: { at: number; to: number; depth: number; isError?: boolean },
): DrawnSpan {
  return {
    spanId,
    traceId: TRACE_ID,
    parentSpanId: undefined,
    parentRow: -1,
    name,
    kind: 'internal',
    role: roleOf(name),
    startNs: place.at * MS,
    endNs: place.to * MS,
    isError: place.isError ?? false,
    serviceName: 'orders',
    depth: place.depth,
  }
}

/** The parent of a row is the nearest row above it with one level less. */
function withParents(spans: readonly DrawnSpan[]): readonly DrawnSpan[] {
  const parentOf = (at: number) =>
    spans.slice(0, at).findLastIndex(({ depth }) => depth === (spans[at]?.depth ?? 0) - 1)
  return spans.map((one, at) => ({
    ...one,
    parentRow: parentOf(at),
    parentSpanId: spans[parentOf(at)]?.spanId,
  }))
}

function segment(spanId: string, at: number, to: number): PathSegment {
  // The sample's rows are named by the letters in their order.
  const spanIndex = spanId.charCodeAt(0) - 97
  return {
    spanId,
    spanIndex,
    stepId: undefined,
    phase: undefined,
    startNs: at * MS,
    endNs: to * MS,
  }
}

function roleOf(name: string): DrawnSpan['role'] {
  if (name.startsWith('execute_flow')) return 'execution'
  return name.startsWith('execute_step') ? 'step' : 'foreign'
}
