import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomStream } from '../../stats/random-stream.ts'
import { discoveryCount } from './discoveries.ts'

test.each([
  [[], 1, 0],
  [[100], 1, 1],
  [[99], 1, 0],
  [[100], 10, 0],
  [[1_000], 10, 1],
  [[500, 500], 10, 2],
  [[500, 499], 10, 0],
  [[1_000, 500, 300], 10, 2],
  [[100, 100, 100], 3, 3],
])('evidences %j of %i flows at a budget of 100: %i', (evidences, hypothesisCount, expected) => {
  expect(discoveryCount(evidences.map(Math.log), { budget: 100, hypothesisCount })).toBe(expected)
})

/** By the definition: the largest number of evidences that are each at least what so many discoveries need. */
function slowCount(evidences: readonly number[], budget: number, hypotheses: number): number {
  let best = 0
  for (let k = 1; k <= evidences.length; k += 1) {
    const least = (budget * hypotheses) / k
    if (evidences.filter((one) => one >= least * (1 - 1e-9)).length >= k) best = k
  }
  return best
}

test('agrees with the definition, in any order', () => {
  const evidence = fc.double({ min: 1e-3, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(
      fc.array(evidence, { maxLength: 12 }),
      fc.integer({ min: 0, max: 20 }),
      (all, more) => {
        const hypothesisCount = Math.max(1, all.length + more)
        const logs = all.map(Math.log)
        const expected = slowCount(all, 100, hypothesisCount)
        expect(discoveryCount(logs, { budget: 100, hypothesisCount })).toBe(expected)
        expect(discoveryCount(logs.toReversed(), { budget: 100, hypothesisCount })).toBe(expected)
      },
    ),
  )
})

test('the expected share of false discoveries stays below 1 / budget for evidences of mean 1', () => {
  const random = randomStream(1)
  const [budget, flowCount, trueCount] = [20, 50, 5]
  let shares = 0
  for (let round = 0; round < 4_000; round += 1) {
    // The worst of all evidences of mean 1: 0, or as much as one discovery needs.
    const top = budget * flowCount
    const evidences = Array.from({ length: flowCount }, (_, flow) =>
      flow < trueCount ? top : random() < 1 / top ? top : 0,
    )
    const count = discoveryCount(evidences.map(Math.log), { budget, hypothesisCount: flowCount })
    const found = evidences.map((one, flow) => ({ one, flow })).sort((a, b) => b.one - a.one)
    const falseCount = found.slice(0, count).filter(({ flow }) => flow >= trueCount).length
    shares += falseCount / Math.max(1, count)
  }
  expect(shares / 4_000).toBeLessThanOrEqual(1 / budget)
})
