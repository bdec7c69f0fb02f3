import { expect, test } from 'vitest'
import { normal, randomStream } from '../../stats/random-stream.ts'
import { driftOf, driftSeriesOf } from './drift.ts'

test('a slow drift is told with its pace', () => {
  const drift = driftOf(durations((share) => 100 * (1 + 0.2 * share)))
  expect(drift?.change.value).toBeCloseTo(0.2, 1)
  expect(drift?.change.low).toBeGreaterThan(0)
  // 2,000 executions, one a minute.
  expect(drift?.perHour.value).toBeCloseTo(0.2 / (2_000 / 60), 3)
})

test('the way down is told as well', () => {
  expect(driftOf(durations((share) => 100 * (1 - 0.2 * share)))?.change.high).toBeLessThan(0)
})

test('what stays as it is does not drift', () => {
  expect(driftOf(durations(() => 100))).toBeUndefined()
  expect(driftOf(driftSeriesOf([]))).toBeUndefined()
})

test('a change too small to matter is not told, however sure it is', () => {
  expect(driftOf(durations((share) => 100 * (1 + 0.03 * share), 0.001))).toBeUndefined()
})

test('values that have no logarithm are left out', () => {
  const series = driftSeriesOf([0, -1, Number.NaN].map((value, unixMs) => ({ unixMs, value })))
  expect(series.figures).toHaveLength(0)
})

/** 2,000 durations, one a minute, around a level that depends on the share of them that has passed. */
function durations(level: (share: number) => number, sigma = 0.3) {
  const random = randomStream(11)
  return driftSeriesOf(
    Array.from({ length: 2_000 }, (_, index) => ({
      unixMs: index * 60_000,
      value: level(index / 2_000) * Math.exp(sigma * normal(random)),
    })),
  )
}
