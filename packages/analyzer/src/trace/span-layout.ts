import {
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_STEP_ID,
} from '@qflow-otel/semconv'
import { AttributeList, type AttributeShape } from '../otlp/attribute-list.ts'
import type { AttributeValue, SpanRecord } from '../otlp/span-record.ts'
import { type ExecutionInput, isFinalStatus } from './build-execution.ts'
import type { Execution, ExecutionSpan } from './execution.ts'
import { LABEL_KEYS } from './span-label.ts'
import { executionIdOf } from './span-role.ts'

/**
 * What executions of the same spans have in common, whatever their times: names, shapes of attributes, who is whose
 * parent, in which row of the execution each record stands, and the values that are always the same. Lists are by
 * record, in order of arrival, unless they say otherwise.
 */
export interface SpanLayout {
  /** See `layoutHash`. */
  readonly hash: number
  readonly records: readonly LaidRecord[]
  /** Index of the record by row of the execution. */
  readonly order: readonly number[]
  /** The execution's rows; of their times and ids those of the execution from which the layout was learnt. */
  readonly rows: readonly ExecutionSpan[]
  /** The one segment, and with it all that claim the execution, by row. */
  readonly segment: number
  readonly own: readonly number[]
  /** Records that follow each other among the children of one parent: rows are right while none changes places. */
  readonly neighbours: readonly (readonly [number, number])[]
  readonly hasDetails: boolean
}

interface LaidRecord extends Pick<SpanRecord, 'name' | 'kind' | 'status'> {
  readonly shape: AttributeShape
  /** `NO_PARENT` for the segment. */
  readonly parent: number
  /** By place in the shape: how the value comes about, and the value of a `CONSTANT`. */
  readonly slots: readonly number[]
  readonly constants: readonly (AttributeValue | undefined)[]
  /** All of them, where all are constant: readers give equal spans the same list again. */
  readonly attributes: AttributeList | undefined
}

export const NO_PARENT = -1

/** How a value of an attribute comes about: what all have, one of the numbers, one of the others, the execution's id. */
export const CONSTANT = 0
export const NUMBER = 1
export const OTHER = 2
export const OWN_ID = 3

/** Larger executions are rare, and a layout of theirs would be large. */
export const MAX_LAID_COUNT = 256

/** Values that the rows' meaning depends on: with another one it is another layout. */
const MEANINGFUL_KEYS: ReadonlySet<string> = new Set([
  ATTR_QFLOW_STEP_ID,
  ATTR_QFLOW_EXECUTION_STATUS,
  ...LABEL_KEYS,
])

/** Of what is compared first: executions of one layout have equal ones. */
export function layoutHash(records: readonly SpanRecord[]): number {
  let hash = records.length
  for (const { name, attributes } of records) {
    if (attributes instanceof AttributeList) hash ^= attributes.shape.hash
    for (let at = 0; at < name.length && at < MAX_HASHED_LENGTH; at++)
      hash = Math.imul(hash ^ name.charCodeAt(at), SPREAD)
  }
  return hash
}

const MAX_HASHED_LENGTH = 64
/** An odd number near 2^32 / golden ratio. */
const SPREAD = 0x9e3779b1

/**
 * The layout of an execution as it was built; absent where rows depend on more than the records' order: several segments
 * or traces, attempts, sub-flows, links, spans without a place, anything flagged. `records` have different ids. O(values).
 */
export function layoutOf(
  { records, executionId }: ExecutionInput,
  execution: Execution,
): SpanLayout | undefined {
  const { spans, flags, traceIds } = execution
  const isPlain = flags.length === 0 && traceIds.length === 1 && spans.length === records.length
  if (!isPlain || records.length > MAX_LAID_COUNT) return undefined
  const indexOf = new Map(records.map(({ spanId }, index) => [spanId, index]))
  const order = spans.map(({ spanId }) => indexOf.get(spanId) ?? NO_PARENT)
  const segment = order[0] ?? NO_PARENT
  const laid = records.map((record) => laidRecord(record, { executionId, indexOf }))
  if (indexOf.size < records.length || !laid.every((one) => one !== undefined)) return undefined
  if (!spans.every((span, row) => isPlainRow(span, { records, order, laid }, row))) return undefined
  if (!isFinalStatus(execution.status) || records[segment]?.endUnixNs === 0n) return undefined
  return {
    hash: layoutHash(records),
    records: laid,
    order,
    rows: spans,
    segment,
    own: order.filter((index) => isOwn(records[index])),
    neighbours: neighboursOf(spans, order),
    hasDetails: spans.some(({ role }) => role === 'detail'),
  }
}

