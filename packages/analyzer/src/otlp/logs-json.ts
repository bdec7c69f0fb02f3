import { attributesIn } from './attributes-json.ts'
import { EventCollection } from './event-collection.ts'
import { type JsonObject, listIn, objectAt, textIn, uint64In } from './json-shape.ts'
import { MAX_TEXT_LENGTH } from './limits.ts'
import { isQflowEvent } from './qflow-events.ts'
import type { DecodedLogs } from './span-record.ts'
import { orRejected } from './traces-json.ts'

/**
 * Parsed OTLP/JSON logs -> our events; other records are counted. A bad event is refused with its path. Throws
 * `OtlpDecodeError` with the path when the shape around the records is wrong.
 */
export function decodeLogsJson(value: unknown): DecodedLogs {
  const events = new EventCollection()
  for (const [block, item] of listIn(objectAt(value, ''), 'resourceLogs', '').entries()) {
    const at = `resourceLogs[${block}]`
    for (const [scope, scopeItem] of listIn(objectAt(item, at), 'scopeLogs', at).entries()) {
      const place = `${at}.scopeLogs[${scope}]`
      const records = listIn(objectAt(scopeItem, place), 'logRecords', place)
      for (const [index, record] of records.entries()) {
        events.logRecordCount++
        const where = `${place}.logRecords[${index}]`
        orRejected(events.tally, () => addRecord(events, objectAt(record, where), where))
      }
    }
  }
  return events.result()
}

function addRecord(events: EventCollection, record: JsonObject, at: string): void {
  const name = textIn(record, 'eventName', at)
  if (!isQflowEvent(name)) return
  const bounds = { maxTextLength: MAX_TEXT_LENGTH, tally: events.tally }
  const unixNs =
    uint64In(record, 'timeUnixNano', at) || uint64In(record, 'observedTimeUnixNano', at)
  const traceId = textIn(record, 'traceId', at)
  events.add({ name, traceId, unixNs, attributes: attributesIn(record, at, bounds) }, at)
}
