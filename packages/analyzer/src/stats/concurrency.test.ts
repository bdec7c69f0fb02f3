import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Concurrency, concurrencyOf } from './concurrency.ts'

//            0         10        20        30        40
//   a        ├─────────┤
//   b                  ├───────────────────┤
//   c                       ├────┤
test('counts what is open at once; what ends when another starts is not', () => {
  const intervals = [interval(0, 10), interval(10, 30), interval(15, 20)]
  expect(concurrencyOf(intervals, 40)).toEqual({
    count: 3,
    windowMs: 40,
    meanOpenCount: 35 / 40,
    maxOpenCount: 2,
    busyRatio: 30 / 40,
  })
})

test('without intervals or a window nothing is known', () => {
  expect(concurrencyOf([], 40)).toBeUndefined()
  expect(concurrencyOf([interval(0, 0)], 0)).toBeUndefined()
})

test('says what a walk through every ms says', () => {
  const some = fc
    .tuple(fc.nat({ max: 60 }), fc.integer({ min: 1, max: 40 }))
    .map(([startMs, ms]) => interval(startMs, startMs + ms))
  fc.assert(
    fc.property(fc.array(some, { minLength: 1, maxLength: 12 }), (intervals) => {
      expect(concurrencyOf(intervals, 100)).toEqual(slowConcurrency(intervals, 100))
    }),
  )
})

function slowConcurrency(
  intervals: readonly ReturnType<typeof interval>[],
  windowMs: number,
): Concurrency {
  const open = Array.from(
    { length: windowMs },
    (_, at) => intervals.filter(({ startMs, endMs }) => startMs <= at && at < endMs).length,
  )
  return {
    count: intervals.length,
    windowMs,
    meanOpenCount: open.reduce((sum, count) => sum + count, 0) / windowMs,
    maxOpenCount: Math.max(...open),
    busyRatio: open.filter((count) => count > 0).length / windowMs,
  }
}

function interval(startMs: number, endMs: number) {
  return { startMs, endMs }
}
