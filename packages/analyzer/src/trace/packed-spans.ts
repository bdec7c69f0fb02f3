import { AttributeList, AttributeShape } from '../otlp/attribute-list.ts'
import type { Attributes, AttributeValue, SpanLink, SpanRecord } from '../otlp/span-record.ts'
import { MAX_OFFSET_NS } from '../time/unix-ns.ts'
import { valueBytes } from './held.ts'
import { type LaidSpans, laidBytes, unlaySpans } from './laid-spans.ts'

/**
 * Span records in some 250 bytes each: columns instead of objects, exactly. What closed is held and kept like this, since
 * objects cost the garbage collector as much as all the rest of the analyzer costs. Plain arrays, since a typed array of a
 * few rows weighs more than what it holds.
 */
export interface PackedSpans {
  /** One behind the other, 16 digits each. */
  readonly spanIds: string
  readonly names: readonly string[]
  /** Times are after it. */
  readonly anchorUnixNs: bigint
  /** Start and end of each row; `UNENDED` for the end of a span that has none. */
  readonly timesNs: readonly number[]
  /** Row of the parent, `NO_PARENT`, or `ELSEWHERE` for one that is not here. */
  readonly parents: readonly number[]
  /** By row: parents that are not here; absent in most executions, as the next is. */
  readonly elsewhere: ReadonlyMap<number, string> | undefined
  readonly links: ReadonlyMap<number, readonly SpanLink[]> | undefined
  /** Index of the row's kind. */
  readonly kindOf: readonly number[]
  /** What rows have in common besides: few different ones. */
  readonly kinds: readonly SpanKindOf[]
  /** The shape of a row's attributes, or the attributes themselves where they have none. */
  readonly shapes: readonly (AttributeShape | Attributes)[]
  /** Of all rows with a shape, in order; `undefined` stands for the next one of the numbers. */
  readonly values: readonly (AttributeValue | undefined)[]
  /** Apart, since a list of nothing but numbers takes a third of the room. */
  readonly numbers: readonly number[]
}

type SpanKindOf = Pick<SpanRecord, 'traceId' | 'traceState' | 'kind' | 'status' | 'resource'>

const NO_PARENT = -1
const ELSEWHERE = -2
const UNENDED = Number.MIN_SAFE_INTEGER
const ID_LENGTH = 16
/** An execution has a handful of kinds; one whose spans all differ is not searched for ever. */
const COMPARED_KIND_COUNT = 32

/** Headers of columns and ids; a row's columns; a kind; a number; a link with its ids. As V8 lays them out. */
const PACK_BYTES = 600
const ROW_BYTES = 64
const KIND_BYTES = 64
const NUMBER_BYTES = 8
const LINK_BYTES = 160

/** Absent for what does not fit: ids of another length, times too far from each other for a number. O(n). */
export function packSpans(records: readonly SpanRecord[]): PackedSpans | undefined {
  const anchorUnixNs = records[0]?.startUnixNs ?? 0n
  const columns = emptyColumns()
  const rowOf = new Map<string, number>()
  for (const { spanId } of records) rowOf.set(spanId, rowOf.size)
  // Of two with one id, which several traces may have, nobody knows whose child is meant.
  if (rowOf.size < records.length) return undefined
  for (const record of records) {
    const startNs = Number(record.startUnixNs - anchorUnixNs)
    const isEnded = record.endUnixNs !== 0n
    const endNs = isEnded ? Number(record.endUnixNs - anchorUnixNs) : startNs
    const isNear = Math.abs(startNs) < MAX_OFFSET_NS && Math.abs(endNs) < MAX_OFFSET_NS
    if (!isNear || record.spanId.length !== ID_LENGTH) return undefined
    columns.timesNs.push(startNs, isEnded ? endNs : UNENDED)
    addRow(columns, record, rowOf)
  }
  const { spanIds, names, timesNs, parents, kindOf, kinds, shapes, values, numbers } = columns
  return {
    // Joined, since a text that grew piece by piece would hold its pieces; sliced, since a list that grew has room to grow.
    spanIds: spanIds.join(''),
    names: names.slice(),
    anchorUnixNs,
    timesNs: timesNs.slice(),
    parents: parents.slice(),
    elsewhere: columns.elsewhere,
    links: columns.links,
    kindOf: kindOf.slice(),
    kinds,
    shapes: shapes.slice(),
    values: values.slice(),
    numbers: numbers.slice(),
  }
}

