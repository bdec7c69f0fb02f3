import type { RetryPolicy } from '../models/FlowDefinition.ts'
import { type QflowError, toQflowError } from '../models/QflowError.ts'
import type { Timers } from './Runtime.ts'

/** What is tried, how often, and who is told of another try. */
export interface AttemptLoop<T> {
  readonly policy: RetryPolicy | undefined
  readonly timers: Timers
  /** Called once per attempt, with 1, 2, … */
  readonly attempt: (number: number) => Promise<T>
  readonly onRetry: (retry: {
    readonly attempt: number
    readonly delayMs: number
    readonly error: QflowError
  }) => void
}

/** Runs attempts until one succeeds, none is left, or the failure is not to be tried again; rejects with the last. */
export async function runAttempts<T>(loop: AttemptLoop<T>): Promise<T> {
  for (let number = 1; ; number++) {
    try {
      return await loop.attempt(number)
    } catch (thrown) {
      const error = toQflowError(thrown)
      const { policy } = loop
      if (policy === undefined || number >= policy.maxAttempts || !isRetryable(policy, error))
        throw error
      const delayMs = backoffDelayMs(policy, number)
      loop.onRetry({ attempt: number, delayMs, error })
      await new Promise<void>((resolve) => loop.timers.setTimeout(resolve, delayMs))
    }
  }
}

function isRetryable(policy: RetryPolicy, error: QflowError): boolean {
  return policy.retryableErrors?.includes(error.type) ?? error.retryable
}

/** Delay after failed attempt `number` (from 1), bounded by the policy's maxDelay. */
export function backoffDelayMs(policy: RetryPolicy, number: number): number {
  const { backoffStrategy: strategy, initialDelay, maxDelay } = policy
  if (strategy === 'fixed') return Math.min(initialDelay, maxDelay)
  if (strategy === 'linear') return Math.min(initialDelay * number, maxDelay)
  return Math.min(initialDelay * (policy.backoffMultiplier ?? 2) ** (number - 1), maxDelay)
}
