import {
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
  ATTR_QFLOW_STEP_ACTION,
  ATTR_QFLOW_STEP_ID,
  ATTR_QFLOW_STEP_TYPE,
} from '@qflow-otel/semconv'
import type { AttributeValue, SpanKind, SpanRecord } from './otlp/span-record.ts'

/** One step of a simulated execution: seconds per phase attribute, and the user's own span inside its work. */
export interface SimulatedStep {
  readonly id: string
  readonly durationMs: number
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  readonly child?: {
    readonly name: string
    readonly durationMs: number
    readonly kind: SpanKind
    readonly attributes?: Readonly<Record<string, AttributeValue>>
  }
}

/** The spans of one execution whose steps run one after the other, as an instrumented flow would send them. */
export function simulatedSpans(plan: {
  readonly index: number
  readonly startUnixNs: bigint
  readonly steps: readonly SimulatedStep[]
  readonly flowId?: string
  readonly status?: string
}): SpanRecord[] {
  const { index, startUnixNs, steps, flowId = 'order', status = 'completed' } = plan
  const traceId = hex(index + 1, 32)
  const shared = {
    [ATTR_QFLOW_FLOW_ID]: flowId,
    [ATTR_QFLOW_FLOW_VERSION]: '1.0.0',
    [ATTR_QFLOW_EXECUTION_ID]: `execution-${index}`,
  }
  const rootId = hex(index * 100 + 1, 16)
  const children: SpanRecord[] = []
  let cursor = startUnixNs
  for (const [at, step] of steps.entries()) {
    const end = cursor + nsOf(step.durationMs)
    const spanId = hex(index * 100 + 10 + at, 16)
    const attributes = {
      ...shared,
      [ATTR_QFLOW_STEP_ID]: step.id,
      [ATTR_QFLOW_STEP_TYPE]: 'task',
      [ATTR_QFLOW_STEP_ACTION]: 'call',
      ...step.attributes,
    }
    const times = { startUnixNs: cursor, endUnixNs: end }
    const parentSpanId = rootId
    children.push(
      span({
        traceId,
        spanId,
        parentSpanId,
        name: `execute_step ${step.id}`,
        attributes,
        ...times,
      }),
    )
    if (step.child !== undefined) {
      const { name, kind, durationMs, attributes: own = {} } = step.child
      children.push(
        span({
          traceId,
          spanId: hex(index * 100 + 50 + at, 16),
          parentSpanId: spanId,
          name,
          kind,
          attributes: own,
          startUnixNs: cursor,
          endUnixNs: cursor + nsOf(durationMs),
        }),
      )
    }
    cursor = end
  }
  const attributes = { ...shared, [ATTR_QFLOW_EXECUTION_STATUS]: status }
  const root = { traceId, spanId: rootId, parentSpanId: undefined, name: `execute_flow ${flowId}` }
  return [...children, span({ ...root, attributes, startUnixNs, endUnixNs: cursor })]
}

function span(
  own: Pick<
    SpanRecord,
    'traceId' | 'spanId' | 'parentSpanId' | 'name' | 'startUnixNs' | 'endUnixNs'
  > & {
    readonly kind?: SpanKind
    readonly attributes: Readonly<Record<string, AttributeValue>>
  },
): SpanRecord {
  return {
    traceState: '',
    kind: 'internal',
    links: [],
    status: 'unset',
    resource: { serviceName: 'shop', attributes: new Map() },
    ...own,
    attributes: new Map(Object.entries(own.attributes)),
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

function nsOf(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6))
}
