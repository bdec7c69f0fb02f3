import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normal, randomStream } from '../../stats/random-stream.ts'
import { findOnset } from './onset.ts'

test.each([
  ['a clean step', [5, 5, 5, 5, 9, 9, 9, 9], 4],
  ['an outlier before it', [5, 50, 5, 5, 6, 5, 9, 9, 9, 9], 6],
  ['from zero', [0, 0, 0, 0, 0, 3, 3, 3, 3], 5],
])('%s', (_name, values, onset) => {
  expect(findOnset(values, { hint: onset + 1, from: 1, to: values.length - 2 })).toBe(onset)
})

test('equals the split found by trying all sums of squares', () => {
  const some = fc.array(fc.double({ min: 50, max: 60, noNaN: true }), {
    minLength: 4,
    maxLength: 30,
  })
  fc.assert(
    fc.property(some, some, (before, after) => {
      const values = [...before, ...after.map((value) => value * 3)]
      const found = findOnset(values, { hint: before.length, from: 1, to: values.length - 1 })
      expect(found).toBe(slowOnset(values))
    }),
  )
})

test('lies within 5 of the truth at CV 0.3 and +50 %', () => {
  const random = randomStream(6)
  const misses = Array.from({ length: 100 }, () => {
    const values = Array.from(
      { length: 100 },
      (_, index) => (index < 70 ? 100 : 150) * Math.exp(0.3 * normal(random)),
    )
    return Math.abs(findOnset(values, { hint: 72, from: 50, to: 95 }) - 70)
  })
  expect(misses.filter((miss) => miss <= 5).length).toBeGreaterThan(75)
})

/** The slow form, without pulling in outliers: there are none here. */
function slowOnset(values: readonly number[]): number {
  const offset = (values.slice().sort((a, b) => a - b)[values.length >> 1] ?? 0) / 10
  const logs = values.map((value) => Math.log(value + offset))
  const squares = (part: readonly number[]) => {
    const mean = part.reduce((sum, value) => sum + value, 0) / part.length
    return part.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  }
  const errors = logs.map((_, index) =>
    index === 0
      ? Number.POSITIVE_INFINITY
      : squares(logs.slice(0, index)) + squares(logs.slice(index)),
  )
  return errors.indexOf(Math.min(...errors))
}
