import {
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_STEP_ACTION,
  ATTR_QFLOW_STEP_ID,
  ATTR_QFLOW_STEP_PHASE_LEDGER,
  ATTR_QFLOW_STEP_PHASE_WORK,
  ATTR_QFLOW_STEP_TYPE,
} from '@qflow-otel/semconv'

const flowId = 'order-checkout'
const internal = 1
const client = 3

/**
 * OTLP/JSON of executions that end one after the other, the last at `endUnixMs`:
 *
 *      0    10                                  90  100 ms
 *      execute_flow ─────────────────────────────────
 *           execute_step <stepId> ──────────────   ledger 5 ms
 *             POST payments.example ─────────
 *             20                            80
 */
export function otlpExecutions(given: {
  count: number
  endUnixMs: number
  stepId: string
}): Record<string, unknown> {
  const spans = Array.from({ length: given.count }, (_, index) => {
    const startUnixMs = given.endUnixMs - (given.count - index) * 100
    return executionSpans({ index, startUnixMs, stepId: given.stepId })
  })
  const resource = { attributes: attributes({ 'service.name': 'orders' }) }
  return { resourceSpans: [{ resource, scopeSpans: [{ spans: spans.flat() }] }] }
}

/** The id of the execution at an index. */
export function executionIdAt(index: number): string {
  return `exec-real-${index}`
}

function executionSpans(given: { index: number; startUnixMs: number; stepId: string }): unknown[] {
  const { index, startUnixMs, stepId } = given
  const traceId = hex(index + 1, 32)
  const [flowSpanId, stepSpanId, callSpanId] = [1, 2, 3].map((n) => hex(index * 10 + n, 16))
  const identity = { [ATTR_QFLOW_FLOW_ID]: flowId, [ATTR_QFLOW_EXECUTION_ID]: executionIdAt(index) }
  const within = (startMs: number, endMs: number) => ({
    traceId,
    startTimeUnixNano: `${startUnixMs + startMs}000000`,
    endTimeUnixNano: `${startUnixMs + endMs}000000`,
  })
  return [
    {
      ...within(0, 100),
      spanId: flowSpanId,
      name: `execute_flow ${flowId}`,
      kind: internal,
      attributes: attributes({ ...identity, [ATTR_QFLOW_EXECUTION_STATUS]: 'completed' }),
    },
    {
      ...within(10, 90),
      spanId: stepSpanId,
      parentSpanId: flowSpanId,
      name: `execute_step ${stepId}`,
      kind: internal,
      attributes: attributes({
        ...identity,
        [ATTR_QFLOW_STEP_ID]: stepId,
        [ATTR_QFLOW_STEP_TYPE]: 'task',
        [ATTR_QFLOW_STEP_ACTION]: 'http-call',
        [ATTR_QFLOW_STEP_PHASE_WORK]: 0.075,
        [ATTR_QFLOW_STEP_PHASE_LEDGER]: 0.005,
      }),
    },
    {
      ...within(20, 80),
      spanId: callSpanId,
      parentSpanId: stepSpanId,
      name: 'POST payments.example',
      kind: client,
      attributes: attributes({ 'http.request.method': 'POST' }),
    },
  ]
}

function attributes(values: Readonly<Record<string, string | number>>): unknown[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { doubleValue: value },
  }))
}

function hex(value: number, length: number): string {
  return value.toString(16).padStart(length, '0')
}
