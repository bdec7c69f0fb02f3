import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { coalesce } from './coalesce.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('many requests become one run now and one after the gap', async () => {
  let runCount = 0
  const asking = coalesce(
    async () => {
      runCount += 1
    },
    () => 1000,
  )
  for (let request = 0; request < 50; request += 1) asking.request()
  expect(runCount).toBe(1)
  await vi.advanceTimersByTimeAsync(999)
  expect(runCount).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(runCount).toBe(2)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(runCount).toBe(2)
})

test('a slow run is never joined by a second', async () => {
  let finish: () => void = () => undefined
  let runCount = 0
  const asking = coalesce(
    () => {
      runCount += 1
      return new Promise<void>((resolve) => {
        finish = resolve
      })
    },
    () => 10,
  )
  asking.request()
  asking.request()
  await vi.advanceTimersByTimeAsync(5000)
  expect(runCount).toBe(1)
  finish()
  await vi.advanceTimersByTimeAsync(10)
  expect(runCount).toBe(2)
})

test('nothing runs after stop', async () => {
  let runCount = 0
  const asking = coalesce(
    async () => {
      runCount += 1
    },
    () => 10,
  )
  asking.request()
  asking.request()
  await vi.advanceTimersByTimeAsync(0)
  asking.stop()
  asking.request()
  await vi.advanceTimersByTimeAsync(1000)
  expect(runCount).toBe(1)
})
