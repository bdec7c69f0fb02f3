import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pulledInLogs, squaresBetween, twoLevels } from './two-levels.ts'

test('is the best of all splits, and says how much worse the others are', () => {
  const values = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 6, maxLength: 30 })
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 3 }), (series, minCount) => {
      const found = twoLevels(series, minCount)
      const n = series.length
      const splits = Array.from({ length: n - 2 * minCount + 1 }, (_, at) => minCount + at)
      const squares = splits.map((split) => squaresBetween(series, (index) => index >= split))
      const least = Math.min(...squares)
      expect(found?.squares).toBeCloseTo(least, 6)
      expect(squares[(found?.split ?? 0) - minCount]).toBeCloseTo(least, 6)
      if (least < 1e-6) return
      const slow = squares.map((one) => n * Math.log(one / least))
      for (const [at, ratio] of slow.entries()) expect(found?.logRatios[at]).toBeCloseTo(ratio, 6)
    }),
    { seed: 7 },
  )
})

test('a series too short has no split', () => {
  expect(twoLevels([1, 2, 3], 2)).toBeUndefined()
})

test('what is constant on both sides leaves nothing to chance', () => {
  const found = twoLevels([1, 1, 1, 2, 2, 2], 1)
  expect(found).toMatchObject({ split: 3, squares: 0 })
  expect(found?.logRatios.filter(Number.isFinite)).toEqual([0])
})

test('outliers are pulled in, the levels stay', () => {
  const logs = pulledInLogs([10, 11, 10, 9, 1_000, 10, 30, 31, 29, 30, 30], 6)
  expect(logs[4]).toBeLessThan(Math.log(60))
  // A tenth of the median is added, so that no logarithm is that of nothing.
  expect(logs.at(-1)).toBeCloseTo(Math.log(30 + 2.9), 6)
})
