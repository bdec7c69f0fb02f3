import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normal, randomStream } from './random-stream.ts'
import {
  LIKELY_LOG_RATIO,
  logRatio,
  pulledInLogs,
  squaresBetween,
  twoLevels,
} from './two-levels.ts'

test('is the best of all splits, and its set those that are nearly as good', () => {
  const values = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 6, maxLength: 30 })
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 3 }), (series, minCount) => {
      const found = twoLevels(series, { minCount })
      const n = series.length
      const splits = Array.from({ length: n - 2 * minCount + 1 }, (_, at) => minCount + at)
      const squares = splits.map((split) => squaresBetween(series, (index) => index >= split))
      const least = Math.min(...squares)
      expect(found?.squares).toBeCloseTo(least, 6)
      if (least < 1e-6) return
      const isLikely = (_: number, at: number) =>
        logRatio({ squares: squares[at] ?? 0, least, n }) <= LIKELY_LOG_RATIO * (1 - 1e-9)
      const likely = splits.filter(isLikely)
      expect(found?.low).toBeLessThanOrEqual(likely[0] ?? n)
      expect(found?.high).toBeGreaterThanOrEqual(likely.at(-1) ?? 0)
    }),
    { seed: 7 },
  )
})

test('the set holds the true split in 95 of 100 series or more', () => {
  let heldCount = 0
  const runs = 400
  for (let seed = 1; seed <= runs; seed += 1) {
    const random = randomStream(seed)
    const series = Array.from({ length: 80 }, (_, at) => normal(random) + (at >= 50 ? 1.2 : 0))
    const found = twoLevels(series, { minCount: 5 })
    if (found && found.low <= 50 && found.high >= 50) heldCount += 1
  }
  expect(heldCount / runs).toBeGreaterThanOrEqual(0.95)
})

test('a series too short has no split', () => {
  expect(twoLevels([1, 2, 3], { minCount: 2 })).toBeUndefined()
})

test('outliers are pulled in, the levels stay', () => {
  const logs = pulledInLogs([10, 11, 10, 9, 1_000, 10, 30, 31, 29, 30, 30], 6)
  expect(logs[4]).toBeLessThan(Math.log(60))
  expect(logs.at(-1)).toBeCloseTo(Math.log(30), 2)
})
