import { expect, test } from 'vitest'
import { studentTwoSided } from './student-t.ts'

// Of tables: two-sided p for t at each number of degrees of freedom.
test.each([
  [1, 1, 0.5],
  [12.7062, 1, 0.05],
  [4.3027, 2, 0.05],
  [2.2281, 10, 0.05],
  [3.1693, 10, 0.01],
  [2.0423, 30, 0.05],
  [1.96, 1e6, 0.05],
])('t = %d at %d degrees of freedom', (t, freedom, p) => {
  expect(studentTwoSided(t, freedom)).toBeCloseTo(p, 4)
  expect(studentTwoSided(-t, freedom)).toBe(studentTwoSided(t, freedom))
})

test('is the integral of the density', () => {
  for (const freedom of [1, 3.5, 8, 40]) {
    const density = (x: number) => (1 + (x * x) / freedom) ** (-(freedom + 1) / 2)
    const stepSize = 1e-3
    const until = (to: number) => {
      let sum = 0
      for (let x = stepSize / 2; x < to; x += stepSize) sum += density(x) * stepSize
      return sum
    }
    const whole = until(2_000)
    for (const t of [0.3, 1, 2.5])
      expect(studentTwoSided(t, freedom)).toBeCloseTo(1 - until(t) / whole, 2)
  }
})

test('what is no number is no news, and infinity cannot be chance', () => {
  expect(studentTwoSided(Number.NaN, 5)).toBe(1)
  expect(studentTwoSided(1, 0)).toBe(1)
  expect(studentTwoSided(Number.POSITIVE_INFINITY, 5)).toBe(0)
  expect(studentTwoSided(0, 5)).toBeCloseTo(1, 10)
})
