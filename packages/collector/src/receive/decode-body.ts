import {
  type DecodeLosses,
  decodeLogsJson,
  decodeLogsProtobuf,
  decodeMetricsJson,
  decodeMetricsProtobuf,
  type FlowDefinition,
  findJsonError,
  type HeapReading,
  OtlpDecodeError,
  type SpanBatch,
  type SpanRecord,
  type StartedExecution,
  TracesDecoder,
} from '@qflow-otel/analyzer'
import { refuseCostlyJson } from './json-cost.ts'
import type { Encoding, SignalName } from './signal.ts'

interface BodyKind {
  readonly signal: SignalName
  readonly encoding: Encoding
  /** The largest size that a body of this encoding may have. */
  readonly maxBytes: number
}

/** What one request held. */
export interface DecodedBody extends DecodeLosses {
  /** Spans, metric points or log records, readable or not. */
  readonly itemCount: number
  readonly spans: readonly SpanRecord[] | SpanBatch
  readonly started: readonly StartedExecution[]
  readonly flows: readonly FlowDefinition[]
  readonly heaps: readonly HeapReading[]
}

/**
 * Reads a body, decompressed, of a signal. Throws `OtlpDecodeError` when it cannot be read at all, and `BodyError`
 * when it would take too long.
 */
export type DecodeBody = (body: Buffer, kind: BodyKind) => DecodedBody

/** Bodies that follow each other are read by one decoder, which remembers what most of them hold. */
export function createBodyDecoder(): DecodeBody {
  const traces = new TracesDecoder()
  return (body, kind) => decodeBody(traces, body, kind)
}

function decodeBody(decoder: TracesDecoder, body: Buffer, kind: BodyKind): DecodedBody {
  const { signal, encoding, maxBytes } = kind
  const parsed = () => parseBody(body, maxBytes)
  if (signal === 'traces') {
    const traces = encoding === 'json' ? decoder.json(parsed()) : decoder.batch(body)
    return { ...nothing, ...traces, itemCount: traces.spans.length + traces.rejectedCount }
  }
  if (signal === 'logs') {
    const { logRecordCount, ...logs } =
      encoding === 'json' ? decodeLogsJson(parsed()) : decodeLogsProtobuf(body)
    return { ...nothing, ...logs, itemCount: logRecordCount }
  }
  const { pointCount, ...metrics } =
    encoding === 'json' ? decodeMetricsJson(parsed()) : decodeMetricsProtobuf(body)
  return { ...nothing, ...metrics, itemCount: pointCount }
}

const nothing: Omit<DecodedBody, 'itemCount'> = {
  rejected: [],
  rejectedCount: 0,
  clipped: {},
  spans: [],
  started: [],
  flows: [],
  heaps: [],
}

function parseBody(body: Buffer, maxBytes: number): unknown {
  // No body at all is an empty request, as it is in protobuf.
  if (body.length === 0) return {}
  refuseCostlyJson(body, maxBytes)
  const text = body.toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    // Its message names no place for most errors.
    const { position, expected } = findJsonError(text)
    const rest = text.slice(position, position + FOUND_LENGTH)
    const found = rest === '' ? 'the end' : JSON.stringify(rest)
    const at = `byte ${Buffer.byteLength(text.slice(0, position))}`
    throw new OtlpDecodeError(`expected ${expected}, found ${found}`, at)
  }
}

/** Characters of a body that are repeated to its sender. */
const FOUND_LENGTH = 20
