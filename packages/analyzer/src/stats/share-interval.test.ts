import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomStream } from './random-stream.ts'
import { shareInterval } from './share-interval.ts'

test.each([
  // Wilson's interval as statistics packages give it.
  [0, 10, 0, 0.2775],
  [5, 10, 0.2366, 0.7634],
  [81, 263, 0.2553, 0.3662],
])('%i of %i', (count, n, low, high) => {
  const interval = shareInterval(count, n)
  expect(interval?.value).toBe(count / n)
  expect(interval?.low).toBeCloseTo(low, 4)
  expect(interval?.high).toBeCloseTo(high, 4)
})

test('stays within 0 and 1 and around its value', () => {
  const counted = fc
    .integer({ min: 1, max: 10_000 })
    .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)))
  fc.assert(
    fc.property(counted, ([count, n]) => {
      const { value, low, high } = shareInterval(count, n) ?? { value: -1, low: 0, high: 0 }
      expect(low).toBeGreaterThanOrEqual(0)
      expect(high).toBeLessThanOrEqual(1)
      expect(value).toBeGreaterThanOrEqual(low - 1e-12)
      expect(value).toBeLessThanOrEqual(high + 1e-12)
    }),
  )
})

test('holds the true share in about 95 of 100 samples', () => {
  const random = randomStream(7)
  let heldCount = 0
  for (let run = 0; run < 2_000; run += 1) {
    let count = 0
    for (let at = 0; at < 40; at += 1) if (random() < 0.12) count += 1
    const { low, high } = shareInterval(count, 40) ?? { low: 1, high: 0 }
    if (low <= 0.12 && high >= 0.12) heldCount += 1
  }
  expect(heldCount / 2_000).toBeGreaterThan(0.93)
})

test('of none there is no share', () => {
  expect(shareInterval(0, 0)).toBeUndefined()
})
