/** Where time comes from: replaced in tests. */
export interface Runtime {
  /** Wall clock. */
  unixNs(): bigint
  /** A clock that never goes back, for the length of a time slice. */
  monotonicMs(): number
  /** Calls `run` once after `delayMs`, without keeping the process alive. Returns what cancels it. */
  after(delayMs: number, run: () => void): () => void
}

/** The clocks and timers of Node. */
export const nodeRuntime: Runtime = {
  unixNs: () => BigInt(Date.now()) * 1_000_000n,
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
