import {
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
  ATTR_QFLOW_STEP_ACTION,
  ATTR_QFLOW_STEP_CPU_TIME,
  ATTR_QFLOW_STEP_ID,
  ATTR_QFLOW_STEP_PHASE_ENGINE,
  ATTR_QFLOW_STEP_PHASE_LEDGER,
  ATTR_QFLOW_STEP_PHASE_VALIDATION,
  ATTR_QFLOW_STEP_PHASE_WORK,
  ATTR_QFLOW_STEP_RESOURCE_ATTRIBUTION,
  ATTR_QFLOW_STEP_TYPE,
} from '@qflow-otel/semconv'
import { encodeRequest } from '../../src/otlp/otlp-proto.ts'
import { type RandomStream, randomStream } from '../../src/stats/random-stream.ts'

export const SPAN_COUNT = 512
export const ATTRIBUTE_COUNT = 12
const SPANS_PER_EXECUTION = 8
const START_UNIX_NS = 1_700_000_000_000_000_000n

/** One request in both encodings. */
export interface Body {
  /** As Node hands a request's body over. */
  readonly protobuf: Buffer
  /** The same bytes, not as a Buffer. */
  readonly plain: Uint8Array
  readonly json: string
}

/**
 * Requests that follow each other, with 512 spans of 12 attributes each: 64 executions of 8 steps. As in life, ids,
 * times and durations are new in each span, an execution's id is in 8 spans, and all else is in every execution.
 */
export function bodies(count: number): Body[] {
  const random = randomStream(20261125)
  return Array.from({ length: count }, (_, index) => {
    const spans = Array.from({ length: SPAN_COUNT / SPANS_PER_EXECUTION }, () =>
      execution(random, index),
    ).flat()
    const request = (id: (hex: string) => string) => ({
      resourceSpans: [
        {
          resource: { attributes: [text('service.name', 'shop'), text('host.name', 'shop-7')] },
          scopeSpans: [
            {
              scope: { name: '@qflow-otel/instrumentation', version: '0.1.0' },
              spans: spans.map((span) => ({
                ...span,
                traceId: id(span.traceId),
                spanId: id(span.spanId),
                parentSpanId: id(span.parentSpanId),
              })),
            },
          ],
        },
      ],
    })
    const protobuf = Buffer.concat([encodeRequest('Trace', request(base64))])
    return {
      protobuf,
      plain: Uint8Array.from(protobuf),
      json: JSON.stringify(request((hex) => hex)),
    }
  })
}

function execution(random: RandomStream, second: number) {
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
  const [traceId, parentSpanId, executionId] = [hex(32), hex(16), `exec_${hex(16)}`]
  return Array.from({ length: SPANS_PER_EXECUTION }, (_, step) => {
    const start = START_UNIX_NS + BigInt(second * 1e9 + Math.floor(random() * 1e9))
    const workS = random() / 50
    return {
      traceId,
      spanId: hex(16),
      parentSpanId,
      name: `execute_step step-${step}`,
      kind: 1,
      startTimeUnixNano: String(start),
      endTimeUnixNano: String(start + BigInt(Math.round(workS * 1.1e9))),
      attributes: [
        text(ATTR_QFLOW_FLOW_ID, 'order-processing'),
        text(ATTR_QFLOW_FLOW_VERSION, '1.4.2'),
        text(ATTR_QFLOW_EXECUTION_ID, executionId),
        text(ATTR_QFLOW_STEP_ID, `step-${step}`),
        text(ATTR_QFLOW_STEP_TYPE, 'task'),
        text(ATTR_QFLOW_STEP_ACTION, `inventory.reserve-${step}`),
        seconds(ATTR_QFLOW_STEP_PHASE_VALIDATION, random() / 1e3),
        seconds(ATTR_QFLOW_STEP_PHASE_LEDGER, random() / 1e3),
        seconds(ATTR_QFLOW_STEP_PHASE_WORK, workS),
        seconds(ATTR_QFLOW_STEP_PHASE_ENGINE, random() / 1e4),
        seconds(ATTR_QFLOW_STEP_CPU_TIME, workS / 4),
        text(ATTR_QFLOW_STEP_RESOURCE_ATTRIBUTION, 'exclusive'),
      ],
      status: {},
    }
  })
}

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
const seconds = (key: string, doubleValue: number) => ({ key, value: { doubleValue } })

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}
