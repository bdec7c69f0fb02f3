import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomStream } from './random-stream.ts'
import {
  bernoulliLogLikelihood,
  countRatio,
  countsOf,
  likeliestSplit,
  poissonLogLikelihood,
  shareDifference,
} from './rate-change.ts'

test('the difference of two shares is that of Newcombe, method 10', () => {
  // His example: 56 of 70 and 48 of 80 differ by 0.2, 0.0524 to 0.3339.
  const difference = shareDifference({ count: 48, n: 80 }, { count: 56, n: 70 })
  expect(difference?.value).toBeCloseTo(0.2, 6)
  expect(difference?.low).toBeCloseTo(0.0524, 4)
  expect(difference?.high).toBeCloseTo(0.3339, 4)
})

test('no failures in ten say little, and of nothing nothing is said', () => {
  expect(shareDifference({ count: 0, n: 10 }, { count: 0, n: 10 })?.high).toBeCloseTo(0.2775, 3)
  expect(shareDifference({ count: 0, n: 0 }, { count: 1, n: 1 })).toBeUndefined()
})

test('the interval of a ratio of counts covers the truth', () => {
  const random = randomStream(4)
  let coveredCount = 0
  for (let round = 0; round < 400; round++) {
    const draw = (mean: number) => Array.from({ length: 12 }, () => poisson(random, mean))
    const ratio = countRatio(countsOf(draw(8)), countsOf(draw(12)))
    if (ratio !== undefined && ratio.low <= 0.5 && ratio.high >= 0.5) coveredCount += 1
  }
  expect(coveredCount / 400).toBeGreaterThanOrEqual(0.93)
})

test('nothing where there was much is a fall by all of it', () => {
  const ratio = countRatio(countsOf([20, 21, 19, 20]), countsOf([0, 0, 0]))
  expect(ratio).toMatchObject({ value: -1, low: -1, n: 3 })
  expect(ratio?.high).toBeLessThan(-0.8)
})

test('bunches widen the interval, a slow trend does not', () => {
  expect(countsOf([0, 40, 0, 40, 0, 40]).dispersion).toBeGreaterThan(10)
  expect(countsOf([10, 11, 12, 13, 14, 15]).dispersion).toBe(1)
})

test('a split is the likeliest of all', () => {
  const values = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 6, maxLength: 40 })
  fc.assert(
    fc.property(values, fc.boolean(), (drawn, isShare) => {
      const own = isShare ? drawn.map((value) => value % 2) : drawn
      const fit = isShare ? bernoulliLogLikelihood : poissonLogLikelihood
      const split = likeliestSplit(own, { from: 2, to: own.length - 2 }, fit) ?? -1
      const fits = own.map((_, index) => {
        const side = (part: readonly number[]) => countsOf(part)
        return fit(side(own.slice(0, index))) + fit(side(own.slice(index)))
      })
      const best = Math.max(...fits.slice(2, own.length - 1))
      expect(fits[split]).toBeCloseTo(best, 9)
    }),
  )
})

function poisson(random: () => number, mean: number): number {
  let count = 0
  for (let product = random(); product > Math.exp(-mean); product *= random()) count += 1
  return count
}
