import fc from 'fast-check'
import { expect, test } from 'vitest'
import { falseDiscoveries } from './false-discovery.ts'

test('the example of Benjamini and Hochberg (1995): four of fifteen', () => {
  const p = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719,
    0.6528, 0.759, 1,
  ]
  const found = falseDiscoveries(p, { q: 0.05, isDependent: false })
  expect(found.map(Number)).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  expect(falseDiscoveries(p, { q: 0.05, isDependent: true }).filter(Boolean)).toHaveLength(3)
})

test('rejects the largest set whose largest p is below its share of q, in any order', () => {
  const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })
  fc.assert(
    fc.property(values, fc.boolean(), (p, isDependent) => {
      const m = p.length
      const harmonic = isDependent ? p.reduce((sum, _, at) => sum + 1 / (at + 1), 0) : 1
      let largest = 0
      for (let k = 1; k <= m; k += 1)
        if (p.filter((one) => one <= (k * 0.1) / (m * harmonic)).length >= k) largest = k
      const bound = (largest * 0.1) / (m * harmonic)
      const slow = p.map((one) => largest > 0 && one <= bound)
      expect(falseDiscoveries(p, { q: 0.1, isDependent })).toEqual(slow)
    }),
    { seed: 7 },
  )
})
