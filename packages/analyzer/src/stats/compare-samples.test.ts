import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareSamples, type SamplePair } from './compare-samples.ts'
import { quantileShift } from './quantile-shift.ts'
import { normal, randomStream } from './random-stream.ts'

test('intervals of a shift cover it in at least 94 of 100', () => {
  for (const [quantileRatio, n] of [
    [0.5, 20],
    [0.5, 200],
    [0.9, 100],
    [0.99, 500],
  ] as const) {
    const hits = seeds(300).map((seed) => {
      const shift = quantileShift(
        lognormal(seed, n),
        lognormal(9_000 + seed, n, 1.2),
        quantileRatio,
      )
      const { low = 1, high = -1 } = shift?.ratio ?? {}
      return low <= 0.2 && high >= 0.2
    })
    expect(hits.filter(Boolean).length).toBeGreaterThanOrEqual(282)
  }
})

test('of pairs that do not differ, at most one comparison in twenty finds a difference', () => {
  const found = seeds(200).map((seed) => {
    const pairs = Array.from({ length: 8 }, (_, place) => pair(seed * 100 + place, 60, 1))
    return compareSamples(pairs).some(({ isDifferent }) => isDifferent)
  })
  expect(found.filter(Boolean).length).toBeLessThanOrEqual(10)
})

test('what could have been seen is seen in about four of five', () => {
  const visible = seeds(40).map(
    (seed) => compareSamples([pair(seed, 100, 1)])[0]?.visibleRatio ?? 0,
  )
  const typical = visible.sort((a, b) => a - b)[20] ?? 0
  const seen = seeds(200).filter(
    (seed) => compareSamples([pair(5_000 + seed, 100, 1 + typical)])[0]?.shifts[0]?.isEvident,
  )
  expect(seen.length).toBeGreaterThanOrEqual(140)
  expect(seen.length).toBeLessThanOrEqual(190)
})

test('a difference in the tail alone is found there', () => {
  const before = lognormal(1, 1_000)
  const after = lognormal(2, 1_000).map((value, at) => (at % 25 === 0 ? 5 * value : value))
  const [one] = compareSamples([{ name: 'tail', before, after }])
  const evident = one?.shifts.map(({ isEvident }) => isEvident)
  expect(evident).toEqual([false, false, expect.any(Boolean), true])
})

test('whole milliseconds are no more certain than others', () => {
  const found = seeds(300).map((seed) => {
    const [before, after] = [lognormal(seed, 30, 0.05), lognormal(5_000 + seed, 30, 0.05)]
    const rounded = { name: 'ms', before: before.map(Math.round), after: after.map(Math.round) }
    return compareSamples([rounded])[0]?.isDifferent
  })
  expect(found.filter(Boolean).length).toBeLessThanOrEqual(15)
})

test('samples that are too small, constant, or hold what is no number', () => {
  const constant = (value: number) => Array(20).fill(value)
  const compared = compareSamples([
    { name: 'small', before: [1, 2, 3], after: [4, 5, 6] },
    { name: 'constant', before: constant(5), after: constant(6) },
    { name: 'same', before: constant(5), after: [...constant(5), Number.NaN] },
    { name: 'zero', before: constant(0), after: constant(0) },
  ])
  expect(compared.map(({ isDifferent }) => isDifferent)).toEqual([false, true, false, false])
  expect(compared.map(({ nAfter }) => nAfter)).toEqual([3, 20, 20, 20])
  expect(compared[0]).toMatchObject({ shifts: [], visibleRatio: undefined })
  expect(compared[1]?.shifts[0]?.ratio?.value).toBeCloseTo(0.2, 12)
})

test('the other way round, every shift is the opposite', () => {
  const some = fc.array(fc.double({ min: 0.1, max: 100, noNaN: true }), {
    minLength: 6,
    maxLength: 60,
  })
  fc.assert(
    fc.property(some, some, (before, after) => {
      const [there, back] = [quantileShift(before, after, 0.5), quantileShift(after, before, 0.5)]
      expect(there?.difference.low).toBeCloseTo(-(back?.difference.high ?? 0), 9)
      expect(Math.log1p(there?.ratio?.low ?? 0)).toBeCloseTo(-Math.log1p(back?.ratio?.high ?? 0), 9)
      expect(there?.p).toBeCloseTo(back?.p ?? 0, 9)
    }),
    { seed: 3 },
  )
})

function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

function pair(seed: number, n: number, factor: number): SamplePair {
  return {
    name: `${seed}`,
    before: lognormal(seed, n),
    after: lognormal(700_000 + seed, n, factor),
  }
}

function lognormal(seed: number, count: number, factor = 1): number[] {
  const random = randomStream(seed)
  return Array.from({ length: count }, () => factor * 100 * Math.exp(0.3 * normal(random)))
}
