import { AttributeList, AttributeShape } from '../otlp/attribute-list.ts'
import type { Attributes, AttributeValue, SpanLink } from '../otlp/span-record.ts'
import { stepsOf } from './build-execution.ts'
import type { Execution, ExecutionSpan } from './execution.ts'
import { valueBytes } from './held.ts'

/** What is told of an execution without looking at its spans. */
export type ExecutionFacts = Omit<Execution, 'spans' | 'steps'>

/**
 * An execution in full in some 300 bytes a span: its rows as columns instead of objects. Steps are read from the rows
 * again. Plain arrays, since a typed array of a few rows weighs more than what it holds.
 */
export interface PackedExecution {
  readonly facts: ExecutionFacts
  /** One behind the other, 16 digits each. */
  readonly spanIds: string
  readonly names: readonly string[]
  /** Start and end of each row. */
  readonly timesNs: readonly number[]
  /** Parent's row + 1 and `RowKind`'s place in one number, by row. */
  readonly places: readonly number[]
  /** What rows have in common besides: few different ones. */
  readonly kinds: readonly RowKind[]
  /** The shape of a row's attributes, or the attributes themselves where they have none. */
  readonly shapes: readonly (AttributeShape | Attributes)[]
  /** Of all rows with a shape, in order; `undefined` stands for the next one of the numbers. */
  readonly values: readonly (AttributeValue | undefined)[]
  /** Apart, since a list of nothing but numbers takes a third of the room. */
  readonly numbers: readonly number[]
  /** By row; absent where no span has any. */
  readonly links: ReadonlyMap<number, readonly SpanLink[]> | undefined
}

type RowKind = Pick<ExecutionSpan, 'traceId' | 'kind' | 'role' | 'isError' | 'serviceName'>

/** A parent's row takes what is left of a number's 53 bits. */
const MAX_KIND_COUNT = 2 ** 20
/** An execution has a handful of kinds; one whose spans all differ is not searched for ever. */
const COMPARED_KIND_COUNT = 32

const ID_LENGTH = 16

/** Facts, headers of columns and ids; a row's columns; a kind; a link with its ids. As V8 lays them out. */
const EXECUTION_BYTES = 800
const ROW_BYTES = 56
const KIND_BYTES = 64
const NUMBER_BYTES = 8
const LINK_BYTES = 160

export function packExecution({ spans, steps: _, ...facts }: Execution): PackedExecution {
  const names: string[] = []
  const timesNs: number[] = []
  const places: number[] = []
  const kinds: RowKind[] = []
  const shapes: (AttributeShape | Attributes)[] = []
  const values: (AttributeValue | undefined)[] = []
  const numbers: number[] = []
  const spanIds: string[] = []
  let links: Map<number, readonly SpanLink[]> | undefined
  for (const span of spans) {
    if (span.links !== undefined) {
      links ??= new Map()
      links.set(spanIds.length, span.links)
    }
    spanIds.push(span.spanId)
    names.push(span.name)
    timesNs.push(span.startNs, span.endNs)
    places.push((span.parentRow + 1) * MAX_KIND_COUNT + placeOfKind(kinds, span))
    const { attributes } = span
    if (attributes instanceof AttributeList) {
      shapes.push(attributes.shape)
      attributes.appendTo(values, numbers)
    } else shapes.push(attributes)
  }
  return {
    facts,
    // Joined, since a text that grew piece by piece would hold its pieces; sliced, since a list that grew has room to grow.
    spanIds: spanIds.join(''),
    names: names.slice(),
    timesNs: timesNs.slice(),
    places: places.slice(),
    kinds: kinds.slice(),
    shapes: shapes.slice(),
    values: values.slice(),
    numbers: numbers.slice(),
    links,
  }
}

export function unpackExecution(packed: PackedExecution): Execution {
  const { facts, names, timesNs } = packed
  const spans: ExecutionSpan[] = []
  const read = { valueCount: 0, numberCount: 0 }
  for (let row = 0; row < names.length; row++) {
    const place = packed.places[row] ?? 0
    const parentRow = Math.floor(place / MAX_KIND_COUNT) - 1
    const parent = spans[parentRow]
    const attributes = attributesAt(packed, row, read)
    // `packExecution` made the place from an index of a kind.
    const kind = packed.kinds[place % MAX_KIND_COUNT] as RowKind
    spans.push({
      ...kind,
      spanId: packed.spanIds.slice(row * ID_LENGTH, (row + 1) * ID_LENGTH),
      parentSpanId: parent?.spanId,
      parentRow,
      name: names[row] ?? '',
      startNs: timesNs[2 * row] ?? 0,
      endNs: timesNs[2 * row + 1] ?? 0,
      attributes,
      links: packed.links?.get(row),
      depth: parent === undefined ? 0 : parent.depth + 1,
    })
  }
  return { ...facts, spans, steps: stepsOf(spans, facts.executionId, new Set()) }
}

/** What a packed execution weighs, by estimate: texts count in full though rows share most of them. */
export function packedBytes({ names, values, numbers, kinds, links }: PackedExecution): number {
  let bytes = EXECUTION_BYTES + names.length * ROW_BYTES + kinds.length * KIND_BYTES
  bytes += numbers.length * NUMBER_BYTES
  for (const linked of links?.values() ?? []) bytes += linked.length * LINK_BYTES
  for (const value of values) bytes += value === undefined ? NUMBER_BYTES : valueBytes(value)
  return bytes
}

function placeOfKind(kinds: RowKind[], span: ExecutionSpan): number {
  const { traceId, kind, role, isError, serviceName } = span
  for (let place = 0; place < kinds.length && place < COMPARED_KIND_COUNT; place++) {
    // A place below the length.
    const known = kinds[place] as RowKind
    const isSame = known.role === role && known.kind === kind && known.isError === isError
    if (isSame && known.traceId === traceId && known.serviceName === serviceName) return place
  }
  return kinds.push({ traceId, kind, role, isError, serviceName }) - 1
}

/** What of the columns was read by earlier rows. */
interface ReadCounts {
  valueCount: number
  numberCount: number
}

function attributesAt(packed: PackedExecution, row: number, read: ReadCounts): Attributes {
  // Columns are as long as the rows are many, and values as many as the shapes have keys.
  const shape = packed.shapes[row] as AttributeShape | Attributes
  if (!(shape instanceof AttributeShape)) return shape
  const values = shape.keys.map(
    () =>
      (packed.values[read.valueCount++] ?? packed.numbers[read.numberCount++]) as AttributeValue,
  )
  return new AttributeList(shape, values)
}
