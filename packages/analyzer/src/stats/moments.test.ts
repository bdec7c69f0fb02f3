import { expect, test } from 'vitest'
import { contrast, momentsOf } from './moments.ts'

test("Welch's test of two samples", () => {
  const [a, b] = [
    [27.5, 21, 19, 23.6, 17, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19, 21.7, 21.4],
    [27.1, 22, 20.8, 23.4, 23.4, 23.5, 25.8, 22, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 31.3],
  ].map(momentsOf)
  if (a === undefined || b === undefined) throw new Error('two samples')
  const found = contrast([
    { weight: 1, of: b },
    { weight: -1, of: a },
  ])
  expect(found.value).toBeCloseTo(3.293, 2)
  // scipy.stats.ttest_ind(a, b, equal_var=False)
  expect(found.p).toBeCloseTo(0.0061, 3)
  expect(found.low).toBeGreaterThan(0)
})

test('without spread a difference is certain, and none is none', () => {
  const [one, two] = [momentsOf([1, 1, 1]), momentsOf([2, 2])]
  const of = (a: typeof one, b: typeof one) =>
    contrast([
      { weight: 1, of: b },
      { weight: -1, of: a },
    ])
  expect(of(one, two)).toEqual({ value: 1, low: 1, high: 1, p: 0 })
  expect(of(one, one)).toEqual({ value: 0, low: 0, high: 0, p: 1 })
})
