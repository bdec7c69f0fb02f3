import {
  countMetricPoints,
  countMetricPointsJson,
  type DecodeLosses,
  decodeLogsJson,
  decodeLogsProtobuf,
  decodeTracesJson,
  decodeTracesProtobuf,
  type FlowDefinition,
  OtlpDecodeError,
  type SpanRecord,
  type StartedExecution,
} from '@qflow-otel/analyzer'
import type { Encoding, SignalName } from './signal.ts'

/** What one request held. */
export interface DecodedBody extends DecodeLosses {
  /** Spans, metric points or log records, readable or not. */
  readonly itemCount: number
  readonly spans: readonly SpanRecord[]
  readonly started: readonly StartedExecution[]
  readonly flows: readonly FlowDefinition[]
}

/** Reads a body, decompressed, of a signal. Throws `OtlpDecodeError` when it cannot be read at all. */
export function decodeBody(signal: SignalName, encoding: Encoding, body: Buffer): DecodedBody {
  if (signal === 'traces') {
    const traces = encoding === 'json' ? decodeTracesJson(parsed(body)) : decodeTracesProtobuf(body)
    return { ...nothing, ...traces, itemCount: traces.spans.length + traces.rejectedCount }
  }
  if (signal === 'logs') {
    const { logRecordCount, ...logs } =
      encoding === 'json' ? decodeLogsJson(parsed(body)) : decodeLogsProtobuf(body)
    return { ...nothing, ...logs, itemCount: logRecordCount }
  }
  // Metrics pass through: they are counted, and nothing of them is analysed.
  const itemCount =
    encoding === 'json' ? countMetricPointsJson(parsed(body)) : countMetricPoints(body)
  return { ...nothing, itemCount }
}

const nothing: Omit<DecodedBody, 'itemCount'> = {
  rejected: [],
  rejectedCount: 0,
  clipped: {},
  spans: [],
  started: [],
  flows: [],
}

function parsed(body: Buffer): unknown {
  // No body at all is an empty request, as it is in protobuf.
  if (body.length === 0) return {}
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    const place = /position (\d+)/.exec(words)?.[1] ?? String(body.length)
    throw new OtlpDecodeError(`expected JSON, found something else: ${words}`, `character ${place}`)
  }
}
