import { expect, test } from 'vitest'
import { randomStream } from './random-stream.ts'
import { rateInterval } from './rate-interval.ts'

// Garwood's exact limits of a count, as in published tables.
test.each([
  [0, 0, 3.689],
  [1, 0.0253, 5.572],
  [2, 0.2422, 7.225],
  [5, 1.623, 11.668],
  [10, 4.795, 18.39],
  [100, 81.36, 121.63],
])('of %i events: %f to %f', (count, low, high) => {
  const interval = rateInterval({ count, trialCount: 1_000 })
  expect(Math.abs((interval?.low ?? 9) * 1_000 - low)).toBeLessThan(0.02 + 0.01 * low)
  expect(Math.abs((interval?.high ?? 9) * 1_000 - high)).toBeLessThan(0.01 * high)
})

test('covers the truth at least 95 times in 100', () => {
  const random = randomStream(1)
  const [trialCount, rate] = [2_000, 0.002]
  let covered = 0
  for (let round = 0; round < 1_000; round += 1) {
    let count = 0
    for (let trial = 0; trial < trialCount; trial += 1) if (random() < rate) count += 1
    const { low = 1, high = 0 } = rateInterval({ count, trialCount }) ?? {}
    if (low <= rate && rate <= high) covered += 1
  }
  expect(covered / 1_000).toBeGreaterThan(0.95)
})

test('is wider for events in clusters, and absent without trials', () => {
  const alone = rateInterval({ count: 10, trialCount: 1_000 })
  const clustered = rateInterval({ count: 10, trialCount: 1_000 }, 3)
  expect(clustered?.value).toBe(alone?.value)
  expect(clustered?.high).toBeGreaterThan(alone?.high ?? 1)
  expect(clustered?.low).toBeLessThan(alone?.low ?? 0)
  expect(rateInterval({ count: 0, trialCount: 0 })).toBeUndefined()
})
