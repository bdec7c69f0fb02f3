import {
  type DecodeLosses,
  decodeJaegerJson,
  decodeLogsJson,
  type FlowDefinition,
  OtlpDecodeError,
  type SpanRecord,
  type StartedExecution,
  TracesDecoder,
} from '@qflow-otel/analyzer'
import { isObject } from '../json-object.ts'
import type { InputDocument } from './input-document.ts'
import { InputError, type InputProblem } from './input-error.ts'
import { parseJson } from './parse-json.ts'

/** What one document says. */
export interface DecodedDocument {
  readonly spans: readonly SpanRecord[]
  readonly flows: readonly FlowDefinition[]
  readonly started: readonly StartedExecution[]
  /** Spans and events that could not be used. */
  readonly problemCount: number
  /** The first of them. */
  readonly problems: readonly InputProblem[]
  readonly clipped: Readonly<Record<string, number>>
}

/**
 * Reads a document of any format; those that follow each other with one decoder, which is faster. Throws `InputError` when
 * nothing of it can be used.
 */
export function decodeDocument(
  document: InputDocument,
  traces: TracesDecoder = new TracesDecoder(),
): DecodedDocument {
  if (document.kind === 'protobuf') {
    const place = `byte ${document.byteOffset}`
    return placed(place, () => fromTraces(traces.protobuf(document.bytes), place))
  }
  const value = parseJson(document.text, document)
  const place = `line ${document.lineNumber}`
  return placed(place, () => fromJson(value, place, traces))
}

type Decoded = DecodeLosses & Partial<Pick<DecodedDocument, 'spans' | 'flows' | 'started'>>

function fromJson(value: unknown, place: string, traces: TracesDecoder): DecodedDocument {
  const has = (key: string) => isObject(value) && Array.isArray(value[key])
  const parts: Decoded[] = [
    ...(has('resourceSpans') ? [traces.json(value)] : []),
    ...(has('resourceLogs') ? [decodeLogsJson(value)] : []),
    ...(has('data') ? [decodeJaegerJson(value)] : []),
  ]
  // Metrics stand beside traces in one file; they say nothing about executions, and nothing is wrong with them.
  if (parts.length === 0 && !has('resourceMetrics')) throw unknownShape(value, place)
  const documents = parts.map((part) => fromTraces(part, place))
  return {
    spans: documents.flatMap(({ spans }) => spans),
    flows: documents.flatMap(({ flows }) => flows),
    started: documents.flatMap(({ started }) => started),
    problemCount: documents.reduce((sum, { problemCount }) => sum + problemCount, 0),
    problems: documents.flatMap(({ problems }) => problems),
    clipped: Object.assign({}, ...documents.map(({ clipped }) => clipped)),
  }
}

function fromTraces(decoded: Decoded, place: string): DecodedDocument {
  const { spans = [], flows = [], started = [], rejected, rejectedCount, clipped } = decoded
  const problems = rejected.map(({ at, reason }) => ({ at: `${place}: ${at}`, reason }))
  return { spans, flows, started, problemCount: rejectedCount, problems, clipped }
}

/** The decoder's errors, with the document's place in its file before their own. */
function placed(place: string, decode: () => DecodedDocument): DecodedDocument {
  try {
    return decode()
  } catch (error) {
    if (!(error instanceof OtlpDecodeError)) throw error
    throw new InputError({
      at: error.at === '' ? place : `${place}: ${error.at}`,
      reason: error.reason,
    })
  }
}

function unknownShape(value: unknown, at: string): InputError {
  const expected = 'an object with resourceSpans (OTLP) or data (Jaeger)'
  return new InputError({ at, expected, found: shapeOf(value) })
}

function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (!isObject(value)) return JSON.stringify(value).slice(0, 40)
  const keys = Object.keys(value).slice(0, 5)
  return keys.length === 0 ? 'an empty object' : `an object with ${keys.join(', ')}`
}
