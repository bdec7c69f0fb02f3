import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normal, randomStream } from './random-stream.ts'
import { rankSumZ } from './rank-sum.ts'

/** Mann and Whitney's own form: pairs of which the later is larger, half for equal ones. */
function slowU(before: readonly number[], after: readonly number[]): number {
  const pairs = after.flatMap((now) =>
    before.map((then) => (now > then ? 1 : now === then ? 0.5 : 0)),
  )
  return pairs.reduce<number>((sum, one) => sum + one, 0)
}

test('its sign and order are those of the pairs', () => {
  const values = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 12 })
  fc.assert(
    fc.property(values, values, (before, after) => {
      const z = rankSumZ(before, after)
      const centred = slowU(before, after) - (before.length * after.length) / 2
      expect(Math.sign(z)).toBe(new Set([...before, ...after]).size === 1 ? 0 : Math.sign(centred))
      expect(rankSumZ(after, before)).toBeCloseTo(-z, 12)
    }),
  )
})

test('without a difference it is standard normal', () => {
  const random = randomStream(1)
  const draw = (count: number) => Array.from({ length: count }, () => normal(random))
  const beyond = Array.from({ length: 4_000 }, () => rankSumZ(draw(30), draw(10))).filter(
    (z) => z > 1.645,
  )
  expect(beyond.length / 4_000).toBeGreaterThan(0.04)
  expect(beyond.length / 4_000).toBeLessThan(0.06)
})

test('nothing to compare is no difference', () => {
  expect(rankSumZ([], [1, 2])).toBe(0)
  expect(rankSumZ([3, 3], [3])).toBe(0)
})
