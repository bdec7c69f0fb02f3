const FIRST_MS = 5_000
const FACTOR = 1.5
const LAST_MS = 30_000
/** Delays differ by up to this share, so that many senders do not come back at once. */
const JITTER_RATIO = 0.5

/**
 * How long to wait after the n-th failed attempt (from 0): 5 s, times 1.5 each time, at most 30 s, spread
 * evenly by ± 50 %. `random` yields [0, 1). These are the OpenTelemetry Collector's figures, so that
 * both behave alike in one pipeline.
 */
export function backoffMs(failedAttempt: number, random: () => number): number {
  const middleMs = Math.min(FIRST_MS * FACTOR ** failedAttempt, LAST_MS)
  return middleMs * (1 - JITTER_RATIO + 2 * JITTER_RATIO * random())
}

/** Milliseconds that a `Retry-After` header asks for, seconds or an HTTP date; absent when it says neither. */
export function retryAfterMs(header: string | undefined, nowUnixMs: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  // `Date.parse` takes much that is no HTTP date, such as `1.5`; all HTTP dates begin with a week day.
  const unixMs = /^[A-Z][a-z]+,? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(unixMs) ? undefined : Math.max(0, unixMs - nowUnixMs)
}
