import { expect, test } from 'vitest'
import { forecast } from './forecast.ts'
import type { Slope } from './slope.ts'

const line: Slope = {
  perMs: 2,
  low: 1,
  high: 4,
  centreUnixMs: 1_000,
  centreValue: 100,
  centreHalf: 0,
  n: 50,
  test: { score: 0, deviation: 1, z: 0, effectiveCount: 50 },
}

test('reaches the limit where the line does, between where the ends of its slope do', () => {
  expect(forecast(line, 500)).toEqual({
    limit: 500,
    unixMs: 1_200,
    earliestUnixMs: 1_100,
    latestUnixMs: 1_400,
  })
})

test('an uncertain level widens both ends', () => {
  const wide = forecast({ ...line, centreHalf: 40 }, 500)
  expect(wide?.earliestUnixMs).toBeLessThan(1_100)
  expect(wide?.latestUnixMs).toBeGreaterThan(1_400)
  // The ends lie on the band: the line with its half at that time reaches the limit.
  const half = (ms: number, slopeHalf: number) => Math.hypot(40, slopeHalf * ms)
  const [early, late] = [(wide?.earliestUnixMs ?? 0) - 1_000, (wide?.latestUnixMs ?? 0) - 1_000]
  expect(100 + 2 * early + half(early, 2)).toBeCloseTo(500)
  expect(100 + 2 * late - half(late, 1)).toBeCloseTo(500)
})

test('is only "not before" while the line may as well not rise', () => {
  const open = forecast({ ...line, low: -1 }, 500)
  expect(open?.latestUnixMs).toBeUndefined()
  expect(open?.earliestUnixMs).toBe(1_100)
  expect(forecast({ ...line, perMs: -0.5, low: -1 }, 500)?.unixMs).toBeUndefined()
})

test('has no answer where the line falls, or is beyond already', () => {
  expect(forecast({ ...line, perMs: -2, low: -3, high: -1 }, 500)).toBeUndefined()
  expect(forecast(line, 100)).toBeUndefined()
})
