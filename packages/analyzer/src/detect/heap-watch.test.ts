import { expect, test } from 'vitest'
import { normal, randomStream } from '../stats/random-stream.ts'
import { emptyHeapWatch, endHeap, type HeapWatch, heapLevelBytes, noteHeap } from './heap-watch.ts'

const MB = 2 ** 20
const START_UNIX_MS = 1_767_600_000_000

test('a leak is told once, with its pace, its levels and when its limit comes', () => {
  const watch = emptyHeapWatch()
  watch.limitBytes = 500 * MB
  const steps = feed(watch, { hours: 12, levelMb: (hours) => 100 + 20 * hours })
  expect(steps.filter(({ step }) => step === 'opened')).toHaveLength(1)
  expect(steps.filter(({ step }) => step === 'resolved')).toHaveLength(0)
  const { leak } = watch
  if (leak === undefined) throw new Error('expected a leak, found none')
  expect(leak.bytesPerHour.low / MB).toBeLessThan(20)
  expect(leak.bytesPerHour.high / MB).toBeGreaterThan(20)
  expect(leak.beforeBytes / MB).toBeCloseTo(100, -1)
  expect(Math.abs(leak.afterBytes / MB - 335)).toBeLessThan(10)
  const inHours = (unixMs = 0) => (unixMs - START_UNIX_MS) / 3_600_000
  expect(inHours(leak.forecast?.unixMs)).toBeCloseTo(20, 0)
  expect(inHours(leak.forecast?.earliestUnixMs)).toBeLessThan(20.1)
  expect(inHours(leak.forecast?.latestUnixMs)).toBeGreaterThan(19.9)
})

test('is over when the heap stops growing, and can come again', () => {
  const watch = emptyHeapWatch()
  const steps = feed(watch, {
    hours: 30,
    levelMb: (hours) => 100 + 20 * Math.min(hours, 5) + 20 * Math.max(0, hours - 20),
  })
  expect(steps.map(({ step }) => step).filter((step) => step !== 'updated')).toEqual([
    'opened',
    'resolved',
    'opened',
  ])
})

test('ends with its process', () => {
  const watch = emptyHeapWatch()
  expect(endHeap(watch, START_UNIX_MS)).toBeUndefined()
  feed(watch, { hours: 4, levelMb: (hours) => 100 + 20 * hours })
  expect(endHeap(watch, START_UNIX_MS)).toMatchObject({ step: 'resolved' })
  expect(watch.leak).toBeUndefined()
})

test('a size that is told again, or late, is none', () => {
  const watch = emptyHeapWatch()
  for (const [unixMs, bytes] of [
    [10, 5],
    [20, 5],
    [30, 5],
    [25, 9],
  ] as const)
    noteHeap(watch, { unixMs, bytes })
  expect(heapLevelBytes(watch)).toBe(5)
  expect(watch.last).toEqual({ unixMs: 30, bytes: 5 })
})

test('goes on from its JSON as if nothing had been', () => {
  const levelMb = (hours: number) => 100 + 20 * hours
  const whole = emptyHeapWatch()
  const steps = feed(whole, { hours: 6, levelMb })
  const first = emptyHeapWatch()
  const begun = feed(first, { hours: 3, levelMb })
  // A watch is plain data.
  const second = JSON.parse(JSON.stringify(first)) as HeapWatch
  const ended = feed(second, { hours: 6, levelMb, fromHours: 3 })
  expect([...begun, ...ended]).toEqual(steps)
  expect(JSON.stringify(second)).toBe(JSON.stringify(whole))
})

/** One collection a minute, with noise of 2 % that only the minute decides. */
function feed(
  watch: HeapWatch,
  shape: { hours: number; levelMb: (hours: number) => number; fromHours?: number },
) {
  const { hours, levelMb, fromHours = 0 } = shape
  return Array.from({ length: (hours - fromHours) * 60 }, (_, index) => {
    const minute = fromHours * 60 + index
    const noise = 1 + 0.02 * normal(randomStream(minute))
    const unixMs = START_UNIX_MS + minute * 60_000
    return noteHeap(watch, { unixMs, bytes: Math.round(levelMb(minute / 60) * MB * noise) })
  }).filter((step) => step !== undefined)
}
