import { expect, test } from 'vitest'
import { normal, type RandomStream, randomStream } from '../../stats/random-stream.ts'
import {
  type AnomalySeries,
  anomalySeriesOf,
  emptyAnomalySeries,
  judgeValue,
  learnValue,
  MIN_ANOMALY_BASELINE,
} from './anomaly-series.ts'

const lognormal = (random: RandomStream) => 100 * Math.exp(0.3 * normal(random))

test('learns before it judges, and says how much is missing', () => {
  const series = emptyAnomalySeries()
  for (let left = MIN_ANOMALY_BASELINE; left > 0; left -= 1)
    expect(judgeValue(series, 100)).toEqual({ kind: 'learning', missingCount: left })
  expect(judgeValue(series, 100).kind).toBe('expected')
})

test('tells a slow execution, what was expected and how rare it is', () => {
  const judgement = judgeValue(healthySeries(500), 500)
  if (judgement.kind !== 'anomaly') throw new Error(`expected an anomaly, found ${judgement.kind}`)
  expect(judgement.expected.low).toBeGreaterThan(25)
  expect(judgement.expected.high).toBeLessThan(300)
  expect(judgement.tailRatio).toBeLessThan(1e-5)
  expect(judgement.ratio).toBeCloseTo(5, 0)
})

test('a fast execution is no anomaly', () => {
  expect(judgeValue(healthySeries(500), 0.1).kind).toBe('expected')
})

test('what is only learned teaches in full', () => {
  const series = healthySeries(100)
  for (let i = 0; i < 50; i += 1) expect(learnValue(series, 500)).toBe(true)
  expect(judgeValue(series, 500).kind).toBe('expected')
  expect(learnValue(series, Number.NaN)).toBe(false)
})

test('an incident of ten is told ten times, and hardly teaches', () => {
  const series = healthySeries(300)
  judgeValue(series, 100)
  const before = smallestTold(series)
  for (let i = 0; i < 10; i += 1) expect(judgeValue(series, 500).kind).toBe('anomaly')
  const random = randomStream(12)
  for (let i = 0; i < 500; i += 1) judgeValue(series, lognormal(random))
  expect(smallestTold(series) / before).toBeLessThan(1.35)
})

test('a new level is told at most a score of times, and then is what is expected', () => {
  for (const factor of [2, 4]) {
    const series = healthySeries(2_000)
    const random = randomStream(3)
    const told = Array.from({ length: 4_000 }, () => judgeValue(series, factor * lognormal(random)))
    const toldCount = told.filter(({ kind }) => kind === 'anomaly').length
    expect(toldCount).toBeGreaterThan(0)
    expect(toldCount).toBeLessThanOrEqual(20)
    expect(judgeValue(series, factor * 500).kind).toBe('anomaly')
  }
})

test('a constant has to be left by more than the smallest effect', () => {
  const constant = () => anomalySeriesOf(new Array<number>(300).fill(100))
  expect(judgeValue(constant(), 109).kind).toBe('expected')
  expect(judgeValue(constant(), 130).kind).toBe('anomaly')
  expect(judgeValue(constant(), 130, 0.5).kind).toBe('expected')
})

test('where all was 0, something is told only after a thousand zeros', () => {
  expect(judgeValue(anomalySeriesOf(new Array<number>(300).fill(0)), 5).kind).toBe('expected')
  expect(judgeValue(anomalySeriesOf(new Array<number>(1_200).fill(0)), 5).kind).toBe('anomaly')
})

test('what is no finite number from 0 is refused and changes nothing', () => {
  const series = healthySeries(100)
  const before = JSON.stringify(series)
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1])
    expect(judgeValue(series, value)).toEqual({ kind: 'refused' })
  expect(JSON.stringify(series)).toBe(before)
})

test('of any values at most 9 in 10,000 are told and four for each nat of the reserve', () => {
  const random = randomStream(21)
  // Grows for ever: each value is larger than all before.
  const series = healthySeries(100)
  let told = 0
  for (let n = 1; n <= 5_000; n += 1) {
    if (judgeValue(series, 100 * 1.01 ** n * (0.9 + random() / 5)).kind === 'anomaly') told += 1
    expect(told).toBeLessThanOrEqual(9e-4 * n + 4 * (1 - 9e-4) * series.reserve + 1e-9)
  }
})

test('goes on from its JSON as if nothing had been, in 1 KB besides the sketch', () => {
  const random = randomStream(9)
  const heavy = () => Math.exp(2 * normal(random))
  const series = anomalySeriesOf(Array.from({ length: 200 }, heavy))
  for (let i = 0; i < 25_000; i += 1) judgeValue(series, heavy())
  // A series is plain data.
  const restored = JSON.parse(JSON.stringify(series)) as AnomalySeries
  for (let i = 0; i < 3_000; i += 1) {
    const value = heavy()
    expect(judgeValue(restored, value)).toEqual(judgeValue(series, value))
  }
  expect(JSON.stringify(restored)).toBe(JSON.stringify(series))
  expect(JSON.stringify({ ...series, values: 0 }).length).toBeLessThan(1_024)
})

function healthySeries(count: number): AnomalySeries {
  const random = randomStream(count)
  return anomalySeriesOf(Array.from({ length: count }, () => lognormal(random)))
}

/** Found by trying, each time on a copy. */
function smallestTold(series: AnomalySeries): number {
  let value = 100
  while (judgeValue(structuredClone(series), value).kind !== 'anomaly') value *= 1.02
  return value
}
