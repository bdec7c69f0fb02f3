import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normal, randomStream } from '../../stats/random-stream.ts'
import { mannKendall } from './mann-kendall.ts'
import { thinned } from './point.ts'
import { slopeOf } from './slope.ts'

test('is the median of all pairs, and lies in its interval', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ gap: fc.integer({ min: 1, max: 9 }), value: fc.integer({ max: 99 }) }), {
        minLength: 8,
        maxLength: 40,
      }),
      (steps) => {
        let unixMs = 1_000
        const points = steps.map(({ gap, value }) => {
          unixMs += gap
          return { unixMs, value }
        })
        const slopes = points
          .flatMap((a, i) =>
            points.slice(i + 1).map((b) => (b.value - a.value) / (b.unixMs - a.unixMs)),
          )
          .sort((a, b) => a - b)
        const slope = slopeOf(points)
        const half = slopes.length / 2
        const middle = ((slopes[Math.ceil(half) - 1] ?? 0) + (slopes[Math.floor(half)] ?? 0)) / 2
        expect(slope?.perMs).toBeCloseTo(middle, 9)
        expect(slope?.low).toBeLessThanOrEqual(middle)
        expect(slope?.high).toBeGreaterThanOrEqual(middle)
      },
    ),
  )
})

test('a fifth of monstrous values does not turn the line', () => {
  const random = randomStream(3)
  const points = Array.from({ length: 100 }, (_, i) => ({
    unixMs: i * 1_000,
    value: i % 5 === 2 ? 1e9 * random() : 100 + i / 10 + normal(random),
  }))
  const slope = slopeOf(points)
  expect(slope?.low).toBeGreaterThan(0)
  expect(slope?.high).toBeLessThan(3e-4)
})

test('points of one time, or too few, have no slope', () => {
  expect(slopeOf(Array.from({ length: 20 }, (_, value) => ({ unixMs: 5, value })))).toBeUndefined()
  expect(slopeOf(Array.from({ length: 7 }, (_, i) => ({ unixMs: i, value: i })))).toBeUndefined()
})

test('a constant has the slope 0, exactly', () => {
  const slope = slopeOf(Array.from({ length: 50 }, (_, i) => ({ unixMs: i, value: 7 })))
  expect(slope).toMatchObject({ perMs: 0, low: 0, high: 0, centreValue: 7, centreHalf: 0 })
  expect(slope?.test.z).toBe(0)
})

test('ten thousand points keep their slope when they are joined', () => {
  const random = randomStream(5)
  const points = Array.from({ length: 10_000 }, (_, i) => ({
    unixMs: i,
    value: i / 1_000 + normal(random),
  }))
  expect(thinned(points).length).toBeLessThanOrEqual(256)
  expect(slopeOf(points)?.perMs).toBeCloseTo(1e-3, 4)
})

// Gilbert, "Statistical Methods for Environmental Pollution Monitoring" (1987), section 16.4: the definition, by hand.
test('counts pairs that rise and pairs that fall, ties as neither', () => {
  const points = [10, 15, 14, 20, 20].map((value, unixMs) => ({ unixMs, value }))
  const { score, deviation } = mannKendall(points, 0)
  expect(score).toBe(7)
  expect(deviation).toBeGreaterThanOrEqual(Math.sqrt((5 * 4 * 15 - 2 * 1 * 9) / 18))
})
