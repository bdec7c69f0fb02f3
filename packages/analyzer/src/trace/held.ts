import { AttributeList } from '../otlp/attribute-list.ts'
import type {
  Attributes,
  AttributeValue,
  SpanRecord,
  StartedExecution,
} from '../otlp/span-record.ts'
import type { CloseReason } from './execution.ts'
import type { HeldQueue } from './held-queues.ts'
import type { LaidSpans } from './laid-spans.ts'
import type { PackedSpans } from './packed-spans.ts'
import { NO_PLACE } from './placed-queue.ts'

/** A span that is held until its execution is done with. */
export interface HeldSpan {
  readonly record: SpanRecord
  readonly bytes: number
  readonly trace: HeldTrace
  owner: HeldExecution | undefined
  /** Its place in the owner's spans. */
  ownerIndex: number
  /** Another record of it ended at another time: its execution, once it is known, is flagged as `duplicate_span`. */
  isContradicted: boolean
  /** Neighbours among those that wait for the same parent. */
  previousWaiting: HeldSpan | undefined
  nextWaiting: HeldSpan | undefined
}

/** What is known of one execution so far. */
export interface HeldExecution {
  readonly tenant: string
  readonly executionId: string
  /** Of the id, by `hashText`. */
  readonly hash: number
  started: StartedExecution | undefined
  /** In no order. */
  readonly spans: HeldSpan[]
  /** Roots of sub-flows that hang under a span of this execution, by span key; most have none. */
  guests: Map<string, SpanRecord> | undefined
  readonly traces: Set<HeldTrace>
  /** None twice. */
  readonly flags: string[]
  /** Its spans and, behind them, the free ones of its traces, while it is closed: then the lists of both are empty. */
  packed:
    | {
        readonly spans: PackedSpans | LaidSpans
        /** Absent where they came whole, and so in the order of arrival. */
        readonly ownCount: number | undefined
      }
    | undefined
  /** Its spans, while they are held as they came, all at once: then, too, the lists of both are empty. */
  whole: readonly SpanRecord[] | LaidSpans | undefined
  /** Without its spans, unless they are packed. */
  bytes: number
  spansBytes: number
  firstStartUnixNs: bigint
  lastActivityUnixNs: bigint
  /** The queue it stands in, which decides when it closes, and where. */
  queue: HeldQueue | undefined
  place: number
  /** Among those that ended for good, or `NO_PLACE`. */
  endedPlace: number
  /** Of the segments that ended, the one with the highest number. */
  lastSegment: { readonly number: number; readonly status: string | undefined } | undefined
  /** A segment ended for good. */
  isFinal: boolean
  closeReason: CloseReason | undefined
  closedUnixNs: bigint
  /** How often it was given out. */
  givenCount: number
}

/** Spans of one trace id; several executions may share it. */
export interface HeldTrace {
  readonly tenant: string
  readonly traceId: string
  /** Of the id, by `hashText`. */
  readonly hash: number
  /** By id; `NO_SPANS` until there is one, since most traces come whole and their spans are never held one by one. */
  spans: Map<string, HeldSpan>
  /** The first of the spans whose nearest ancestor with an execution is not known yet, by parent span id. */
  waiting: Map<string, HeldSpan> | undefined
  /** The execution that holds all spans of the trace, packed or as they came. */
  packedBy: HeldExecution | undefined
  /** Spans without an owner: they belong to no execution by ancestry, and the trace's first execution has them. */
  freeCount: number
  /** Those of them that were not in the first execution when it closed last: its caller, or what came before or after it. */
  outsideCount: number
  /** Of its spans. */
  bytes: number
  readonly executions: Set<HeldExecution>
  /** The execution with the earliest start, the smaller id of equals. */
  primary: HeldExecution | undefined
  lastActivityUnixNs: bigint
}

/**
 * What a span, an execution and a trace cost in memory beside their texts, in bytes: V8 objects, map entries and
 * headers, rounded up. Estimates: the budget bounds memory within a small factor, not to the byte.
 */
const SPAN_BASE_BYTES = 616
/** A value in a list whose keys are shared with other spans. */
const LISTED_VALUE_BYTES = 24
const ATTRIBUTE_BASE_BYTES = 80
const LINK_BYTES = 200
export const EXECUTION_BASE_BYTES = 1200
export const TRACE_BASE_BYTES = 816

export function newExecution(tenant: string, executionId: string, hash: number): HeldExecution {
  return {
    tenant,
    executionId,
    hash,
    started: undefined,
    spans: [],
    guests: undefined,
    traces: new Set(),
    flags: [],
    packed: undefined,
    whole: undefined,
    bytes: EXECUTION_BASE_BYTES,
    spansBytes: 0,
    firstStartUnixNs: 0n,
    lastActivityUnixNs: 0n,
    queue: undefined,
    place: NO_PLACE,
    endedPlace: NO_PLACE,
    lastSegment: undefined,
    isFinal: false,
    closeReason: undefined,
    closedUnixNs: 0n,
    givenCount: 0,
  }
}

/** Never filled. */
export const NO_SPANS: Map<string, HeldSpan> = new Map()

export function newTrace(tenant: string, traceId: string, hash: number): HeldTrace {
  return {
    tenant,
    traceId,
    hash,
    spans: NO_SPANS,
    waiting: undefined,
    packedBy: undefined,
    freeCount: 0,
    outsideCount: 0,
    bytes: 0,
    executions: new Set(),
    primary: undefined,
    lastActivityUnixNs: 0n,
  }
}

/** Flag of an execution with a contradicted span. */
export const DUPLICATE = 'duplicate_span'

export function addFlag({ flags }: HeldExecution, flag: string): void {
  if (!flags.includes(flag)) flags.push(flag)
}

export function newSpan(record: SpanRecord, trace: HeldTrace): HeldSpan {
  return {
    record,
    bytes: spanBytes(record),
    trace,
    owner: undefined,
    ownerIndex: -1,
    isContradicted: false,
    previousWaiting: undefined,
    nextWaiting: undefined,
  }
}

/** What a span weighs that is held for itself. */
export function spanBytes(record: SpanRecord): number {
  const textBytes = record.name.length + record.traceState.length
  const linkBytes = record.links.length * LINK_BYTES
  return SPAN_BASE_BYTES + textBytes + linkBytes + attributeBytes(record.attributes)
}

/** The same of a span with so many listed attributes, without their values, and without links. */
export function spanBaseBytes(name: string, attributeCount: number): number {
  return SPAN_BASE_BYTES + name.length + attributeCount * LISTED_VALUE_BYTES
}

function attributeBytes(attributes: Attributes): number {
  if (attributes instanceof AttributeList) {
    const bytes = attributes.size * LISTED_VALUE_BYTES
    return bytes + attributes.sumOver(valueBytes)
  }
  let bytes = 0
  for (const [key, value] of attributes)
    bytes += ATTRIBUTE_BASE_BYTES + key.length + valueBytes(value)
  return bytes
}

/** Recursion is as deep as a decoder lets values nest. */
export function valueBytes(value: AttributeValue | undefined): number {
  if (typeof value === 'string') return 16 + value.length
  if (typeof value !== 'object') return 16
  let bytes = 32
  if (value instanceof Map)
    for (const [key, member] of value)
      bytes += ATTRIBUTE_BASE_BYTES + key.length + valueBytes(member)
  else for (const member of value) bytes += 8 + valueBytes(member)
  return bytes
}
