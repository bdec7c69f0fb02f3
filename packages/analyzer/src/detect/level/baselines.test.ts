import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addKey,
  countBetween,
  emptyHistogram,
  fadeHistogram,
  type Histogram,
} from '../../stats/histogram.ts'
import { addToBaseline, baselineOf, countOfRow, putBaseline } from './baselines.ts'
import { emptyRows } from './level-rows.ts'
import { addSeries } from './level-series.ts'

const ROW_COUNT = 3
const someKeys = fc.array(
  fc.record({
    row: fc.nat(ROW_COUNT - 1),
    key: fc.oneof(fc.constant(0), fc.integer({ min: 600, max: 700 }), fc.nat(2_500)),
  }),
  { maxLength: 120 },
)

test('each row counts as a histogram of its own does, however they grow', () => {
  fc.assert(
    fc.property(someKeys, fc.nat(2_500), fc.nat(2_500), (keys, from, to) => {
      const rows = threeRows()
      const slow = Array.from({ length: ROW_COUNT }, emptyHistogram)
      for (const { row, key } of keys) {
        addToBaseline(rows, row, key)
        addKey(slow[row] as Histogram, key)
      }
      for (const [row, histogram] of slow.entries()) {
        expect(baselineOf(rows, row)).toEqual(histogram)
        expect(countOfRow(rows, row, from, to)).toBe(countBetween(histogram, from, to))
      }
    }),
  )
})

test('goes on from a baseline that was put in its place as the histogram would', () => {
  fc.assert(
    fc.property(someKeys, someKeys, (before, after) => {
      const rows = threeRows()
      const slow = emptyHistogram()
      for (const { row, key } of before) addToBaseline(rows, row, key)
      for (const { key } of before) addKey(slow, key)
      fadeHistogram(slow, 2)
      putBaseline(rows, 1, slow)
      expect(baselineOf(rows, 1)).toEqual(slow)
      for (const { key } of after) {
        addToBaseline(rows, 1, key)
        addKey(slow, key)
      }
      expect(baselineOf(rows, 1)).toEqual(slow)
    }),
  )
})

function threeRows() {
  const rows = emptyRows(ROW_COUNT)
  for (let row = 0; row < ROW_COUNT; row += 1) addSeries(rows, 'positive')
  return rows
}
