import { type AttributeReading, attributeReading } from './attributes-json.ts'
import { DecodeMemory } from './decode-memory.ts'
import { EventCollection } from './event-collection.ts'
import {
  type JsonObject,
  listIn,
  member,
  objectAt,
  pathOf,
  textIn,
  uint64Of,
} from './json-shape.ts'
import { MAX_TEXT_LENGTH } from './limits.ts'
import { isQflowEvent } from './qflow-events.ts'
import type { DecodedLogs } from './span-record.ts'
import { attributesOf, orRejected } from './traces-json.ts'

/**
 * Parsed OTLP/JSON logs -> our events; other records are counted. A bad event is refused with its path. Throws
 * `OtlpDecodeError` with the path when the shape around the records is wrong.
 */
export function decodeLogsJson(value: unknown): DecodedLogs {
  const events = new EventCollection()
  const reading = attributeReading(new DecodeMemory(), MAX_TEXT_LENGTH, events.tally)
  for (const [block, item] of listIn(objectAt(value, ''), 'resourceLogs', '').entries()) {
    const at = `resourceLogs[${block}]`
    for (const [scope, scopeItem] of listIn(objectAt(item, at), 'scopeLogs', at).entries()) {
      const place = `${at}.scopeLogs[${scope}]`
      const records = listIn(objectAt(scopeItem, place), 'logRecords', place)
      for (const [index, record] of records.entries()) {
        events.logRecordCount++
        const where = `${place}.logRecords[${index}]`
        orRejected(events.tally, () =>
          addRecord({ events, record: objectAt(record, where), at: where, reading }),
        )
      }
    }
  }
  return events.result()
}

function addRecord(input: {
  readonly events: EventCollection
  readonly record: JsonObject
  readonly at: string
  readonly reading: AttributeReading
}): void {
  const { events, record, at, reading } = input
  const name = textIn(record, 'eventName', at)
  if (!isQflowEvent(name)) return
  const timeIn = (key: string) => uint64Of(member(record, key), pathOf(at, key))
  const unixNs = timeIn('timeUnixNano') || timeIn('observedTimeUnixNano')
  const traceId = textIn(record, 'traceId', at)
  events.add({ name, traceId, unixNs, attributes: attributesOf(record, at, reading) }, at)
}
