import { AttributeList } from '../otlp/attribute-list.ts'
import type { AttributeValue, Resource, SpanRecord } from '../otlp/span-record.ts'
import { MAX_OFFSET_NS, type UnixNsOffsets } from '../time/unix-ns.ts'
import { SKEW_TOLERANCE_NS } from './build-execution.ts'
import type { LaidBlocks } from './laid-blocks.ts'
import type { LaidSpans } from './laid-spans.ts'
import {
  CONSTANT,
  isPlainRecord,
  isSameValue,
  NO_PARENT,
  NUMBER,
  OTHER,
  type SpanLayout,
} from './span-layout.ts'

/** Where the first value stands that is not as the layout says. */
export interface OtherValue {
  readonly record: number
  readonly place: number
}

/** Offsets from the first record beyond it might put two records too far from each other. */
export const MAX_LAID_OFFSET_NS: number = MAX_OFFSET_NS / 4

/**
 * Records as the layout lays them; absent where rows would be others than the layout's, or something would be flagged.
 * Where only a value is another one, it says which. `records` have different ids. O(values).
 */
export function laySpans(
  layout: SpanLayout,
  records: readonly SpanRecord[],
  executionId: string,
  { offsets, blocks }: { readonly offsets: UnixNsOffsets; readonly blocks: LaidBlocks },
): LaidSpans | OtherValue | undefined {
  const [first] = records
  if (first === undefined || records.length !== layout.records.length) return undefined
  if (!areOfLayout(layout, records)) return undefined
  offsets.setAnchor(first.startUnixNs)
  const timesNs = timesOf(records, offsets)
  if (timesNs === undefined || !areInOrder(layout, records, timesNs)) return undefined
  const numbers: number[] = []
  const others: (AttributeValue | undefined)[] = []
  const other = addValues({ layout, executionId, numbers, others }, records)
  if (other !== undefined) return other
  const length = timesNs.length + numbers.length
  const block = blocks.room(length)
  const { at } = blocks
  block.numbers.set(timesNs, at)
  block.numbers.set(numbers, at + timesNs.length)
  blocks.keep(length)
  return {
    layout,
    executionId,
    traceId: first.traceId,
    spanIds: idsOf(records),
    callerSpanId: records[layout.segment]?.parentSpanId,
    anchorUnixNs: first.startUnixNs,
    block,
    at,
    resources: resourcesOf(records),
    numberCount: numbers.length,
    // Sliced, since a list that grew has room to grow.
    others: others.length === 0 ? NO_OTHERS : others.slice(),
  }
}

const NO_OTHERS: readonly AttributeValue[] = []

function areOfLayout(layout: SpanLayout, records: readonly SpanRecord[]): boolean {
  const traceId = records[0]?.traceId
  for (let index = 0; index < records.length; index++) {
    // Both are as long.
    const record = records[index] as SpanRecord
    const laid = layout.records[index] as SpanLayout['records'][number]
    if (record.name !== laid.name || record.traceId !== traceId) return false
    if (record.kind !== laid.kind || record.status !== laid.status) return false
    const { attributes } = record
    if (!(attributes instanceof AttributeList) || attributes.shape !== laid.shape) return false
    if (!isPlainRecord(record)) return false
    const { parent } = laid
    if (
      parent === NO_PARENT
        ? isAmong(records, record.parentSpanId)
        : record.parentSpanId !== records[parent]?.spanId
    )
      return false
  }
  return true
}

function isAmong(records: readonly SpanRecord[], spanId: string | undefined): boolean {
  if (spanId === undefined) return false
  for (const record of records) if (record.spanId === spanId) return true
  return false
}

/** Start and end of each after the anchor; absent where one is too far from it, or ends before it starts. */
function timesOf(records: readonly SpanRecord[], offsets: UnixNsOffsets): number[] | undefined {
  const timesNs = new Array<number>(2 * records.length)
  let at = 0
  for (const { startUnixNs, endUnixNs } of records) {
    const startNs = offsets.offsetNs(startUnixNs)
    const endNs = offsets.offsetNs(endUnixNs)
    if (Math.abs(startNs) > MAX_LAID_OFFSET_NS || endNs > MAX_LAID_OFFSET_NS) return undefined
    if (endNs < startNs) return undefined
    timesNs[at++] = startNs
    timesNs[at++] = endNs
  }
  return timesNs
}

/** Siblings in the order of the rows, and no child long before its parent. */
function areInOrder(
  layout: SpanLayout,
  records: readonly SpanRecord[],
  timesNs: readonly number[],
): boolean {
  const timeAt = (at: number) => timesNs[at] ?? 0
  for (const [a, b] of layout.neighbours) {
    const byStart = timeAt(2 * b) - timeAt(2 * a)
    const order = byStart === 0 ? timeAt(2 * b + 1) - timeAt(2 * a + 1) : byStart
    if (order < 0) return false
    // Of two that start and end at once the ids decide.
    if (order === 0 && (records[a]?.spanId ?? '') > (records[b]?.spanId ?? '')) return false
  }
  for (let index = 0; index < records.length; index++) {
    const parent = layout.records[index]?.parent ?? NO_PARENT
    if (parent === NO_PARENT) continue
    if (timeAt(2 * index) < timeAt(2 * parent) - SKEW_TOLERANCE_NS) return false
  }
  return true
}

/** The first value that is not as the layout says, if there is one. */
function addValues(
  {
    layout,
    executionId,
    numbers,
    others,
  }: {
    readonly layout: SpanLayout
    readonly executionId: string
    readonly numbers: number[]
    readonly others: (AttributeValue | undefined)[]
  },
  records: readonly SpanRecord[],
): OtherValue | undefined {
  for (let index = 0; index < records.length; index++) {
    // Both are as long, and `areOfLayout` has seen the shape.
    const {
      slots,
      constants,
      attributes: known,
    } = layout.records[index] as SpanLayout['records'][number]
    const attributes = records[index]?.attributes as AttributeList
    if (attributes === known) continue
    for (let place = 0; place < slots.length; place++) {
      const value = attributes.at(place)
      const slot = slots[place]
      if (slot === CONSTANT) {
        if (!isSameValue(value, constants[place])) return { record: index, place }
      } else if (slot === NUMBER) {
        if (typeof value !== 'number') return { record: index, place }
        numbers.push(value)
      } else if (slot === OTHER) others.push(value)
      else if (value !== executionId) return { record: index, place }
    }
  }
  return undefined
}

function idsOf(records: readonly SpanRecord[]): string {
  // Joined, since a text that grew piece by piece would hold its pieces.
  return records.map(({ spanId }) => spanId).join('')
}

function resourcesOf(records: readonly SpanRecord[]): LaidSpans['resources'] {
  const first = records[0]?.resource
  for (const { resource } of records)
    if (resource !== first) return records.map((one) => one.resource)
  // There is a record: `laySpans` has looked.
  return first as Resource
}
