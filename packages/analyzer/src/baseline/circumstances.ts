import { type Counters, countOne } from './counters.ts'
import type { HistoryEntry } from './history-entry.ts'

/** Something that was so when an execution ran, whatever it did: an attribute and its value as text, never empty. */
export interface Fact {
  readonly key: string
  readonly value: string
}

/**
 * The facts of a flow's remembered executions, each value once and each combination once, so that an execution holds one
 * number. Plain data.
 */
export interface Circumstances {
  readonly dimensions: Dimension[]
  /** Index of the value in each dimension, or `ABSENT`, or `OTHER`; an empty row is free. */
  readonly rows: number[][]
  /** Something found no room. */
  isFull: boolean
  /** When what nobody refers to any more was last given up. */
  sweptSequence: number
}

interface Dimension {
  /** The attribute; empty when the dimension is free. */
  key: string
  /** An empty one is free. */
  readonly values: string[]
  /** Nearly every execution has a value of its own (an order number): nothing can be compared by it. */
  isAbandoned: boolean
}

/** An attribute that few flows have is one of a dozen; a flow with more keeps the first. */
const MAX_DIMENSION_COUNT = 16
/** With more values than this among 256 executions there are too few of each to be compared. */
const MAX_VALUE_COUNT = 64
/** Twice what a history can refer to: a sweep is then due every 256 executions at most. */
const MAX_ROW_COUNT = 512
/** A table that stays full is not searched through at every execution. */
const SWEEP_EVERY_COUNT = 64

const ABSENT = -1
const OTHER = -2
/** The circumstance of an execution of which nothing is known. */
export const NO_CIRCUMSTANCE = -1

export function noCircumstances(): Circumstances {
  return { dimensions: [], rows: [], isFull: false, sweptSequence: 0 }
}

/**
 * The index of an execution's facts, for its entry; `circumstance_limit` counts facts without room. `entries` are those that
 * hold earlier indices. O(facts + rows), amortised.
 */
export function rememberCircumstance(
  table: Circumstances,
  facts: readonly Fact[],
  { entries, sequence }: { entries: readonly HistoryEntry[]; sequence: number },
  counters: Counters,
): number {
  const isDue = sequence - table.sweptSequence >= SWEEP_EVERY_COUNT
  if (table.isFull && isDue) sweep(table, entries, sequence)
  const row = rowOf(table, facts, counters)
  if (row.every((value) => value === ABSENT)) return NO_CIRCUMSTANCE
  let free = -1
  // The newest are the likeliest.
  for (let index = table.rows.length - 1; index >= 0; index -= 1) {
    // An index below the length.
    const known = table.rows[index] as number[]
    if (known.length === 0) free = index
    else if (isSameRow(known, row)) return index
  }
  if (free >= 0) {
    table.rows[free] = row
    return free
  }
  const index = table.rows.push(row) - 1
  table.isFull ||= table.rows.length >= MAX_ROW_COUNT
  return index
}

/** The attributes by which executions differ, in order of their first appearance. */
export function circumstanceKeys({ dimensions }: Circumstances): readonly string[] {
  return dimensions.flatMap(({ key, isAbandoned }) => (key === '' || isAbandoned ? [] : [key]))
}

/** What an entry's circumstance says of an attribute; `_OTHER` for a value without room, absent when it had none. */
export function circumstanceValue(
  { dimensions, rows }: Circumstances,
  { circumstance }: Pick<HistoryEntry, 'circumstance'>,
  key: string,
): string | undefined {
  const at = dimensions.findIndex((dimension) => dimension.key === key)
  const value = rows[circumstance]?.[at] ?? ABSENT
  if (value === OTHER) return '_OTHER'
  return value === ABSENT ? undefined : dimensions[at]?.values[value]
}

function rowOf(table: Circumstances, facts: readonly Fact[], counters: Counters): number[] {
  const row = new Array<number>(table.dimensions.length).fill(ABSENT)
  for (let place = 0; place < facts.length; place += 1) {
    // An index below the length.
    const { key, value } = facts[place] as Fact
    const at = dimensionOf(table, key, place)
    const dimension = table.dimensions[at]
    if (dimension === undefined) {
      table.isFull = true
      countOne(counters, 'circumstance_limit')
      continue
    }
    while (row.length <= at) row.push(ABSENT)
    if (!dimension.isAbandoned) row[at] = valueIndex(table, dimension, value, counters)
  }
  return row
}

/** Executions mostly have the same facts in the same order. */
function dimensionOf({ dimensions }: Circumstances, key: string, place: number): number {
  if (dimensions[place]?.key === key) return place
  const known = dimensions.findIndex((one) => one.key === key)
  if (known >= 0) return known
  const free = dimensions.find((one) => one.key === '')
  if (free !== undefined) {
    free.key = key
    return dimensions.indexOf(free)
  }
  if (dimensions.length >= MAX_DIMENSION_COUNT) return -1
  return dimensions.push({ key, values: [], isAbandoned: false }) - 1
}

function valueIndex(
  table: Circumstances,
  { values }: Dimension,
  value: string,
  counters: Counters,
): number {
  const known = values.indexOf(value)
  if (known >= 0) return known
  const free = values.indexOf('')
  if (free >= 0) {
    values[free] = value
    return free
  }
  if (values.length < MAX_VALUE_COUNT) return values.push(value) - 1
  table.isFull = true
  countOne(counters, 'circumstance_limit')
  return OTHER
}

function isSameRow(a: readonly number[], b: readonly number[]): boolean {
  const length = Math.max(a.length, b.length)
  for (let at = 0; at < length; at += 1) if ((a[at] ?? ABSENT) !== (b[at] ?? ABSENT)) return false
  return true
}

/** Gives up what no entry refers to. A dimension that is full even then is abandoned. */
function sweep(table: Circumstances, entries: readonly HistoryEntry[], sequence: number): void {
  const { dimensions, rows } = table
  const usedRows = new Set(entries.map(({ circumstance }) => circumstance))
  for (let index = 0; index < rows.length; index += 1) if (!usedRows.has(index)) rows[index] = []
  for (const [at, dimension] of dimensions.entries()) {
    const used = new Set(rows.map((row) => row[at] ?? ABSENT))
    const { values } = dimension
    for (let value = 0; value < values.length; value += 1) if (!used.has(value)) values[value] = ''
    if (values.length >= MAX_VALUE_COUNT && !values.includes('')) abandon(table, at)
    else if (!dimension.isAbandoned && values.every((value) => value === '')) dimension.key = ''
  }
  table.isFull = false
  table.sweptSequence = sequence
}

function abandon({ dimensions, rows }: Circumstances, at: number): void {
  const dimension = dimensions[at]
  if (dimension === undefined) return
  dimension.isAbandoned = true
  dimension.values.length = 0
  for (const row of rows) if (at < row.length) row[at] = ABSENT
}
