import { randomUUID } from 'node:crypto'

/** Where time comes from. */
export interface Clock {
  /** Wall clock, ms since the epoch. */
  nowMs(): number
  /** Never goes back; for durations, ms. */
  monotonicMs(): number
}

/** Timers of the host. A `background` timer does not keep the process alive. */
export interface Timers {
  setTimeout(callback: () => void, delayMs: number): unknown
  clearTimeout(handle: unknown): void
  setInterval(callback: () => void, periodMs: number, background?: boolean): unknown
  clearInterval(handle: unknown): void
}

/** All that the engine takes from the outside, so that a test can run it under a virtual clock. */
export interface Runtime {
  readonly clock: Clock
  readonly timers: Timers
  readonly createId: (prefix: string) => string
}

type SystemHandle = NodeJS.Timeout

/** Globals are looked up at each call, so that test tools that replace them are seen. */
export const systemRuntime: Runtime = {
  clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
  timers: {
    setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
    // The only handles that arrive here are those made above and below.
    clearTimeout: (handle) => clearTimeout(handle as SystemHandle),
    setInterval: (callback, periodMs, background = false) => {
      const handle = setInterval(callback, periodMs)
      if (background) handle.unref()
      return handle
    },
    clearInterval: (handle) => clearInterval(handle as SystemHandle),
  },
  createId: (prefix) => `${prefix}_${randomUUID()}`,
}

/** What is left out is the host's. */
export function resolveRuntime(options: Partial<Runtime>): Runtime {
  return {
    clock: options.clock ?? systemRuntime.clock,
    timers: options.timers ?? systemRuntime.timers,
    createId: options.createId ?? systemRuntime.createId,
  }
}

/** The wall clock as Qflow's events carry it. */
export function isoTime(clock: Clock): string {
  return new Date(clock.nowMs()).toISOString()
}
