import { expect, test } from 'vitest'
import { readJsonDocument } from './json-series.ts'
import { SeriesTable } from './series-table.ts'

test('an object of more arrays than a call has arguments is read', () => {
  const document = Object.fromEntries(Array.from({ length: 130_000 }, (_, at) => [`c${at}`, [at]]))
  const table = new SeriesTable({ columns: ['c7'], time: undefined, group: undefined }, 5)
  readJsonDocument(document, table, () => {})
  expect(table.end().series.map(({ points }) => points[0]?.value)).toEqual([7])
})
