import { describe, expect, test } from 'vitest'
import { normal, type RandomStream, randomStream } from '../../stats/random-stream.ts'
import { emptyRows, type LevelRows } from './level-rows.ts'
import {
  addSeries,
  bet,
  KINDS,
  leadingRun,
  learn,
  type SeriesInput,
  type SeriesKind,
} from './level-series.ts'
import { addPlainSeries, plainSeries } from './plain-series.ts'
import { evidence } from './settle-bets.ts'
import { emptySlowSeries, slowBet, slowEvidence, slowLearn } from './slow-level-series.ts'

describe('in control', () => {
  test.each<[string, SeriesKind, (random: RandomStream) => number]>([
    ['lognormal', 'positive', (random) => Math.exp(normal(random))],
    ['ties and zeros', 'positive', (random) => Math.round(2 * random())],
    ['zero-heavy', 'positive', (random) => (random() < 0.8 ? 0 : 1 + random())],
    ['counts', 'count', (random) => Math.floor(6 * random() ** 2)],
    ['rare failures', 'rate', (random) => (random() < 0.1 ? 1 : 0)],
    ['constant', 'positive', () => 42],
  ])('%s: the mean of the evidence after n bets is at most n', (_name, kind, draw) => {
    const random = randomStream(9)
    const runCount = 3_000
    const betCount = 8
    let total = 0
    for (let run = 0; run < runCount; run += 1) {
      const series = seriesOf(kind)
      for (let i = 0; i < 20; i += 1) learn(series, 0, input({ value: draw(random) }))
      for (let i = 0; i < betCount; i += 1) {
        bet(series, 0, input({ value: draw(random), uniform: random(), sequence: i }))
      }
      total += evidence(series, 0)
    }
    // The sums are skewed: the runs know their mean within about 10 %.
    expect(total / runCount).toBeLessThan(betCount * 1.1)
    expect(total / runCount).toBeGreaterThan(betCount / 3)
  })
})

test('evidence grows with a change, and its run tells direction and start', () => {
  const random = randomStream(2)
  const series = seriesOf('positive')
  for (let i = 0; i < 50; i += 1)
    learn(series, 0, input({ value: 100 * Math.exp(0.1 * normal(random)) }))
  for (let i = 50; i < 70; i += 1) {
    bet(
      series,
      0,
      input({ value: 100 * Math.exp(0.1 * normal(random)), uniform: random(), sequence: i }),
    )
  }
  const before = evidence(series, 0)
  for (let i = 70; i < 80; i += 1)
    bet(series, 0, input({ value: 50, uniform: random(), sequence: i }))
  expect(evidence(series, 0)).toBeGreaterThan(before * 1_000)
  expect(leadingRun(series, 0).direction).toBe('down')
  expect(Math.abs(leadingRun(series, 0).start - 70)).toBeLessThanOrEqual(3)
})

test('values that are no durations change nothing', () => {
  const series = seriesOf('positive')
  learn(series, 0, input({ value: 5 }))
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
    bet(series, 0, input({ value, uniform: 0.5, sequence: 1 }))
  }
  const untouched = seriesOf('positive')
  learn(untouched, 0, input({ value: 5 }))
  expect(plainSeries(series, 0)).toEqual({ ...plainSeries(untouched, 0), refusedCount: 3 })
})

test('evidence stays finite however long a change lasts', () => {
  const series = seriesOf('positive')
  for (let i = 0; i < 2_000; i += 1) learn(series, 0, input({ value: 1 }))
  for (let i = 0; i < 2_000; i += 1) bet(series, 0, input({ value: 2, uniform: 0.5, sequence: i }))
  expect(Number.isFinite(evidence(series, 0))).toBe(true)
})

