import type { Runtime } from './Runtime.ts'

interface Pending {
  readonly callback: () => void
  readonly periodMs: number | undefined
  dueMs: number
}

/** A clock that stands still until it is advanced, its timers, and ids that count up. */
export interface VirtualTime extends Runtime {
  /** Fires, in order, all timers due within the next `ms`, letting promises settle before and after each. */
  readonly advance: (ms: number) => Promise<void>
  /** Lets promises settle without moving the clock. */
  readonly settle: () => Promise<void>
  /** Moves the clock as work does that never yields: what falls due meanwhile fires late. */
  readonly spend: (ms: number) => void
  readonly pendingCount: () => number
}

/** `startMs` is the wall clock at the beginning, ms since the epoch. */
export function createVirtualTime(startMs = 1_700_000_000_000): VirtualTime {
  const pending = new Map<number, Pending>()
  let elapsedMs = 0
  let nextHandle = 1
  let nextId = 1

  const schedule = (
    callback: () => void,
    delayMs: number,
    periodMs: number | undefined,
  ): number => {
    const handle = nextHandle++
    pending.set(handle, { callback, periodMs, dueMs: elapsedMs + Math.max(0, delayMs) })
    return handle
  }
  // Handles come back as unknown; one that was not made here is simply not in the map.
  const forget = (handle: unknown): void => {
    if (typeof handle === 'number') pending.delete(handle)
  }
  const fire = (handle: number, timer: Pending): void => {
    elapsedMs = Math.max(elapsedMs, timer.dueMs)
    if (timer.periodMs === undefined) pending.delete(handle)
    else timer.dueMs += Math.max(1, timer.periodMs)
    timer.callback()
  }

  return {
    clock: { nowMs: () => startMs + elapsedMs, monotonicMs: () => elapsedMs },
    timers: {
      setTimeout: (callback, delayMs) => schedule(callback, delayMs, undefined),
      clearTimeout: forget,
      setInterval: (callback, periodMs) => schedule(callback, periodMs, periodMs),
      clearInterval: forget,
    },
    createId: (prefix) => `${prefix}_${nextId++}`,
    pendingCount: () => pending.size,
    settle,
    spend: (ms) => {
      elapsedMs += ms
    },
    advance: async (ms) => {
      const untilMs = elapsedMs + ms
      await settle()
      for (let due = firstDue(pending, untilMs); due; due = firstDue(pending, untilMs)) {
        fire(due[0], due[1])
        await settle()
      }
      elapsedMs = Math.max(elapsedMs, untilMs)
    },
  }
}

/** Of equal due times the one made first, as the host does. */
function firstDue(
  pending: ReadonlyMap<number, Pending>,
  untilMs: number,
): [number, Pending] | undefined {
  let first: [number, Pending] | undefined
  for (const entry of pending) {
    if (entry[1].dueMs <= untilMs && (first === undefined || entry[1].dueMs < first[1].dueMs))
      first = entry
  }
  return first
}

/** A macrotask lets every chain of promises that needs no timer and no I/O run to its end. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
