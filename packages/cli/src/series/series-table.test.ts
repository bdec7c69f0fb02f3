import { expect, test } from 'vitest'
import { SeriesTable } from './series-table.ts'

const choice = { columns: [], time: undefined, group: undefined }

test('columns that most rows lack count as the places that they take', () => {
  const table = new SeriesTable(choice, 5)
  const columns = Array.from({ length: 900 }, (_, at) => [`rare ${at}`, 1] as const)
  table.add(new Map(columns), 'row 1')
  for (let row = 2; row <= 10_000; row += 1) table.add(new Map([['a', 1]]), `row ${row}`)
  expect(table.rowCount + table.leftOutCount).toBe(10_000)
  // 4,000,000 places are fewer than 4,450 rows of 900.
  expect(table.rowCount).toBeLessThan(4_450)
})

test('a column that comes when there is no room left for it is left out and counted', () => {
  const table = new SeriesTable(choice, 5)
  const late = Array.from({ length: 850 }, (_, at) => [`c${at}`, 1] as const)
  for (let row = 1; row <= 5_000; row += 1) table.add(new Map([['a', 1]]), `row ${row}`)
  table.add(new Map(late), 'row 5001')
  // 5,001 rows of 799 columns fill 4,000,000 places.
  expect(table.rowCount).toBe(5_001)
  expect(table.leftOutCount).toBeGreaterThanOrEqual(850 - 799)
})

test('columns beyond the most that are read are counted', () => {
  const table = new SeriesTable(choice, 5)
  table.add(new Map(Array.from({ length: 1_005 }, (_, at) => [`c${at}`, 1] as const)), 'row 1')
  expect(table.end().series).toHaveLength(1_000)
  expect(table.leftOutCount).toBe(5)
})