test.each<[string, SeriesKind, (random: RandomStream) => number, (random: RandomStream) => number]>(
  [
    ['failures', 'rate', (r) => (r() < 0.01 ? 1 : 0), (r) => (r() < 0.4 ? 1 : 0)],
    ['the first failures ever', 'rate', () => 0, (r) => (r() < 0.5 ? 1 : 0)],
    ['traffic that stops', 'count', (r) => Math.floor(20 + 10 * r()), () => 0],
    ['traffic that begins', 'count', () => 0, (r) => Math.floor(5 * r())],
    ['a step that is no longer skipped', 'positive', (r) => (r() < 0.7 ? 0 : 9), () => 9],
    ['a constant', 'positive', () => 42, () => 45],
    ['one of two modes that moves', 'positive', (r) => (r() < 0.6 ? 50 : 200), () => 60],
  ],
)('%s: is found within 20 values', (_name, kind, before, after) => {
  const random = randomStream(8)
  const series = seriesOf(kind)
  for (let i = 0; i < 200; i += 1) learn(series, 0, input({ value: before(random) }))
  const delay = Array.from({ length: 20 }, (_, i) =>
    bet(series, 0, input({ value: after(random), uniform: random(), sequence: i })),
  ).findIndex((one) => one >= 10_000)
  expect(delay).toBeGreaterThanOrEqual(0)
})

test('a rate knows nothing but 0 and 1', () => {
  const series = seriesOf('rate')
  for (const value of [0.5, 2, -1, Number.NaN]) learn(series, 0, input({ value }))
  expect(plainSeries(series, 0)).toEqual({
    ...plainSeries(seriesOf('rate'), 0),
    refusedCount: 4,
  })
})

test('goes on after a trip through JSON exactly as it would have', () => {
  const random = randomStream(5)
  const draw = () => 100 * Math.exp(0.3 * normal(random))
  const series = seriesOf('positive')
  for (let i = 0; i < 300; i += 1) {
    const one = input({ value: draw(), uniform: random(), sequence: i, unixMs: i * 7_000_000 })
    if (i < 50) learn(series, 0, one)
    else bet(series, 0, one)
  }
  const restored = emptyRows(1)
  addPlainSeries(restored, JSON.parse(JSON.stringify(plainSeries(series, 0))))
  for (let i = 300; i < 900; i += 1) {
    const one = input({ value: draw(), uniform: random(), sequence: i, unixMs: i * 7_000_000 })
    expect(bet(restored, 0, one)).toBe(bet(series, 0, one))
  }
  expect(plainSeries(restored, 0)).toEqual(plainSeries(series, 0))
})

test.each([
  ['independent, twice as large in the end', 0, 2],
  ['with an echo and outliers', 0.7, 1],
  ['wandering', 0.97, 1.2],
])(
  'rows that lie side by side are what each is alone, written plainly: %s',
  (_name, keep, factor) => {
    const random = randomStream(11)
    const rows = emptyRows(0)
    const kinds = KINDS
    const slow = kinds.map(emptySlowSeries)
    for (const kind of kinds) addSeries(rows, kind)
    let deviation = 0
    for (let index = 0; index < 5_000; index += 1) {
      deviation = keep * deviation + 0.2 * normal(random)
      const swing = 0.3 * Math.sin((2 * Math.PI * index) / 144)
      const outlier = random() < 0.01 ? 30 : 1
      const amount = 100 * Math.exp(deviation + swing) * outlier * (index > 4_500 ? factor : 1)
      const values = [index % 50 === 7 ? 0 : amount, random() < 0.05 ? 1 : 0, Math.floor(amount)]
      for (const [row, value] of values.entries()) {
        const isOdd = random() < 0.003
        const one = input({
          value: isOdd ? Number.NaN : value,
          uniform: random(),
          sequence: index,
          unixMs: index * 600_000,
        })
        const own = slow[row] as (typeof slow)[number]
        if (index < 30) {
          learn(rows, row, one)
          slowLearn(own, one)
        } else expect(bet(rows, row, one)).toBe(slowBet(own, one))
      }
      if (index % 200 === 0) expect(kinds.map((_, row) => plainSeries(rows, row))).toEqual(slow)
    }
    expect(kinds.map((_, row) => evidence(rows, row))).toEqual(slow.map(slowEvidence))
  },
)

function seriesOf(kind: SeriesKind): LevelRows {
  const rows = emptyRows(1)
  addSeries(rows, kind)
  return rows
}

function input(some: Partial<SeriesInput>): SeriesInput {
  return { value: 0, uniform: 0.5, sequence: 0, unixMs: 0, ...some }
}
