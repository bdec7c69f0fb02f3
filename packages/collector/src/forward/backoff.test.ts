import { describe, expect, test } from 'vitest'
import { backoffMs, retryAfterMs } from './backoff.ts'

test.each([
  [0, 5_000],
  [1, 7_500],
  [2, 11_250],
  [5, 30_000],
  [1_000, 30_000],
])('after %i failed attempts the middle of the delay is %i ms', (failedAttempt, middleMs) => {
  expect(backoffMs(failedAttempt, () => 0.5)).toBe(middleMs)
  expect(backoffMs(failedAttempt, () => 0)).toBe(middleMs / 2)
  expect(backoffMs(failedAttempt, () => 1)).toBe(middleMs * 1.5)
})

describe('Retry-After', () => {
  const nowUnixMs = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT')

  test.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
    ['Wed, 21 Oct 2026 07:27:30 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j', (header, expected) => {
    expect(retryAfterMs(header, nowUnixMs)).toBe(expected)
  })
})
