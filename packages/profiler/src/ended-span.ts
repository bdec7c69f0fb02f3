/**
 * The part of the SDK's ReadableSpan that is read. Stated here, not imported: SDK 2.x and 3.x have these fields in
 * common, and neither is needed at run time. Attribute values are `unknown` (3.x widened them) and narrowed one by one.
 */
export interface EndedSpan {
  readonly name: string
  /** OTel API numbering: 0 internal, 1 server, 2 client, 3 producer, 4 consumer. */
  readonly kind: number
  spanContext(): SpanIdentity
  readonly parentSpanContext?: SpanIdentity | undefined
  readonly startTime: HrTimeLike
  readonly endTime: HrTimeLike
  /** OTel API numbering: 0 unset, 1 ok, 2 error. */
  readonly status: { readonly code: number }
  readonly attributes: UnknownAttributes
  readonly links: readonly { readonly context: SpanIdentity }[]
  readonly resource: SpanResource
}

/** What `onStart` is given: the same span, still open. */
export interface StartedSpan extends EndedSpan {
  readonly ended: boolean
}

/** The part of OTel's SpanContext that is read. */
export interface SpanIdentity {
  readonly traceId: string
  readonly spanId: string
  readonly traceState?: { serialize(): string } | undefined
}

/** [seconds, nanoseconds] since the epoch. */
export type HrTimeLike = readonly [number, number]

/** Attributes whose values are narrowed when they are read. */
export type UnknownAttributes = Readonly<Record<string, unknown>>

/** The part of the SDK's Resource that is read. */
export interface SpanResource {
  readonly attributes: UnknownAttributes
  /** Detectors are still at work: attributes will be added. */
  readonly asyncAttributesPending?: boolean | undefined
}
