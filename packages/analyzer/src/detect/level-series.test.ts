import { expect, test } from 'vitest'
import { normal, randomStream } from '../stats/random-stream.ts'
import { bet, emptySeries, evidence, leadingRun, learn, type SeriesInput } from './level-series.ts'

test('the mean of the evidence after n bets is n, whatever the distribution', () => {
  const random = randomStream(9)
  const runCount = 6_000
  const betCount = 8
  for (const draw of [() => Math.exp(normal(random)), () => Math.round(2 * random())]) {
    let total = 0
    for (let run = 0; run < runCount; run += 1) {
      const series = emptySeries('positive')
      for (let i = 0; i < 10; i += 1) learn(series, input({ value: draw() }))
      for (let i = 0; i < betCount; i += 1) {
        bet(series, input({ value: draw(), uniform: random(), sequence: i }))
      }
      total += evidence(series)
    }
    // The sums are skewed: 6,000 runs know their mean within about 10 %.
    expect(total / runCount).toBeGreaterThan(betCount * 0.85)
    expect(total / runCount).toBeLessThan(betCount * 1.15)
  }
})

test('evidence grows with a change, and its run tells direction and start', () => {
  const random = randomStream(2)
  const series = emptySeries('positive')
  for (let i = 0; i < 50; i += 1)
    learn(series, input({ value: 100 * Math.exp(0.1 * normal(random)) }))
  for (let i = 50; i < 70; i += 1) {
    bet(
      series,
      input({ value: 100 * Math.exp(0.1 * normal(random)), uniform: random(), sequence: i }),
    )
  }
  const before = evidence(series)
  for (let i = 70; i < 80; i += 1) bet(series, input({ value: 50, uniform: random(), sequence: i }))
  expect(evidence(series)).toBeGreaterThan(before * 1_000)
  expect(leadingRun(series).direction).toBe('down')
  expect(Math.abs(leadingRun(series).start - 70)).toBeLessThanOrEqual(3)
})

test('values that are no durations change nothing', () => {
  const series = emptySeries('positive')
  learn(series, input({ value: 5 }))
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
    bet(series, input({ value, uniform: 0.5, sequence: 1 }))
  }
  const untouched = emptySeries('positive')
  learn(untouched, input({ value: 5 }))
  expect(series).toEqual({ ...untouched, refusedCount: 3 })
})

test('evidence stays finite however long a change lasts', () => {
  const series = emptySeries('positive')
  for (let i = 0; i < 2_000; i += 1) learn(series, input({ value: 1 }))
  for (let i = 0; i < 2_000; i += 1) bet(series, input({ value: 2, uniform: 0.5, sequence: i }))
  expect(Number.isFinite(evidence(series))).toBe(true)
})

function input(some: Partial<SeriesInput>): SeriesInput {
  return { value: 0, uniform: 0.5, sequence: 0, unixMs: 0, ...some }
}
