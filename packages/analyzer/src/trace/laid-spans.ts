import { AttributeList } from '../otlp/attribute-list.ts'
import { hexOf8 } from '../otlp/id-memory.ts'
import type { AttributeValue, Resource, SpanRecord } from '../otlp/span-record.ts'
import { MAX_OFFSET_NS, type UnixNsOffsets } from '../time/unix-ns.ts'
import { SKEW_TOLERANCE_NS } from './build-execution.ts'
import { valueBytes } from './held.ts'
import { type LaidBlock, type LaidBlocks, ownBlock } from './laid-blocks.ts'
import {
  CONSTANT,
  ID_LENGTH,
  isPlainRecord,
  isSameValue,
  NO_PARENT,
  NUMBER,
  OTHER,
  type SpanLayout,
} from './span-layout.ts'

/**
 * The spans of one execution whose layout is known: what differs from the others of the layout. Some 50 bytes a span;
 * exact all the same. What closed is read from it, held and kept as it.
 */
export interface LaidSpans {
  readonly layout: SpanLayout
  readonly executionId: string
  readonly traceId: string
  /** One behind the other, 16 digits each; absent where they are words of the row. */
  readonly spanIds: string | undefined
  /** The segment's parent, which is no span of the execution. */
  readonly callerSpanId: string | undefined
  /** Times are after it. */
  readonly anchorUnixNs: bigint
  /** Holds its row of numbers: see `numbersAt`. */
  readonly block: LaidBlock
  /** Where the row begins: with start and end of each record. */
  readonly at: number
  /** Of each record, or the one of all. */
  readonly resources: Resource | readonly Resource[]
  /** How many stand where the layout says `NUMBER`. */
  readonly numberCount: number
  /** What stands where the layout says `OTHER`. */
  readonly others: readonly (AttributeValue | undefined)[]
}

/**
 * Where, in its block, the values begin that the layout calls `NUMBER`:
 *
 *   at            numbersAt        idsAt
 *   [start end]*  number*          [id]*     one of two words for each record, unless ids are texts
 */
export function numbersAt({ layout, at }: Pick<LaidSpans, 'layout' | 'at'>): number {
  return at + 2 * layout.records.length
}

function idsAt(laid: LaidSpans): number {
  return numbersAt(laid) + laid.numberCount
}

/** The same with a row of its own, so that it holds no block of others. */
export function withOwnRow(laid: LaidSpans): LaidSpans {
  const end = idsAt(laid) + (laid.spanIds === undefined ? laid.layout.records.length : 0)
  return { ...laid, block: ownBlock(laid.block.numbers.subarray(laid.at, end)), at: 0 }
}

/** Where the first value stands that is not as the layout says. */
export interface OtherValue {
  readonly record: number
  readonly place: number
}

/** Offsets from the first record beyond it might put two records too far from each other. */
export const MAX_LAID_OFFSET_NS: number = MAX_OFFSET_NS / 4

/** Headers and ids; a record's times and id. As V8 lays them out. */
const LAID_BYTES = 350
const LAID_ROW_BYTES = 32
const NUMBER_BYTES = 8

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

/** The records, in their order. */
export function unlaySpans(laid: LaidSpans): SpanRecord[] {
  const { layout, traceId, anchorUnixNs, block, at, resources } = laid
  const timeNs = (place: number) => BigInt(block.numbers[at + place] ?? 0)
  const read = { numberCount: 0, otherCount: 0 }
  return layout.records.map((record, index) => {
    const { name, kind, status, shape, parent } = record
    return {
      traceId,
      traceState: '',
      kind,
      status,
      // As many as there are records.
      resource: Array.isArray(resources) ? (resources[index] as Resource) : (resources as Resource),
      spanId: laidSpanId(laid, index),
      parentSpanId: parent === NO_PARENT ? laid.callerSpanId : laidSpanId(laid, parent),
      name,
      startUnixNs: anchorUnixNs + timeNs(2 * index),
      endUnixNs: anchorUnixNs + timeNs(2 * index + 1),
      attributes: new AttributeList(shape, valuesOf(laid, record, read)),
      links: [],
    }
  })
}

/** When the first of the spans starts that name the execution. */
export function firstOwnStartOf({ layout, block, at, anchorUnixNs }: LaidSpans): bigint {
  let firstNs = Number.POSITIVE_INFINITY
  for (const index of layout.own) firstNs = Math.min(firstNs, block.numbers[at + 2 * index] ?? 0)
  return anchorUnixNs + BigInt(firstNs)
}

/** What laid spans weigh, by estimate, besides their layout. */
export function laidBytes({ layout, numberCount, others }: LaidSpans): number {
  let bytes = LAID_BYTES + layout.records.length * LAID_ROW_BYTES + numberCount * NUMBER_BYTES
  for (const value of others) bytes += valueBytes(value)
  return bytes
}

export function laidSpanId(laid: LaidSpans, index: number): string {
  const { spanIds, block } = laid
  if (spanIds !== undefined) return spanIds.slice(index * ID_LENGTH, (index + 1) * ID_LENGTH)
  const word = 2 * (idsAt(laid) + index)
  return hexOf8(block.words[word] ?? 0, block.words[word + 1] ?? 0)
}

/** What of the columns was read by earlier records. */
interface ReadCounts {
  numberCount: number
  otherCount: number
}

/** The values of a record, by place. */
function valuesOf(
  laid: LaidSpans,
  { slots, constants }: SpanLayout['records'][number],
  read: ReadCounts,
): AttributeValue[] {
  const { executionId, block, others } = laid
  const first = numbersAt(laid)
  return slots.map((slot, place) => {
    // Of every kind there are as many as the slots say, none of them `undefined`.
    if (slot === CONSTANT) return constants[place] as AttributeValue
    if (slot === NUMBER) return block.numbers[first + read.numberCount++] as number
    return slot === OTHER ? (others[read.otherCount++] as AttributeValue) : executionId
  })
}

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
