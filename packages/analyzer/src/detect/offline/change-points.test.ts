import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normal, randomStream } from '../../stats/random-stream.ts'
import { type ChangePointOptions, changePoints } from './change-points.ts'

describe('one change', () => {
  test.each([
    ['a clean step', [5, 5, 5, 5, 9, 9, 9, 9], [4]],
    ['three values before the end', [...noisy(60, 100), ...noisy(3, 160)], [60]],
    ['three values after the start', [...noisy(3, 160), ...noisy(60, 100)], [3]],
    ['down', [...noisy(40, 100), ...noisy(40, 80)], [40]],
    ['from zero', [...Array(20).fill(0), ...Array(12).fill(3)], [20]],
    ['of values around zero', noisy(80, 100).map((one, at) => one - (at < 50 ? 100 : 60)), [50]],
    [
      'with an outlier on each side',
      outliers([...noisy(40, 100), ...noisy(40, 130)], [20, 60]),
      [40],
    ],
    ['on a drift', drifting([...noisy(100, 100), ...noisy(100, 130)], 0.4), [100]],
    ['and back', [...noisy(60, 100), ...noisy(30, 130), ...noisy(60, 100)], [60, 90]],
  ])('%s', (_name, values, indices) => {
    expect(indicesOf(values)).toEqual(indices)
  })
})

describe('no change', () => {
  test.each([
    ['nothing', []],
    ['five values', [1, 1, 1, 9, 9]],
    ['a constant', Array(100).fill(42)],
    ['zeros', Array(100).fill(0)],
    ['noise', noisy(300, 100)],
    ['a single outlier', outliers(noisy(60, 100), [30])],
    ['a hiccup of three values', outliers(noisy(60, 100), [30, 31, 32])],
    ['a hiccup of five values', outliers(noisy(200, 100), [30, 31, 32, 33, 34])],
    ['an outlier at each end', outliers(noisy(60, 100), [0, 59])],
    ['a drift', drifting(noisy(200, 100), 0.5)],
    ['two alternating values', Array.from({ length: 100 }, (_, at) => 5 + (at % 2))],
    ['no number at all', Array(50).fill(Number.NaN)],
  ])('%s', (_name, values) => {
    expect(indicesOf(values)).toEqual([])
  })
})

test('what is no finite number is skipped and named', () => {
  const values = [...noisy(30, 100), ...noisy(30, 150)]
  values.splice(10, 0, Number.NaN)
  values.splice(40, 0, Number.POSITIVE_INFINITY)
  const { n, skipped, changePoints: found } = changePoints(values)
  expect({ n, skipped, index: found[0]?.index }).toEqual({ n: 60, skipped: [10, 40], index: 31 })
})

test('says how large a change is, and on how many values that rests', () => {
  const [one] = changePoints([...noisy(50, 100), ...noisy(20, 150)]).changePoints
  expect(one).toMatchObject({ index: 50, direction: 'up', ratio: { n: 20 } })
  expect(one?.ratio?.low).toBeGreaterThan(0.4)
  expect(one?.ratio?.high).toBeLessThan(0.6)
  expect(one?.before).toBeCloseTo(100, -1)
  expect(one?.difference.value).toBeCloseTo((one?.after ?? 0) - (one?.before ?? 0), 9)
  expect(one?.confidence).toBeGreaterThan(0.99)
})

test('a change smaller than what matters is not told', () => {
  const values = [...noisy(100, 100), ...noisy(100, 110)]
  const count = (smallestEffectRatio: number) =>
    changePoints(values, { smallestEffectRatio }).changePoints.length
  expect([count(0), count(0.05), count(0.2)]).toEqual([1, 1, 0])
})

test('a stricter share of false alarms asks for more evidence', () => {
  const values = [...noisy(30, 100), ...noisy(30, 107, 2)]
  const found = (falseAlarmRatio: number) => indicesOf(values, { falseAlarmRatio }).length
  expect([found(0.05), found(1e-6)]).toEqual([1, 0])
})

