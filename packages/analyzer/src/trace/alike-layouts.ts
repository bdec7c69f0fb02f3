import { ATTR_QFLOW_FLOW_ID } from '@qflow-otel/semconv'
import { KNOWN } from '../otlp/known-attributes.ts'
import { isSameValue, type SpanLayout } from './span-layout.ts'

type LaidRecord = SpanLayout['records'][number]

/**
 * Whether executions of both layouts say the same but for the flow's id and the name of its span, as those of flows of the same
 * steps do. O(values).
 */
export function areAlike(a: SpanLayout, b: SpanLayout): boolean {
  if (a.records.length !== b.records.length || a.segment !== b.segment) return false
  if (!a.order.every((index, row) => index === b.order[row])) return false
  return a.records.every((record, index) => {
    // Lists of one length.
    const other = b.records[index] as LaidRecord
    const isNamedAlike = record.name === other.name || index === a.segment
    return isNamedAlike && areRecordsAlike(record, other)
  })
}

function areRecordsAlike(a: LaidRecord, b: LaidRecord): boolean {
  if (a.shape !== b.shape || a.kind !== b.kind || a.status !== b.status) return false
  if (a.parent !== b.parent) return false
  const flowId = a.shape.known[KNOWN[ATTR_QFLOW_FLOW_ID]]
  return a.slots.every((slot, place) => {
    if (slot !== b.slots[place]) return false
    return place === flowId || isSameValue(a.constants[place], b.constants[place])
  })
}
