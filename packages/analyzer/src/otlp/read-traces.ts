import { countMetricPointsJson } from './count-metric-points.ts'
import { OtlpDecodeError } from './decode-error.ts'
import { detectFormat, type TraceFormat } from './detect-format.ts'
import { decodeJaegerJson } from './jaeger-json.ts'
import { isObject } from './json-shape.ts'
import { MAX_LINE_BYTES, MAX_LISTED_REJECTIONS } from './limits.ts'
import { decodeLogsJson } from './logs-json.ts'
import type {
  DecodeLosses,
  FlowDefinition,
  RejectedSpan,
  SpanRecord,
  StartedExecution,
} from './span-record.ts'
import { decodeTracesJson, hasSignal } from './traces-json.ts'
import { decodeTracesProtobuf } from './traces-protobuf.ts'

/** What a file or a part of it says. */
export interface ReadTraces extends DecodeLosses {
  readonly spans: readonly SpanRecord[]
  readonly flows: readonly FlowDefinition[]
  readonly started: readonly StartedExecution[]
  readonly logRecordCount: number
  readonly metricPointCount: number
}

/**
 * A whole file that fits in memory, in any format but gzip. Throws `OtlpDecodeError` when it is not a trace file,
 * or broken as a whole; lines of JSON lines that are broken are refused one by one.
 */
export function readTraces(bytes: Uint8Array): ReadTraces & { readonly format: TraceFormat } {
  const format = detectFormat(bytes)
  if (format === 'json-lines') {
    const reader = createLineReader()
    return { format, ...merged([reader.push(bytes), reader.end()]) }
  }
  return { format, ...readDocument(bytes, format) }
}

function readDocument(bytes: Uint8Array, format: TraceFormat): ReadTraces {
  if (format === 'otlp-protobuf') return { ...EMPTY, ...decodeTracesProtobuf(bytes) }
  if (format === 'otlp-json') return readJson(parsed(bytes))
  if (format === 'jaeger-json') return { ...EMPTY, ...decodeJaegerJson(parsed(bytes)) }
  if (format === 'gzip') throw new OtlpDecodeError('expected unpacked bytes, found gzip', 'byte 0')
  throw new OtlpDecodeError(
    'expected OTLP (JSON, protobuf or JSON lines) or Jaeger JSON, found something else',
    'byte 0',
  )
}

/** Reads JSON lines as they come, with no more in memory than the line that is not complete yet. */
export interface LineReader {
  /** What the lines that are complete now say. */
  push(chunk: Uint8Array): ReadTraces
  /** The last line, when no newline ends it. */
  end(): ReadTraces
}

/**
 * For files of the Collector's file exporter: one export request a line, traces, logs and metrics mixed. A line
 * that cannot be read is refused with its number and the next one goes on; one longer than `maxLineBytes` is
 * skipped without being kept.
 */
export function createLineReader(maxLineBytes: number = MAX_LINE_BYTES): LineReader {
  let parts: Uint8Array[] = []
  let length = 0
  let lineNumber = 0
  const add = (part: Uint8Array): void => {
    length += part.length
    if (length > maxLineBytes) parts = []
    // A copy: the caller may use its chunk again.
    else if (part.length > 0) parts.push(part.slice())
  }
  const takeLine = (): ReadTraces => {
    lineNumber++
    const at = `line ${lineNumber}`
    const isTooLong = length > maxLineBytes
    const line = isTooLong ? '' : new TextDecoder().decode(joined(parts, length)).trim()
    parts = []
    length = 0
    if (isTooLong) return refused(at, `expected at most ${maxLineBytes} bytes, found more`)
    return line === '' ? EMPTY : readLine(line, at)
  }
  return {
    push(chunk) {
      const read: ReadTraces[] = []
      let from = 0
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
        add(chunk.subarray(from, at))
        read.push(takeLine())
        from = at + 1
      }
      add(chunk.subarray(from))
      return merged(read)
    },
    end: () => (length === 0 ? EMPTY : takeLine()),
  }
}

const NEWLINE = 0x0a

const EMPTY: ReadTraces = {
  spans: [],
  flows: [],
  started: [],
  logRecordCount: 0,
  metricPointCount: 0,
  rejected: [],
  rejectedCount: 0,
  clipped: {},
}

function readLine(line: string, at: string): ReadTraces {
  try {
    const read = readJson(JSON.parse(line))
    const rejected = read.rejected.map((entry) => ({ ...entry, at: `${at}: ${entry.at}` }))
    return { ...read, rejected }
  } catch (error) {
    if (error instanceof OtlpDecodeError) return refused(placeIn(at, error.at), error.reason)
    if (error instanceof SyntaxError) return refused(at, `expected JSON: ${error.message}`)
    throw error
  }
}

function placeIn(line: string, at: string): string {
  return at === '' ? line : `${line}: ${at}`
}

function refused(at: string, reason: string): ReadTraces {
  return { ...EMPTY, rejected: [{ at, reason }], rejectedCount: 1 }
}

/** One OTLP/JSON object of any signal. */
function readJson(value: unknown): ReadTraces {
  if (!isObject(value)) throw new OtlpDecodeError('expected an object', '')
  const parts: ReadTraces[] = []
  if (hasSignal(value, 'resourceSpans')) parts.push({ ...EMPTY, ...decodeTracesJson(value) })
  if (hasSignal(value, 'resourceLogs')) parts.push({ ...EMPTY, ...decodeLogsJson(value) })
  if (hasSignal(value, 'resourceMetrics'))
    parts.push({ ...EMPTY, metricPointCount: countMetricPointsJson(value) })
  if (parts.length === 0)
    throw new OtlpDecodeError('expected resourceSpans, resourceLogs or resourceMetrics', '')
  return merged(parts)
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new OtlpDecodeError(`expected JSON: ${detail}`, '')
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return first
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Sums; of the refused entries the first are listed. */
function merged(parts: readonly ReadTraces[]): ReadTraces {
  const clipped = new Map<string, number>()
  const rejected: RejectedSpan[] = []
  for (const part of parts) {
    for (const [reason, count] of Object.entries(part.clipped))
      clipped.set(reason, (clipped.get(reason) ?? 0) + count)
    for (const entry of part.rejected)
      if (rejected.length < MAX_LISTED_REJECTIONS) rejected.push(entry)
  }
  const total = (count: (part: ReadTraces) => number): number =>
    parts.reduce((sum, part) => sum + count(part), 0)
  return {
    spans: parts.flatMap((part) => part.spans),
    flows: parts.flatMap((part) => part.flows),
    started: parts.flatMap((part) => part.started),
    logRecordCount: total((part) => part.logRecordCount),
    metricPointCount: total((part) => part.metricPointCount),
    rejected,
    rejectedCount: total((part) => part.rejectedCount),
    clipped: Object.fromEntries(clipped),
  }
}
