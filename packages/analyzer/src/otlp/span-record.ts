import type { SpanBatch } from './span-batch.ts'

/**
 * A value an attribute may have. 64-bit integers beyond 2^53 - 1 stay bigint, so that nothing is rounded; bytes are
 * base64 text, as OTLP/JSON writes them; a list may hold empty places; a nested key-value list is a map.
 */
export type AttributeValue =
  | string
  | number
  | boolean
  | bigint
  | readonly (AttributeValue | undefined)[]
  | ReadonlyMap<string, AttributeValue>

export type Attributes = ReadonlyMap<string, AttributeValue>

export type SpanKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer'

/** One span as it arrived, whatever format carried it. Ids are lower-case hex. */
export interface SpanRecord {
  readonly traceId: string
  readonly spanId: string
  /** Absent for a root. */
  readonly parentSpanId: string | undefined
  readonly traceState: string
  readonly name: string
  readonly kind: SpanKind
  readonly startUnixNs: bigint
  /** 0n while the span has not ended. */
  readonly endUnixNs: bigint
  readonly attributes: Attributes
  readonly links: readonly SpanLink[]
  readonly status: 'unset' | 'ok' | 'error'
  readonly resource: Resource
}

export interface SpanLink {
  readonly traceId: string
  readonly spanId: string
}

/** Shared by all spans of one resource block. */
export interface Resource {
  readonly serviceName: string | undefined
  readonly attributes: Attributes
}

/** A step graph as the event qflow.flow.defined carries it. */
export interface FlowDefinition {
  readonly flowId: string
  readonly version: string
  readonly sha256: string
  readonly steps: readonly FlowDefinitionStep[]
}

export interface FlowDefinitionStep {
  readonly id: string
  readonly type: string
  readonly action: string
  readonly onSuccess?: string
  readonly onFailure?: string
  readonly onTrue?: string
  readonly onFalse?: string
  /** Steps of a parallel group. */
  readonly steps?: readonly string[]
}

/** The event qflow.execution.started: makes an execution visible before its root span ends. */
export interface StartedExecution {
  readonly executionId: string
  readonly flowId: string
  readonly flowVersion: string | undefined
  readonly traceId: string
  readonly startUnixNs: bigint
}

/** What was refused or shortened while reading, never silently. */
export interface DecodeLosses {
  /** Bad spans or events inside a readable body, with place and reason: the first 100 of `rejectedCount`, and where a bound was passed. */
  readonly rejected: readonly RejectedSpan[]
  readonly rejectedCount: number
  /** How often something was shortened to a limit, by reason. */
  readonly clipped: Readonly<Record<string, number>>
}

/** What one request, file or line held: the good part, and what was lost. */
export interface DecodedSpans extends DecodeLosses {
  readonly spans: readonly SpanRecord[]
}

/** The same, before spans are made of what was read. */
export interface DecodedBatch extends DecodeLosses {
  readonly spans: SpanBatch
}

/** Of log records only our two events are read; everything else is counted. */
export interface DecodedLogs extends DecodeLosses {
  readonly logRecordCount: number
  readonly flows: readonly FlowDefinition[]
  readonly started: readonly StartedExecution[]
}

export interface RejectedSpan {
  /** Where: `resourceSpans[0].scopeSpans[2].spans[5].traceId`, or `byte 4711`. */
  readonly at: string
  /** What was expected and what was found. */
  readonly reason: string
}