/** The same layout for executions in which this value is another one; absent where that means something. */
export function withVariable(
  layout: SpanLayout,
  at: { readonly record: number; readonly place: number },
  value: AttributeValue | undefined,
): SpanLayout | undefined {
  const record = layout.records[at.record]
  const isMeaningful = MEANINGFUL_KEYS.has(record?.shape.keys[at.place] ?? '')
  if (record === undefined || isMeaningful || record.slots[at.place] === OWN_ID) return undefined
  const isConstant = record.slots[at.place] === CONSTANT
  const isNumber = isConstant && typeof record.constants[at.place] === 'number'
  const slot = isNumber && typeof value === 'number' ? NUMBER : OTHER
  const changed = {
    ...record,
    slots: record.slots.with(at.place, slot),
    constants: record.constants.with(at.place, undefined),
    attributes: undefined,
  }
  return { ...layout, records: layout.records.with(at.record, changed) }
}

/** The same text, number or list of such: lists are made anew for each span. */
export function isSameValue(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (a === b) return a !== 0 || Object.is(a, b)
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((member, index) => isSameMember(member, b[index]))
  return false
}

function isSameMember(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  return typeof a !== 'object' && Object.is(a, b)
}

function laidRecord(
  record: SpanRecord,
  { executionId, indexOf }: { executionId: string; indexOf: ReadonlyMap<string, number> },
): LaidRecord | undefined {
  const { name, kind, status, attributes, parentSpanId } = record
  if (!(attributes instanceof AttributeList) || !isPlainRecord(record)) return undefined
  const named = executionIdOf(attributes)
  if (named !== undefined && named !== executionId) return undefined
  const { shape } = attributes
  const slots = shape.keys.map((key) => (key === ATTR_QFLOW_EXECUTION_ID ? OWN_ID : CONSTANT))
  // An id that is no text, or empty, claims nothing and says so in every execution of the layout.
  if (named === undefined && slots.includes(OWN_ID)) return undefined
  return {
    name,
    kind,
    status,
    shape,
    parent: indexOf.get(parentSpanId ?? '') ?? NO_PARENT,
    slots,
    constants: slots.map((slot, place) => (slot === CONSTANT ? attributes.at(place) : undefined)),
    attributes: slots.includes(OWN_ID) ? undefined : attributes,
  }
}

/** What a layout does not hold. */
export function isPlainRecord({ spanId, traceState, links, endUnixNs }: SpanRecord): boolean {
  return spanId.length === ID_LENGTH && traceState === '' && links.length === 0 && endUnixNs !== 0n
}

export const ID_LENGTH = 16

/** The segment at the top; below it, whatever hangs where its own span says. */
function isPlainRow(
  { role, depth, parentRow }: ExecutionSpan,
  {
    records,
    order,
    laid,
  }: {
    readonly records: readonly SpanRecord[]
    readonly order: readonly number[]
    readonly laid: readonly (LaidRecord | undefined)[]
  },
  row: number,
): boolean {
  const index = order[row] ?? NO_PARENT
  if (row === 0)
    return role === 'execution' && isOwn(records[index]) && laid[index]?.parent === NO_PARENT
  const isInside = depth > 0 && role !== 'execution' && role !== 'attempt'
  return isInside && laid[index]?.parent === order[parentRow]
}

function isOwn(record: SpanRecord | undefined): boolean {
  return record !== undefined && executionIdOf(record.attributes) !== undefined
}

function neighboursOf(spans: readonly ExecutionSpan[], order: readonly number[]) {
  const lastOf = new Map<number, number>()
  const neighbours: [number, number][] = []
  for (const [row, { parentRow }] of spans.entries()) {
    const index = order[row] ?? NO_PARENT
    const last = lastOf.get(parentRow)
    if (last !== undefined) neighbours.push([last, index])
    lastOf.set(parentRow, index)
  }
  return neighbours
}
