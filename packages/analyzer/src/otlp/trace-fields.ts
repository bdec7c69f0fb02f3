import { BYTES, FIXED64, tagOf, VARINT } from './wire.ts'

// opentelemetry/proto/collector/trace/v1/trace_service.proto, trace/v1/trace.proto, resource/v1/resource.proto
// ExportTraceServiceRequest: 1 ResourceSpans. ResourceSpans: 1 Resource, 2 ScopeSpans. ScopeSpans: 2 Span.
// Resource: 1 attributes.
// Span: 1 trace_id bytes, 2 span_id bytes, 3 trace_state string, 4 parent_span_id bytes, 5 name string, 6 kind enum,
//   7 start_time_unix_nano fixed64, 8 end_time_unix_nano fixed64, 9 attributes, 13 links, 15 Status.
// Link: 1 trace_id, 2 span_id. Status: 3 code enum.
export const RESOURCE_SPANS: number = tagOf(1, BYTES)
export const RESOURCE: number = tagOf(1, BYTES)
export const SCOPE_SPANS: number = tagOf(2, BYTES)
export const SPANS: number = tagOf(2, BYTES)
export const RESOURCE_ATTRIBUTES: number = tagOf(1, BYTES)
export const TRACE_ID: number = tagOf(1, BYTES)
export const SPAN_ID: number = tagOf(2, BYTES)
export const TRACE_STATE: number = tagOf(3, BYTES)
export const PARENT_SPAN_ID: number = tagOf(4, BYTES)
export const NAME: number = tagOf(5, BYTES)
export const KIND: number = tagOf(6, VARINT)
export const START_TIME_UNIX_NANO: number = tagOf(7, FIXED64)
export const END_TIME_UNIX_NANO: number = tagOf(8, FIXED64)
export const ATTRIBUTES: number = tagOf(9, BYTES)
export const LINKS: number = tagOf(13, BYTES)
export const STATUS: number = tagOf(15, BYTES)
export const STATUS_CODE: number = tagOf(3, VARINT)