test('clean levels are found exactly, however many', () => {
  const level = fc.record({
    count: fc.integer({ min: 10, max: 60 }),
    ratio: fc.constantFrom(1.3, 1.6, 0.7),
  })
  fc.assert(
    fc.property(fc.array(level, { minLength: 1, maxLength: 6 }), fc.nat(), (levels, seed) => {
      const random = randomStream(seed)
      const steps: number[] = []
      const values: number[] = []
      let height = 100
      for (const { count, ratio } of levels) {
        if (values.length > 0) steps.push(values.length)
        height *= ratio
        for (let at = 0; at < count; at += 1) values.push(height * (1 + 0.01 * normal(random)))
      }
      expect(indicesOf(values)).toEqual(steps)
    }),
    { seed: 4, numRuns: 60 },
  )
})

test('the unit of the values makes no difference', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (seed, unit) => {
      const values = [...noisy(40, 100, seed), ...noisy(40, 108, seed + 1)]
      expect(indicesOf(values.map((one) => one * unit))).toEqual(indicesOf(values))
    }),
    { seed: 5, numRuns: 50 },
  )
})

test('whatever the numbers, indices ascend and lie within', () => {
  fc.assert(
    fc.property(fc.array(fc.double(), { maxLength: 80 }), (values) => {
      const { changePoints: found, n, skipped } = changePoints(values)
      const indices = found.map(({ index }) => index)
      expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b))
      expect(indices.every((index) => index > 0 && index < values.length)).toBe(true)
      expect(n + skipped.length).toBe(values.length)
      expect(found.every(({ confidence }) => confidence >= 0.95 && confidence <= 1)).toBe(true)
    }),
    { seed: 6, numRuns: 300 },
  )
})

test('the interval of the effect covers the truth in at least 90 of 100', () => {
  const hits = Array.from({ length: 300 }, (_, seed) => {
    const values = [...noisy(60, 100, seed, 0.2), ...noisy(40, 150, 1000 + seed, 0.2)]
    const ratio = changePoints(values).changePoints[0]?.ratio
    return ratio !== undefined && ratio.low <= 0.5 && ratio.high >= 0.5
  })
  expect(hits.filter(Boolean).length).toBeGreaterThanOrEqual(270)
})

test('the onset lies within 5 of the truth at CV 0.3 and +50 %', () => {
  const near = Array.from({ length: 100 }, (_, seed) => {
    const values = [...noisy(70, 100, seed, 0.3), ...noisy(30, 150, 1000 + seed, 0.3)]
    return changePoints(values).changePoints.some(({ index }) => Math.abs(index - 70) <= 5)
  })
  expect(near.filter(Boolean).length).toBeGreaterThan(75)
})

function indicesOf(values: readonly number[], options?: ChangePointOptions): number[] {
  return changePoints(values, options).changePoints.map(({ index }) => index)
}

/** Lognormal around a level. */
function noisy(count: number, level: number, seed = 1, deviation = 0.05): number[] {
  const random = randomStream(seed * 7919 + count)
  return Array.from({ length: count }, () => level * Math.exp(deviation * normal(random)))
}

function outliers(values: readonly number[], at: readonly number[]): number[] {
  return values.map((value, index) => (at.includes(index) ? 3 * value : value))
}

function drifting(values: readonly number[], ratio: number): number[] {
  return values.map((value, index) => value * (1 + (ratio * index) / values.length))
}

test('sizes that have no square are skipped and said, and cost no change', () => {
  const values = Array.from({ length: 60 }, (_, at) => (at < 30 ? 100 : 150) + ((at * 7) % 11))
  values[7] = 1e308
  values[41] = -1e200
  const found = changePoints(values)
  expect(found.skipped).toEqual([7, 41])
  expect(found.changePoints.map(({ index }) => index)).toEqual([30])
  expect(found.noiseDeviation).toBeLessThan(1)
})
