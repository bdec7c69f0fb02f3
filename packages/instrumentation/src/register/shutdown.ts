import { isMainThread } from 'node:worker_threads'
import type { DiagLogger } from '@opentelemetry/api'

/** The longest a signal is held up; a container is killed a few seconds after it is asked to stop. */
const FLUSH_LIMIT_MS = 2_000

type Flushers = () => (() => Promise<unknown>)[]

/**
 * A process with an engine at work does not end by itself, so what is left in the exporters is sent on a signal as well as
 * where nothing is left to do. With no other listener the signal is raised again, and the process ends as it would have.
 */
export function flushOnExit(flushers: Flushers, log: DiagLogger): void {
  // Signals and the end of the process belong to the main thread.
  if (!isMainThread) return
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const listener = () => {
      process.removeListener(signal, listener)
      const hasOthers = process.listenerCount(signal) > 0
      void flush(flushers, log).then(() => {
        if (!hasOthers) process.kill(process.pid, signal)
      })
    }
    process.on(signal, listener)
  }
  process.once('beforeExit', () => void flush(flushers, log))
}

/** Resolves when all is sent or the time is over, whatever went wrong. */
async function flush(flushers: Flushers, log: DiagLogger): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FLUSH_LIMIT_MS)
  })
  // What ended in this turn of the event loop is told at its end (docs/adr/0008-told-after-the-turn.md).
  await new Promise((resolve) => setImmediate(resolve))
  const all = Promise.allSettled(flushers().map((send) => send()))
  await Promise.race([all.then((results) => report(results, log)), limit])
  clearTimeout(timer)
}

function report(results: readonly PromiseSettledResult<unknown>[], log: DiagLogger): void {
  for (const result of results) {
    if (result.status === 'rejected') log.warn('flush failed', String(result.reason))
  }
}
