import { expect, test } from 'vitest'
import { driftWithin } from './smooth-drift.ts'

const COUNT = 60
const x = (index: number) => (2 * index) / (COUNT - 1) - 1

test.each([
  ['a line', 1, (at: number) => 3 * x(at)],
  ['a cubic', 3, (at: number) => 2 * x(at) ** 3 - x(at) ** 2 + 0.5 * x(at)],
])('%s under levels is found again, but for a constant', (_name, degree, curve) => {
  const splits = [20, 45]
  const level = (at: number) => (at < 20 ? 5 : at < 45 ? 9 : 4)
  const scores = Array.from({ length: COUNT }, (_, at) => level(at) + curve(at))
  const drift = driftWithin(scores, splits, degree)
  const shift = (drift[0] ?? 0) - curve(0)
  for (const [at, value] of drift.entries()) expect(value - shift).toBeCloseTo(curve(at), 8)
})

test('levels that leave nothing of a power give it nothing', () => {
  const scores = [1, 5, 2, 8]
  expect([...driftWithin(scores, [1, 2, 3], 3)]).toEqual([0, 0, 0, 0])
})