/** The records, in their order; what is not packed is them. */
export function unpackSpans(
  packed: PackedSpans | LaidSpans | readonly SpanRecord[],
): readonly SpanRecord[] {
  if ('layout' in packed) return unlaySpans(packed)
  if (!('names' in packed)) return packed
  const { names, timesNs, anchorUnixNs } = packed
  const records: SpanRecord[] = []
  const read = { valueCount: 0, numberCount: 0 }
  for (let row = 0; row < names.length; row++) {
    const startNs = timesNs[2 * row] ?? 0
    const endNs = timesNs[2 * row + 1] ?? UNENDED
    // `packSpans` made the index from one of a kind.
    const kind = packed.kinds[packed.kindOf[row] ?? 0] as SpanKindOf
    records.push({
      ...kind,
      spanId: spanIdAt(packed, row),
      parentSpanId: parentIdAt(packed, row),
      name: names[row] ?? '',
      startUnixNs: anchorUnixNs + BigInt(startNs),
      endUnixNs: endNs === UNENDED ? 0n : anchorUnixNs + BigInt(endNs),
      attributes: attributesAt(packed, row, read),
      links: packed.links?.get(row) ?? [],
    })
  }
  return records
}

/** What packed spans weigh, by estimate: texts count in full though rows share most of them. */
export function packedBytes(packed: PackedSpans | LaidSpans): number {
  if ('layout' in packed) return laidBytes(packed)
  const { names, values, numbers, kinds, links } = packed
  let bytes = PACK_BYTES + names.length * ROW_BYTES + kinds.length * KIND_BYTES
  bytes += numbers.length * NUMBER_BYTES
  for (const value of values) bytes += value === undefined ? NUMBER_BYTES : valueBytes(value)
  for (const linked of links?.values() ?? []) bytes += linked.length * LINK_BYTES
  return bytes
}

interface Columns {
  readonly spanIds: string[]
  readonly names: string[]
  readonly timesNs: number[]
  readonly parents: number[]
  elsewhere: Map<number, string> | undefined
  links: Map<number, readonly SpanLink[]> | undefined
  readonly kindOf: number[]
  readonly kinds: SpanKindOf[]
  readonly shapes: (AttributeShape | Attributes)[]
  readonly values: (AttributeValue | undefined)[]
  readonly numbers: number[]
}

function emptyColumns(): Columns {
  return {
    spanIds: [],
    names: [],
    timesNs: [],
    parents: [],
    elsewhere: undefined,
    links: undefined,
    kindOf: [],
    kinds: [],
    shapes: [],
    values: [],
    numbers: [],
  }
}

function addRow(columns: Columns, record: SpanRecord, rowOf: ReadonlyMap<string, number>): void {
  const row = columns.names.length
  const { parentSpanId, attributes, links } = record
  columns.spanIds.push(record.spanId)
  columns.names.push(record.name)
  columns.kindOf.push(indexOfKind(columns.kinds, record))
  const parent = parentSpanId === undefined ? NO_PARENT : (rowOf.get(parentSpanId) ?? ELSEWHERE)
  columns.parents.push(parent)
  if (parent === ELSEWHERE && parentSpanId !== undefined) {
    columns.elsewhere ??= new Map()
    columns.elsewhere.set(row, parentSpanId)
  }
  if (links.length > 0) {
    columns.links ??= new Map()
    columns.links.set(row, links)
  }
  if (attributes instanceof AttributeList) {
    columns.shapes.push(attributes.shape)
    attributes.appendTo(columns.values, columns.numbers)
  } else columns.shapes.push(attributes)
}

function indexOfKind(kinds: SpanKindOf[], record: SpanRecord): number {
  const { traceId, traceState, kind, status, resource } = record
  for (let index = 0; index < kinds.length && index < COMPARED_KIND_COUNT; index++) {
    // An index below the length.
    const known = kinds[index] as SpanKindOf
    const isSame = known.kind === kind && known.status === status && known.resource === resource
    if (isSame && known.traceId === traceId && known.traceState === traceState) return index
  }
  return kinds.push({ traceId, traceState, kind, status, resource }) - 1
}

function spanIdAt({ spanIds }: PackedSpans, row: number): string {
  return spanIds.slice(row * ID_LENGTH, (row + 1) * ID_LENGTH)
}

function parentIdAt(packed: PackedSpans, row: number): string | undefined {
  const parent = packed.parents[row] ?? NO_PARENT
  if (parent === NO_PARENT) return undefined
  return parent === ELSEWHERE ? packed.elsewhere?.get(row) : spanIdAt(packed, parent)
}

/** What of the columns was read by earlier rows. */
interface ReadCounts {
  valueCount: number
  numberCount: number
}

function attributesAt(packed: PackedSpans, row: number, read: ReadCounts): Attributes {
  // Columns are as long as the rows are many, and values as many as the shapes have keys.
  const shape = packed.shapes[row] as AttributeShape | Attributes
  if (!(shape instanceof AttributeShape)) return shape
  const values = shape.keys.map(
    () =>
      (packed.values[read.valueCount++] ?? packed.numbers[read.numberCount++]) as AttributeValue,
  )
  return new AttributeList(shape, values)
}
