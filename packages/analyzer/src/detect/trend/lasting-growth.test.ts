import { describe, expect, test } from 'vitest'
import { normal, randomStream } from '../../stats/random-stream.ts'
import { lastingGrowth } from './lasting-growth.ts'
import type { Point } from './point.ts'

const MB = 2 ** 20
const HOUR_MS = 3_600_000

describe('healthy', () => {
  test.each<[string, (hours: number) => number]>([
    ['a plateau', () => 100],
    ['a saw-tooth', (hours) => 80 + 60 * ((hours * 1.5) % 1)],
    ['a warm-up', (hours) => 140 - 80 * Math.exp(-hours * 4)],
    ['a logarithm', (hours) => 60 + 20 * Math.log1p(60 * hours)],
    ['a step', (hours) => (hours < 2 ? 100 : 150)],
    ['two steps', (hours) => 100 + (hours < 1.7 ? 0 : 25) + (hours < 3.1 ? 0 : 25)],
    ['a slow way down', (hours) => 200 - 10 * hours],
    ['growth that ended', (hours) => 100 + 30 * Math.min(hours, 1.5)],
  ])('%s is no lasting growth', (_, levelMb) => {
    for (const hours of [3, 5, 10])
      expect(lastingGrowth(heapOf(levelMb, { hours }), undefined)).toBeUndefined()
  })
})

test('a leak is found, with its pace and what it came to', () => {
  const growth = lastingGrowth(
    heapOf((hours) => 100 + 20 * hours, { hours: 4 }),
    undefined,
  )
  expect((growth?.slope.perMs ?? 0) * HOUR_MS).toBeCloseTo(20 * MB, -6)
  expect((growth?.grown ?? 0) / MB).toBeCloseTo(80, -1)
  expect(growth?.grownRatio).toBeCloseTo(0.8, 1)
})

test('a leak that began late is found in what came since', () => {
  const points = heapOf((hours) => 100 + 40 * Math.max(0, hours - 12), { hours: 18 })
  expect(lastingGrowth(points, undefined)?.points.length).toBeLessThan(points.length)
})

test('what soon reaches its limit is told before it has lasted for two hours', () => {
  const points = heapOf((hours) => 100 + 400 * hours, { hours: 0.75 })
  expect(lastingGrowth(points, undefined)).toBeUndefined()
  expect(lastingGrowth(points, 4_096 * MB)).toBeUndefined()
  expect(lastingGrowth(points, 512 * MB)).toBeDefined()
})

test('nothing is said of few points', () => {
  expect(
    lastingGrowth(
      heapOf((hours) => 100 + hours, { hours: 0.3 }),
      undefined,
    ),
  ).toBeUndefined()
})

/** A heap after each collection, one a minute, with noise of 2 %. */
function heapOf(levelMb: (hours: number) => number, { hours }: { hours: number }): Point[] {
  const random = randomStream(7)
  return Array.from({ length: hours * 60 }, (_, minute) => ({
    unixMs: 1.7e12 + minute * 60_000,
    value: levelMb(minute / 60) * MB * (1 + 0.02 * normal(random)),
  }))
}
