import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addToTrend, emptyTrendSeries, trendPoints } from './trend-series.ts'

test('is what joining the same values by hand gives, however many they are', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 999 }), { maxLength: 200 }), (values) => {
      const series = emptyTrendSeries(8)
      for (const [index, value] of values.entries())
        addToTrend(series, { unixMs: 5_000 + index * 1_000, value })
      const size = series.valuesPerPoint
      const expected = Array.from({ length: Math.floor(values.length / size) }, (_, point) => {
        const block = values.slice(point * size, (point + 1) * size)
        const sum = block.reduce((total, value) => total + value, 0)
        return { unixMs: 5_000 + (point * size + (size - 1) / 2) * 1_000, value: sum / size }
      })
      const points = trendPoints(series)
      expect(points.length).toBeLessThanOrEqual(8)
      expect(points.length).toBe(expected.length)
      for (const [index, point] of points.entries()) {
        expect(Math.abs(point.unixMs - (expected[index]?.unixMs ?? 0))).toBeLessThan(4)
        expect(point.value).toBeCloseTo(expected[index]?.value ?? 0, 2)
      }
    }),
  )
})

test('half of its points are left when it is full', () => {
  const series = emptyTrendSeries(8)
  for (let i = 0; i < 9; i += 1) addToTrend(series, { unixMs: i, value: i })
  expect(series.valuesPerPoint).toBe(2)
  expect(trendPoints(series)).toHaveLength(4)
})

test('takes 1 KB, whatever it was shown', () => {
  const series = emptyTrendSeries()
  let largest = 0
  for (let i = 0; i < 20_000; i += 1) {
    addToTrend(series, { unixMs: 1.7e12 + i * 60_000, value: Math.log(1 + i) * 123.456 })
    if (i % 97 === 0) largest = Math.max(largest, JSON.stringify(series).length)
  }
  expect(largest).toBeLessThan(1_024)
})

test('what is no number is refused', () => {
  const series = emptyTrendSeries()
  expect(addToTrend(series, { unixMs: 1, value: Number.NaN })).toBe(false)
  expect(addToTrend(series, { unixMs: Number.POSITIVE_INFINITY, value: 1 })).toBe(false)
  expect(series).toEqual(emptyTrendSeries())
})
