import { expect, test } from 'vitest'
import { normal, randomStream } from '../stats/random-stream.ts'
import { detectionDelays, MAX_DELAY_COUNT } from './detection-delay.ts'

const settings = {
  falseAlarmBudgetExecutions: 10_000,
  alertThreshold: 0.1,
  minSampleSize: 30,
  windowSize: 20,
}

test('of a quiet flow large shifts are told soon, and what is no more than the threshold never', () => {
  const [least, small, ...others] = detectionDelays(lognormal(0.1), settings)
  for (const none of [least, small]) expect(none).toMatchObject({ toldRatio: 0 })
  const counts = others.map(({ executionCount }) => executionCount ?? Number.POSITIVE_INFINITY)
  expect(counts).toEqual([...counts].sort((a, b) => b - a))
  expect(counts.at(-1)).toBeLessThanOrEqual(12)
  for (const { toldRatio } of others) expect(toldRatio).toBe(1)
})

test('of a wild flow a quarter is out of reach, and that is said', () => {
  const quarter = detectionDelays(lognormal(2), settings)[2]
  expect(quarter).toMatchObject({ shiftRatio: 0.25, executionCount: undefined })
  expect(quarter?.toldRatio).toBeLessThan(0.5)
  expect(MAX_DELAY_COUNT).toBe(300)
})

test('of no flow nothing is promised', () => {
  for (const { executionCount } of detectionDelays([], settings))
    expect(executionCount).toBeUndefined()
})

function lognormal(sigma: number): number[] {
  const random = randomStream(5)
  return Array.from({ length: 150 }, () => 100 * Math.exp(sigma * normal(random)))
}
