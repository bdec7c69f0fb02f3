import { gammaln } from 'simple-statistics'

/** Relative accuracy of the continued fraction. */
const PRECISION = 1e-12
const MAX_TERM_COUNT = 300
const TINY = 1e-300

/**
 * How likely Student's t lies at least this far from 0, on either side: 0..1. `freedom` > 0 need not be whole.
 *
 * It is the regularised incomplete beta function I_x(freedom / 2, 1 / 2) at x = freedom / (freedom + t^2).
 * Source: Abramowitz and Stegun 26.5.27, 26.5.8 (the continued fraction), evaluated by Lentz's method.
 */
export function studentTwoSided(t: number, freedom: number): number {
  if (Number.isNaN(t) || !(freedom > 0)) return 1
  if (!Number.isFinite(t)) return 0
  const x = freedom / (freedom + t * t)
  return incompleteBeta(x, freedom / 2, 0.5)
}

function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const logFront = gammaln(a + b) - gammaln(a) - gammaln(b) + a * Math.log(x) + b * Math.log1p(-x)
  // Each form of the fraction converges fast on its own side of the mean.
  if (x < (a + 1) / (a + b + 2)) return (Math.exp(logFront) * fraction(x, a, b)) / a
  return 1 - (Math.exp(logFront) * fraction(1 - x, b, a)) / b
}

function fraction(x: number, a: number, b: number): number {
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let value = d
  for (let m = 1; m <= MAX_TERM_COUNT; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    let factor = 1
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d)
      c = away(1 + term / c)
      factor = c * d
      value *= factor
    }
    if (Math.abs(factor - 1) < PRECISION) break
  }
  return value
}

/** Keeps a divisor from being 0. */
function away(value: number): number {
  return Math.abs(value) < TINY ? TINY : value
}
