/** How many of several intervals were open at once, over a window. */
export interface Concurrency {
  readonly count: number
  readonly windowMs: number
  /** Sum of the lengths over the window: Little's law for what was seen. */
  readonly meanOpenCount: number
  readonly maxOpenCount: number
  /** Share of the window in which at least one was open. */
  readonly busyRatio: number
}

/**
 * Of half-open intervals that lie in a window, so that one that ends when another starts is not open with it. Absent
 * without intervals or without a window. O(n log n).
 *
 * Source: Little, "A Proof for the Queuing Formula L = lambda W", Operations Research 9 (1961): over a window that
 * holds all intervals whole the mean is exact, no limit is needed.
 */
export function concurrencyOf(
  intervals: readonly { readonly startMs: number; readonly endMs: number }[],
  windowMs: number,
): Concurrency | undefined {
  const count = intervals.length
  if (count === 0 || !(windowMs > 0)) return undefined
  const starts = Float64Array.from(intervals, ({ startMs }) => startMs).sort()
  const ends = Float64Array.from(intervals, ({ endMs }) => endMs).sort()
  let [ended, maxOpenCount, sumMs, busyMs, busyFromMs] = [0, 0, 0, 0, 0]
  for (let started = 0; started < count; started += 1) {
    // Indices below the length, which both lists share.
    const startMs = starts[started] as number
    while (ended < started && (ends[ended] as number) <= startMs) ended += 1
    if (ended === started) {
      if (started > 0) busyMs += (ends[started - 1] as number) - busyFromMs
      busyFromMs = startMs
    }
    maxOpenCount = Math.max(maxOpenCount, started + 1 - ended)
    sumMs += (ends[started] as number) - startMs
  }
  busyMs += (ends[count - 1] as number) - busyFromMs
  const busyRatio = Math.min(1, busyMs / windowMs)
  return { count, windowMs, meanOpenCount: sumMs / windowMs, maxOpenCount, busyRatio }
}
