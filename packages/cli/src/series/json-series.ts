import { InputError } from '../input/input-error.ts'
import { isObject, type JsonObject } from '../json-object.ts'
import { benchmarkSeries } from './benchmark-files.ts'
import type { Cell } from './cell.ts'
import type { Series } from './series.ts'
import type { SeriesTable } from './series-table.ts'

const EXPECTED = 'an array of numbers or objects, an object of arrays, or a benchmark’s own file'

/** The column of values that have no name. */
export const VALUE_COLUMN = 'value'

/**
 * A whole JSON document: rows go into the table, what is no row is refused by `refuse`; the series of a benchmark's own
 * file are returned. Throws `InputError` for what is neither.
 */
export function readJsonDocument(
  document: unknown,
  table: SeriesTable,
  refuse: (error: InputError) => void,
): { readonly series: readonly Series[]; readonly leftOutCount: number } {
  const benchmark = benchmarkSeries(document)
  if (benchmark !== undefined) return benchmark
  const nothing = { series: [], leftOutCount: 0 }
  if (Array.isArray(document)) {
    for (const [index, one] of document.entries()) addRow(one, { table, refuse, at: `[${index}]` })
    return nothing
  }
  const columns = isObject(document) ? arraysOf(document) : undefined
  if (columns === undefined || columns.length === 0) {
    throw new InputError({ at: '', expected: EXPECTED, found: kindOf(document) })
  }
  const count = columns.reduce((most, [, values]) => Math.max(most, values.length), 0)
  for (let index = 0; index < count; index += 1) {
    const row = new Map(columns.map(([name, values]) => [name, cellOf(values[index])] as const))
    table.add(row, `[${index}]`)
  }
  return nothing
}

/** One value of an array, or of a line: a number, or an object of cells. */
export function addRow(
  value: unknown,
  { table, refuse, at }: { table: SeriesTable; refuse: (error: InputError) => void; at: string },
): void {
  if (typeof value === 'number' || value === null) {
    table.add(new Map([[VALUE_COLUMN, value]]), at)
  } else if (isObject(value)) {
    table.add(new Map(flat(value)), at)
  } else {
    table.addGap()
    refuse(new InputError({ at, expected: 'a number or an object', found: kindOf(value) }))
  }
}

/** Members by name, those of objects within as `outer.inner`. */
function flat(object: JsonObject): [string, Cell][] {
  return Object.entries(object).flatMap(([name, value]) =>
    isObject(value)
      ? Object.entries(value).map(([inner, one]): [string, Cell] => [
          `${name}.${inner}`,
          cellOf(one),
        ])
      : [[name, cellOf(value)] as [string, Cell]],
  )
}

function arraysOf(object: JsonObject): [string, readonly unknown[]][] {
  return Object.entries(object).filter((entry): entry is [string, unknown[]] =>
    Array.isArray(entry[1]),
  )
}

function cellOf(value: unknown): Cell {
  const isCell = ['string', 'number', 'boolean'].includes(typeof value) || value === null
  return isCell ? (value as Cell) : undefined
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (!isObject(value)) return `a ${typeof value}`
  const names = Object.keys(value).slice(0, 3).join(', ')
  return names === '' ? 'an empty object' : `an object with ${names}`
}
