import type { Interval } from './mean-interval.ts'

const Z95 = 1.959964

/**
 * `count` of `n` as a ratio with its 95 % interval, which stays within 0..1 and is honest for counts near either end;
 * absent without any.
 *
 * Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927).
 */
export function shareInterval(count: number, n: number): Interval | undefined {
  if (n < 1) return undefined
  const value = count / n
  const z2 = Z95 ** 2
  const centre = (value + z2 / (2 * n)) / (1 + z2 / n)
  const half = (Z95 / (1 + z2 / n)) * Math.sqrt((value * (1 - value)) / n + z2 / (4 * n ** 2))
  return { value, low: Math.max(0, centre - half), high: Math.min(1, centre + half), n }
}
