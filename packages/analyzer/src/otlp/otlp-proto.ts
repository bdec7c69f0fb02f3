import protobuf from 'protobufjs'

const field = (id: number, type: string, rule?: 'repeated'): protobuf.IField =>
  rule === undefined ? { id, type } : { id, type, rule }

/**
 * The oracle of the tests and the opponent of the bench: the part of opentelemetry-proto that we read, written down
 * once more for protobufjs, field by field from the specification.
 */
export const root: protobuf.Root = protobuf.Root.fromJSON({
  nested: {
    AnyValue: {
      oneofs: {
        value: {
          oneof: [
            'stringValue',
            'boolValue',
            'intValue',
            'doubleValue',
            'arrayValue',
            'kvlistValue',
            'bytesValue',
          ],
        },
      },
      fields: {
        stringValue: field(1, 'string'),
        boolValue: field(2, 'bool'),
        intValue: field(3, 'int64'),
        doubleValue: field(4, 'double'),
        arrayValue: field(5, 'ArrayValue'),
        kvlistValue: field(6, 'KeyValueList'),
        bytesValue: field(7, 'bytes'),
      },
    },
    ArrayValue: { fields: { values: field(1, 'AnyValue', 'repeated') } },
    KeyValueList: { fields: { values: field(1, 'KeyValue', 'repeated') } },
    KeyValue: { fields: { key: field(1, 'string'), value: field(2, 'AnyValue') } },
    Resource: { fields: { attributes: field(1, 'KeyValue', 'repeated') } },
    Scope: { fields: { name: field(1, 'string'), version: field(2, 'string') } },
    Link: { fields: { traceId: field(1, 'bytes'), spanId: field(2, 'bytes') } },
    Event: { fields: { timeUnixNano: field(1, 'fixed64'), name: field(2, 'string') } },
    Status: { fields: { message: field(2, 'string'), code: field(3, 'int32') } },
    Span: {
      fields: {
        traceId: field(1, 'bytes'),
        spanId: field(2, 'bytes'),
        traceState: field(3, 'string'),
        parentSpanId: field(4, 'bytes'),
        name: field(5, 'string'),
        kind: field(6, 'int32'),
        startTimeUnixNano: field(7, 'fixed64'),
        endTimeUnixNano: field(8, 'fixed64'),
        attributes: field(9, 'KeyValue', 'repeated'),
        droppedAttributesCount: field(10, 'uint32'),
        events: field(11, 'Event', 'repeated'),
        links: field(13, 'Link', 'repeated'),
        status: field(15, 'Status'),
        flags: field(16, 'fixed32'),
      },
    },
    ScopeSpans: {
      fields: {
        scope: field(1, 'Scope'),
        spans: field(2, 'Span', 'repeated'),
        schemaUrl: field(3, 'string'),
      },
    },
    ResourceSpans: {
      fields: {
        resource: field(1, 'Resource'),
        scopeSpans: field(2, 'ScopeSpans', 'repeated'),
        schemaUrl: field(3, 'string'),
      },
    },
    ExportTraceServiceRequest: {
      fields: { resourceSpans: field(1, 'ResourceSpans', 'repeated') },
    },
    LogRecord: {
      fields: {
        timeUnixNano: field(1, 'fixed64'),
        body: field(5, 'AnyValue'),
        attributes: field(6, 'KeyValue', 'repeated'),
        traceId: field(9, 'bytes'),
        observedTimeUnixNano: field(11, 'fixed64'),
        eventName: field(12, 'string'),
      },
    },
    ScopeLogs: { fields: { logRecords: field(2, 'LogRecord', 'repeated') } },
    ResourceLogs: { fields: { scopeLogs: field(2, 'ScopeLogs', 'repeated') } },
    ExportLogsServiceRequest: { fields: { resourceLogs: field(1, 'ResourceLogs', 'repeated') } },
    Point: {
      oneofs: { value: { oneof: ['asDouble', 'asInt'] } },
      fields: {
        timeUnixNano: field(3, 'fixed64'),
        asDouble: field(4, 'double'),
        asInt: field(6, 'sfixed64'),
        flags: field(8, 'uint32'),
      },
    },
    Data: { fields: { dataPoints: field(1, 'Point', 'repeated') } },
    Metric: {
      fields: {
        name: field(1, 'string'),
        gauge: field(5, 'Data'),
        sum: field(7, 'Data'),
        histogram: field(9, 'Data'),
        exponentialHistogram: field(10, 'Data'),
        summary: field(11, 'Data'),
      },
    },
    ScopeMetrics: { fields: { metrics: field(2, 'Metric', 'repeated') } },
    ResourceMetrics: {
      fields: {
        resource: field(1, 'Resource'),
        scopeMetrics: field(2, 'ScopeMetrics', 'repeated'),
      },
    },
    ExportMetricsServiceRequest: {
      fields: { resourceMetrics: field(1, 'ResourceMetrics', 'repeated') },
    },
  },
})

type Message = 'Trace' | 'Logs' | 'Metrics'

/** An object in the protobufjs form (bytes as base64, 64-bit as text) -> the bytes of an export request. */
export function encodeRequest(kind: Message, request: object): Uint8Array {
  const type = root.lookupType(`Export${kind}ServiceRequest`)
  return type.encode(type.fromObject(request)).finish()
}

/** The bytes of an export request -> a plain object: ids as hex, bytes as base64, 64-bit as text. */
export function decodeRequest(kind: Message, bytes: Uint8Array): Record<string, unknown> {
  const type = root.lookupType(`Export${kind}ServiceRequest`)
  return type.toObject(type.decode(bytes), { longs: String, bytes: String })
}
