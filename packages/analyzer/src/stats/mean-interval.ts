/** A figure with its 95 % interval and the number of values it rests on. */
export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
  readonly n: number
}

/** The mean with its t interval; absent with fewer than two values. */
export function meanInterval(values: readonly number[]): Interval | undefined {
  const n = values.length
  if (n < 2) return undefined
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)
  const half = studentT95(n - 1) * Math.sqrt(variance / n)
  return { value: mean, low: mean - half, high: mean + half, n }
}

/**
 * Sum of the parts over sum of the wholes, with its interval by the delta method; absent with fewer than two
 * pairs or when the wholes sum to 0.
 *
 * Source: Cochran, "Sampling Techniques", 3rd ed., section 2.11 (without the finite-population factor).
 */
export function ratioInterval(
  pairs: readonly { readonly part: number; readonly whole: number }[],
): Interval | undefined {
  const n = pairs.length
  const whole = pairs.reduce((sum, pair) => sum + pair.whole, 0)
  if (n < 2 || whole <= 0) return undefined
  const ratio = pairs.reduce((sum, pair) => sum + pair.part, 0) / whole
  const squares = pairs.reduce((sum, pair) => sum + (pair.part - ratio * pair.whole) ** 2, 0)
  return ratioIntervalOf({ n, whole, ratio, squares })
}

/** `ratioInterval` of sums: of the wholes, and of the squares of each part less its share of its whole. */
export function ratioIntervalOf(sums: {
  readonly n: number
  readonly whole: number
  readonly ratio: number
  readonly squares: number
}): Interval {
  const { n, whole, ratio, squares } = sums
  const half = (studentT95(n - 1) * Math.sqrt(squares / (n - 1) / n)) / (whole / n)
  return { value: ratio, low: ratio - half, high: ratio + half, n }
}

/** 97.5 % of Student's t lie below. Exact for 1 and 2 degrees of freedom, else within 0.3 %. */
export function studentT95(freedom: number): number {
  if (freedom <= 1) return 12.7062
  if (freedom === 2) return 4.3027
  if (freedom === 3) return 3.1824
  const z = 1.959964
  const terms = [
    z,
    (z ** 3 + z) / (4 * freedom),
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2),
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3),
  ]
  return terms.reduce((sum, term) => sum + term, 0)
}
