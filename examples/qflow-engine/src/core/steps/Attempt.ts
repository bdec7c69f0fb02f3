import { StepTimeoutError } from '../../models/QflowError.ts'
import type { Timers } from '../Runtime.ts'

/**
 * Runs one attempt. When its time is over the signal is aborted and the attempt rejects at once, even when the work
 * does not listen and goes on.
 */
export async function runAttempt<T>(
  bound: {
    readonly stepId: string
    readonly timeoutMs: number | undefined
    readonly timers: Timers
  },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { stepId, timeoutMs, timers } = bound
  const controller = new AbortController()
  if (timeoutMs === undefined) return work(controller.signal)
  let timer: unknown
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = timers.setTimeout(() => {
      const error = new StepTimeoutError(stepId, timeoutMs)
      controller.abort(error)
      reject(error)
    }, timeoutMs)
  })
  const running = work(controller.signal)
  // What it says after the timeout has nobody left to tell.
  running.catch(() => {})
  try {
    return await Promise.race([running, timeout])
  } finally {
    timers.clearTimeout(timer)
  }
}
