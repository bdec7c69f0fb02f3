import type { AttributeValue, SpanRecord, StartedExecution } from '../otlp/span-record.ts'
import type { CloseReason } from './execution.ts'

/** A span that is held until its execution is done with. */
export interface HeldSpan {
  readonly record: SpanRecord
  readonly bytes: number
  readonly trace: HeldTrace
  owner: HeldExecution | undefined
}

/** What is known of one execution so far. */
export interface HeldExecution {
  readonly key: string
  readonly tenant: string
  readonly executionId: string
  started: StartedExecution | undefined
  readonly spans: Set<HeldSpan>
  /** Roots of sub-flows that hang under a span of this execution, by span key. */
  readonly guests: Map<string, SpanRecord>
  readonly traces: Set<HeldTrace>
  readonly flags: Set<string>
  bytes: number
  firstStartUnixNs: bigint
  lastActivityUnixNs: bigint
  /** Of the segments that ended, the one with the highest number. */
  lastSegment: { readonly number: number; readonly status: string | undefined } | undefined
  /** A segment ended for good. */
  isFinal: boolean
  closeReason: CloseReason | undefined
  closedUnixNs: bigint
  /** It was given out at least once. */
  isGiven: boolean
}

/** Spans of one trace id; several executions may share it. */
export interface HeldTrace {
  readonly key: string
  readonly tenant: string
  readonly traceId: string
  readonly spans: Map<string, HeldSpan>
  /** Spans whose nearest ancestor with an execution is not known yet, by parent span id. */
  readonly waiting: Map<string, Set<HeldSpan>>
  /** Spans that belong to no execution by ancestry: the trace's first execution has them. */
  readonly free: Set<HeldSpan>
  readonly executions: Set<HeldExecution>
  /** The execution with the earliest start, the smaller id of equals. */
  primary: HeldExecution | undefined
  lastActivityUnixNs: bigint
}

/**
 * What a span, an execution and a trace cost in memory beside their texts, in bytes: V8 objects, map entries and
 * headers, rounded up. Estimates: the budget bounds memory within a small factor, not to the byte.
 */
const SPAN_BASE_BYTES = 600
const ATTRIBUTE_BASE_BYTES = 80
const LINK_BYTES = 200
export const EXECUTION_BASE_BYTES = 1200
export const TRACE_BASE_BYTES = 800

export function newExecution(key: string, tenant: string, executionId: string): HeldExecution {
  return {
    key,
    tenant,
    executionId,
    started: undefined,
    spans: new Set(),
    guests: new Map(),
    traces: new Set(),
    flags: new Set(),
    bytes: EXECUTION_BASE_BYTES,
    firstStartUnixNs: 0n,
    lastActivityUnixNs: 0n,
    lastSegment: undefined,
    isFinal: false,
    closeReason: undefined,
    closedUnixNs: 0n,
    isGiven: false,
  }
}

export function newTrace(key: string, tenant: string, traceId: string): HeldTrace {
  return {
    key,
    tenant,
    traceId,
    spans: new Map(),
    waiting: new Map(),
    free: new Set(),
    executions: new Set(),
    primary: undefined,
    lastActivityUnixNs: 0n,
  }
}

export function spanBytes(record: SpanRecord): number {
  let bytes = SPAN_BASE_BYTES + record.name.length + record.traceState.length
  bytes += record.links.length * LINK_BYTES
  for (const [key, value] of record.attributes)
    bytes += ATTRIBUTE_BASE_BYTES + key.length + valueBytes(value)
  return bytes
}

/** Recursion is as deep as a decoder lets values nest. */
function valueBytes(value: AttributeValue | undefined): number {
  if (typeof value === 'string') return 16 + value.length
  if (typeof value !== 'object') return 16
  let bytes = 32
  if (value instanceof Map)
    for (const [key, member] of value)
      bytes += ATTRIBUTE_BASE_BYTES + key.length + valueBytes(member)
  else for (const member of value) bytes += 8 + valueBytes(member)
  return bytes
}

/** Ids are unique in their tenant only. The length keeps two pairs from giving one key. */
export function keyOf(tenant: string, id: string): string {
  return `${tenant.length}:${tenant}${id}`
}
