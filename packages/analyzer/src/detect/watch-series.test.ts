import { expect, test } from 'vitest'
import { normal, randomStream } from '../stats/random-stream.ts'
import { watchSeries } from './watch-series.ts'

const settings = {
  falseAlarmBudgetExecutions: 10_000,
  minSampleSize: 30,
  alertThreshold: 0.1,
  windowSize: 20,
}

test('a change is told once, soon, and over when the level is back', () => {
  const values = [...noisy(100, 100), ...noisy(60, 150), ...noisy(80, 100)]
  const { changes, n } = watchSeries(values, settings)
  expect(n).toBe(240)
  expect(changes).toHaveLength(1)
  expect(changes[0]).toMatchObject({ index: 100, direction: 'up' })
  expect(changes[0]?.toldIndex).toBeLessThan(115)
  expect(changes[0]?.overIndex).toBeGreaterThan(160)
  expect(changes[0]?.ratio.low).toBeGreaterThan(0.3)
})

test('what is no duration is skipped, and indices stay those of the values given', () => {
  const values = [...noisy(100, 100), ...noisy(60, 150)]
  values.splice(20, 0, Number.NaN, -1)
  const { changes, skipped } = watchSeries(values, settings)
  expect(skipped).toEqual([20, 21])
  expect(changes.map(({ index }) => index)).toEqual([102])
})

test('of healthy values nothing is told', () => {
  expect(watchSeries(noisy(500, 100), settings).changes).toEqual([])
})

function noisy(count: number, level: number): number[] {
  const random = randomStream(count)
  return Array.from({ length: count }, () => level * Math.exp(0.05 * normal(random)))
}
