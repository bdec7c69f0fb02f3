import { NO_ATTRIBUTES } from './attribute-builder.ts'
import type { RawSpan } from './checked-span.ts'
import type { Attributes, SpanLink } from './span-record.ts'

/** Shared by all spans without links, and never filled. */
export const NO_LINKS: SpanLink[] = []

/** One object for all spans of a body: what is read of a span before it is checked. */
export class SpanDraft implements RawSpan {
  traceId = ''
  spanId = ''
  parentSpanId = ''
  traceState = ''
  name = ''
  kind = 0
  startUnixNs = 0n
  endUnixNs = 0n
  attributes: Attributes = NO_ATTRIBUTES
  links: SpanLink[] = NO_LINKS
  statusCode = 0

  clear(): void {
    this.traceId = ''
    this.spanId = ''
    this.parentSpanId = ''
    this.traceState = ''
    this.name = ''
    this.kind = 0
    this.startUnixNs = 0n
    this.endUnixNs = 0n
    this.attributes = NO_ATTRIBUTES
    this.links = NO_LINKS
    this.statusCode = 0
  }
}
