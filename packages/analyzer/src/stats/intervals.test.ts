import { gammaln } from 'simple-statistics'
import { describe, expect, test } from 'vitest'
import { meanInterval, ratioInterval, studentT95 } from './mean-interval.ts'
import { autocorrelationInflation, median, medianChange } from './median-change.ts'
import { estimateQuantile, quantileRanks } from './quantile-interval.ts'
import { normal, randomStream } from './random-stream.ts'
import { emptySketch, insert } from './sketch.ts'

describe('quantile intervals', () => {
  // Published tables of the sign-test interval for the median.
  test.each([
    [6, 1, 6],
    [10, 2, 9],
    [20, 6, 15],
    [50, 18, 33],
    [100, 40, 61],
  ])('of the median of %i values: ranks %i and %i', (n, lowRank, highRank) => {
    expect(quantileRanks(n, 0.5)).toEqual({ lowRank, highRank })
  })

  test('an end is absent when there are too few values for it', () => {
    expect(quantileRanks(5, 0.5)).toEqual({ lowRank: undefined, highRank: undefined })
    expect(quantileRanks(71, 0.95).highRank).toBeUndefined()
    expect(quantileRanks(72, 0.95).highRank).toBe(72)
    expect(quantileRanks(0, 0.5)).toEqual({ lowRank: undefined, highRank: undefined })
  })

  test.each([0.5, 0.95, 0.99])('are those of the binomial distribution, q = %f', (ratio) => {
    for (const n of [1, 2, 3, 7, 59, 72, 100, 299, 1_000, 1_103, 20_000])
      expect([n, quantileRanks(n, ratio)]).toEqual([n, slowRanks(n, ratio)])
  })

  test('a million values take no longer than their root', () => {
    expect(quantileRanks(1_000_000, 0.5)).toEqual({ lowRank: 499_020, highRank: 500_981 })
  })

  test('cover the truth at least 95 times in 100', () => {
    const random = randomStream(1)
    const covered = repeat(1_000, () => {
      const sketch = emptySketch()
      for (let i = 0; i < 60; i += 1) insert(sketch, 1000 * random())
      const { low = 0, high = 1000 } = estimateQuantile(sketch, 0.9) ?? { value: 0 }
      return low * 0.99 <= 900 && 900 <= high * 1.01
    })
    expect(covered).toBeGreaterThan(0.95)
  })
})

/** Literally: every mass of the binomial distribution from its factorials. */
function slowRanks(n: number, ratio: number) {
  let cumulative = 0
  let lowRank: number | undefined
  let highRank: number | undefined
  for (let rank = 0; rank <= n; rank += 1) {
    if (rank >= 1 && cumulative <= 0.025) lowRank = rank
    if (rank >= 1 && 1 - cumulative <= 0.025) highRank ??= rank
    const logWays = gammaln(n + 1) - gammaln(rank + 1) - gammaln(n - rank + 1)
    cumulative += Math.exp(logWays + rank * Math.log(ratio) + (n - rank) * Math.log1p(-ratio))
  }
  return { lowRank, highRank }
}

describe('mean and ratio intervals', () => {
  test.each([
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [4, 2.776],
    [5, 2.571],
    [10, 2.228],
    [30, 2.042],
    [1000, 1.962],
  ])('t with %i degrees of freedom is %f', (freedom, t) => {
    expect(Math.abs(studentT95(freedom) - t) / t).toBeLessThan(0.004)
  })

  test('too few values have none', () => {
    expect(meanInterval([1])).toBeUndefined()
    expect(ratioInterval([{ part: 1, whole: 2 }])).toBeUndefined()
    expect(ratioInterval([zero, zero])).toBeUndefined()
  })

  test('parts in constant proportion leave no doubt', () => {
    const pairs = [10, 20, 35].map((whole) => ({ part: whole / 4, whole }))
    expect(ratioInterval(pairs)).toEqual({ value: 0.25, low: 0.25, high: 0.25, n: 3 })
  })

  test('cover the truth about 95 times in 100', () => {
    const random = randomStream(2)
    const covered = repeat(1_000, () => {
      const wholes = Array.from({ length: 40 }, () => 50 + 50 * random())
      const pairs = wholes.map((whole) => ({ part: whole * 0.6 * random(), whole }))
      const interval = ratioInterval(pairs)
      return interval !== undefined && interval.low <= 0.3 && 0.3 <= interval.high
    })
    expect(covered).toBeGreaterThan(0.92)
    expect(covered).toBeLessThan(0.98)
  })
})

describe('change of a median', () => {
  test.each([0.1, 0.3, 1])(
    'covers a change of +50 percent about 95 times in 100, sigma %d',
    (sigma) => {
      const random = randomStream(3)
      const draw = (n: number, factor: number) =>
        Array.from({ length: n }, () => factor * Math.exp(sigma * normal(random)))
      const covered = repeat(1_000, () => {
        const change = medianChange({ before: draw(60, 100), after: draw(20, 150) })
        return change !== undefined && change.ratio.low <= 0.5 && 0.5 <= change.ratio.high
      })
      expect(covered).toBeGreaterThan(0.92)
    },
  )

  test('a constant series changes without doubt', () => {
    const change = medianChange({ before: [10, 10, 10, 10], after: [20, 20, 20, 20] })
    expect(change?.ratio.value).toBeCloseTo(1, 12)
    expect(change?.ratio.low).toBeCloseTo(1, 12)
  })

  test('is absent with three values or a median of 0', () => {
    expect(medianChange({ before: [1, 1, 1, 1], after: [2, 2, 2] })).toBeUndefined()
    expect(medianChange({ before: [0, 0, 0, 1], after: [2, 2, 2, 2] })).toBeUndefined()
  })

  test('is wider for values that follow each other', () => {
    const random = randomStream(4)
    let level = 0
    const following = Array.from({ length: 400 }, () => {
      level = 0.5 * level + normal(random)
      return Math.exp(level)
    })
    const apart = Array.from({ length: 400 }, () => Math.exp(normal(random)))
    expect(autocorrelationInflation(following)).toBeGreaterThan(1.5)
    expect(autocorrelationInflation(following)).toBeLessThan(2)
    expect(autocorrelationInflation(apart)).toBeLessThan(1.15)
    expect(autocorrelationInflation([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])).toBe(1)
  })

  test('the median of an even number of values is the middle of the two', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(median([3, 1, 2])).toBe(2)
  })
})

const zero = { part: 0, whole: 0 }

function repeat(times: number, succeeds: () => boolean): number {
  let count = 0
  for (let i = 0; i < times; i += 1) if (succeeds()) count += 1
  return count / times
}
