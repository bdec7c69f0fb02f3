import type { Slope } from './slope.ts'

/** When a line that rises will reach a limit. */
export interface Forecast {
  readonly limit: number
  /** By the likeliest line; absent when that does not rise. */
  readonly unixMs: number | undefined
  /** The 95 % interval; `latestUnixMs` is absent when the line may as well not rise, and then it is only "not before". */
  readonly earliestUnixMs: number
  readonly latestUnixMs: number | undefined
}

/**
 * When the line reaches the limit, as long as it stays the line; absent when it certainly does not rise or is beyond
 * already.
 *
 * The ends are where the 95 % band of the line, `centre + slope t ± sqrt(centreHalf^2 + (slopeHalf t)^2)`, reaches it. It tells of the
 * level: single values get there earlier. Source: Draper and Smith, "Applied Regression Analysis", 3rd ed., section 3.2 (inverse
 * regression), with the halves of the rank intervals for standard errors.
 */
export function forecast(slope: Slope, limit: number): Forecast | undefined {
  const { perMs, low, high, centreUnixMs, centreValue, centreHalf } = slope
  const missing = limit - centreValue
  if (high <= 0 || missing <= 0) return undefined
  // Both ends solve (missing - slope t)^2 = centreHalf^2 + (slopeHalf t)^2, written so that nothing cancels.
  const rootOf = (slopeHalf: number) =>
    missing * perMs +
    Math.sqrt((perMs * centreHalf) ** 2 + slopeHalf ** 2 * (missing ** 2 - centreHalf ** 2))
  const isBelow = missing > centreHalf
  const earliestMs = isBelow ? (missing ** 2 - centreHalf ** 2) / rootOf(high - perMs) : 0
  const isClosed = isBelow && low > 0
  const latestMs = isClosed ? rootOf(perMs - low) / (low * (2 * perMs - low)) : undefined
  return {
    limit,
    unixMs: perMs > 0 ? centreUnixMs + missing / perMs : undefined,
    earliestUnixMs: centreUnixMs + earliestMs,
    latestUnixMs: latestMs === undefined ? undefined : centreUnixMs + latestMs,
  }
}
