import { AttributeList } from '../otlp/attribute-list.ts'
import { hexOf8 } from '../otlp/id-memory.ts'
import type { AttributeValue, Resource, SpanRecord } from '../otlp/span-record.ts'
import { valueBytes } from './held.ts'
import { type LaidBlock, ownBlock } from './laid-blocks.ts'
import { CONSTANT, ID_LENGTH, NO_PARENT, NUMBER, OTHER, type SpanLayout } from './span-layout.ts'

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

/** Headers and ids; a record's times and id. As V8 lays them out. */
const LAID_BYTES = 350
const LAID_ROW_BYTES = 32
const NUMBER_BYTES = 8

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
