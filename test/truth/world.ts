import { performance } from 'node:perf_hooks'
import { createVirtualTime, type Runtime, systemRuntime } from '@anarq/qflow'

/** Where a workload runs. */
export interface World {
  /** Whether nothing else may run in the process meanwhile. */
  readonly isExclusive: boolean
  /** What the engine takes from the outside; absent is the host's. */
  readonly runtime: Partial<Runtime>
  /** Computes for so long, yielding to nobody. */
  readonly burn: (ms: number) => void
  /** Runs something to its end. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>
}

/** No workload takes longer; nothing but timers moves a virtual clock, so that it costs nothing to look so far. */
const LONG_MS = 24 * 3_600_000

/** The host's clock and timers. An ms of the workload lasts `stretch` ms: so much less does it count how late they are. */
export function createRealWorld(stretch: number): World {
  const { timers } = systemRuntime
  return {
    isExclusive: false,
    runtime: {
      timers: {
        ...timers,
        setTimeout: (callback, ms) => timers.setTimeout(callback, stretch * ms),
      },
    },
    burn(ms) {
      const untilMs = performance.now() + stretch * ms
      while (performance.now() < untilMs);
    },
    run: (work) => work(),
  }
}

/**
 * A process whose clocks move only when nothing in it can go on: the engine's runtime, and `performance.now` and
 * `Date.now`, from which the instrumentation and the OpenTelemetry SDK read the time.
 */
export function createVirtualWorld(): World {
  const time = createVirtualTime(0)
  return {
    isExclusive: true,
    runtime: time,
    burn: time.spend,
    async run(work) {
      const restore = replaceClocks(time.clock.monotonicMs)
      try {
        const done = work()
        let isOver = false
        const over = () => {
          isOver = true
        }
        done.then(over, over)
        await time.advance(LONG_MS)
        if (!isOver) throw new Error('the workload has not ended and waits for no timer')
        return await done
      } finally {
        restore()
      }
    },
  }
}

/** Both count from one origin; the wall clock, as the host's, in whole ms: that is all the SDK knows of a span's start. */
function replaceClocks(monotonicMs: () => number): () => void {
  const dateNow = Date.now
  Object.defineProperty(performance, 'now', { value: monotonicMs, configurable: true })
  Date.now = () => Math.floor(performance.timeOrigin + monotonicMs())
  return () => {
    // The host's own stands on the prototype.
    Reflect.deleteProperty(performance, 'now')
    Date.now = dateNow
  }
}
