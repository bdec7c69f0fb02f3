import { AttributeBuilder } from './attribute-builder.ts'
import { readAttribute } from './attributes-protobuf.ts'
import { DecodeMemory } from './decode-memory.ts'
import { EventCollection } from './event-collection.ts'
import { MAX_TEXT_LENGTH } from './limits.ts'
import { isQflowEvent } from './qflow-events.ts'
import type { DecodedLogs } from './span-record.ts'
import { BYTES, FIXED64, tagOf, WireReader } from './wire.ts'

// opentelemetry/proto/logs/v1/logs.proto
// ExportLogsServiceRequest: 1 ResourceLogs. ResourceLogs: 2 ScopeLogs. ScopeLogs: 2 LogRecord.
// LogRecord: 1 time_unix_nano fixed64, 6 attributes, 9 trace_id bytes, 11 observed_time_unix_nano fixed64,
//   12 event_name string.
const RESOURCE_LOGS = tagOf(1, BYTES)
const SCOPE_LOGS = tagOf(2, BYTES)
const LOG_RECORDS = tagOf(2, BYTES)
const TIME_UNIX_NANO = tagOf(1, FIXED64)
const ATTRIBUTES = tagOf(6, BYTES)
const TRACE_ID = tagOf(9, BYTES)
const OBSERVED_TIME_UNIX_NANO = tagOf(11, FIXED64)
const EVENT_NAME = tagOf(12, BYTES)

/**
 * OTLP protobuf logs -> our events; other records are counted. A bad event is refused with its place. Throws
 * `WireError` for a body that is not protobuf.
 */
export function decodeLogsProtobuf(bytes: Uint8Array): DecodedLogs {
  const memory = new DecodeMemory()
  const wire = new WireReader(memory)
  wire.open(bytes)
  const attributes = new AttributeBuilder(memory.shapes)
  const events = new EventCollection()
  eachField(wire, RESOURCE_LOGS, (block) =>
    eachField(wire, SCOPE_LOGS, (scope) =>
      eachField(wire, LOG_RECORDS, (index) => {
        events.logRecordCount++
        const at = `resourceLogs[${block}].scopeLogs[${scope}].logRecords[${index}]`
        readRecord({ wire, attributes, events, at })
      }),
    ),
  )
  return events.result()
}

/** Opens every nested message of one field, counting from 0; other fields are skipped. */
export function eachField(wire: WireReader, field: number, read: (index: number) => void): void {
  let index = 0
  while (wire.pos < wire.end) {
    const tag = wire.tag()
    if (tag !== field) {
      wire.skip(tag)
      continue
    }
    const outerEnd = wire.enter()
    read(index++)
    wire.leave(outerEnd)
  }
}

/** The name stands last in a record, so it is looked up before anything is read for its sake. */
function readRecord(input: {
  readonly wire: WireReader
  readonly attributes: AttributeBuilder
  readonly events: EventCollection
  readonly at: string
}): void {
  const { wire, attributes, events, at } = input
  const start = wire.pos
  const name = readName(wire)
  if (!isQflowEvent(name)) return
  wire.pos = start
  const bounds = { maxTextLength: MAX_TEXT_LENGTH, tally: events.tally }
  let traceId = ''
  let unixNs = 0n
  let observedUnixNs = 0n
  while (wire.pos < wire.end) {
    const tag = wire.tag()
    // biome-ignore format: one field, one line
    switch (tag) {
      case TIME_UNIX_NANO: unixNs = wire.fixed64(); break
      case OBSERVED_TIME_UNIX_NANO: observedUnixNs = wire.fixed64(); break
      case TRACE_ID: traceId = wire.hex(); break
      case ATTRIBUTES: readAttribute(wire, attributes, bounds); break
      default: wire.skip(tag)
    }
  }
  events.add(
    { name, traceId, unixNs: unixNs || observedUnixNs, attributes: attributes.finish() },
    at,
  )
}

function readName(wire: WireReader): string {
  let name = ''
  while (wire.pos < wire.end) {
    const tag = wire.tag()
    if (tag === EVENT_NAME) name = wire.string()
    else wire.skip(tag)
  }
  return name
}
