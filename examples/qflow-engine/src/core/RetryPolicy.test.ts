import { expect, test } from 'vitest'
import { backoffDelayMs } from './RetryPolicy.ts'

test.each([
  ['fixed', [10, 10, 10, 10]],
  ['linear', [10, 20, 30, 35]],
  ['exponential', [10, 20, 35, 35]],
] as const)('%s', (backoffStrategy, delaysMs) => {
  const policy = { maxAttempts: 5, backoffStrategy, initialDelay: 10, maxDelay: 35 }
  expect([1, 2, 3, 4].map((number) => backoffDelayMs(policy, number))).toEqual(delaysMs)
})
