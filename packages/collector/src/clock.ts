/** Time as the collector sees it: a parameter, so that tests decide what time it is. */
export interface Clock {
  nowUnixNs(): bigint
  /** Monotonic; only differences mean anything. */
  nowMs(): number
  after(delayMs: number, run: () => void): Timer
  every(periodMs: number, run: () => void): Timer
}

export interface Timer {
  cancel(): void
}

/** The machine's clock. A running timer keeps the process alive until it is cancelled. */
export const systemClock: Clock = {
  nowUnixNs: () => BigInt(Date.now()) * 1_000_000n,
  nowMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
  every: (periodMs, run) => {
    const timer = setInterval(run, periodMs)
    return { cancel: () => clearInterval(timer) }
  },
}

export function unixMsOf(clock: Clock): number {
  return Number(clock.nowUnixNs() / 1_000_000n)
}
