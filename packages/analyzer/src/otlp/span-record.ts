/** A value an attribute may have. 64-bit integers beyond 2^53 - 1 stay bigint, so that nothing is rounded. */
export type AttributeValue = string | number | boolean | bigint | readonly AttributeValue[]

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

/** What one request, file or line held: the good part, and what was refused with its place and reason. */
export interface DecodedSpans {
  readonly spans: readonly SpanRecord[]
  /** Bad spans inside a readable body; the rest of the batch is kept. */
  readonly rejected: readonly RejectedSpan[]
}

export interface RejectedSpan {
  /** Where: `resourceSpans[0].scopeSpans[2].spans[5].traceId`, or `byte 4711`. */
  readonly at: string
  /** What was expected and what was found. */
  readonly reason: string
}
