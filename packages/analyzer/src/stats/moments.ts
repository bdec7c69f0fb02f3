import { studentT95 } from './mean-interval.ts'
import { studentTwoSided } from './student-t.ts'

/** Number, mean and variance (over n - 1; 0 for a single value) of a sample. */
export interface Moments {
  readonly n: number
  readonly mean: number
  readonly variance: number
}

export function momentsOf(values: readonly number[]): Moments {
  const n = values.length
  if (n === 0) return { n, mean: 0, variance: 0 }
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { n, mean, variance: n > 1 ? squares / (n - 1) : 0 }
}

/** A weighted sum of means: its value, 95 % interval, and how likely one so far from 0 is when there is none. */
export interface Contrast {
  readonly value: number
  readonly low: number
  readonly high: number
  readonly p: number
}

/** A figure with the square of its standard error, and the degrees of freedom with which that is known. */
export interface Measured {
  readonly value: number
  readonly squaredError: number
  readonly freedom: number
}

/** Sum of weight x mean over independent samples of unlike variance. */
export function contrast(
  terms: readonly { readonly weight: number; readonly of: Moments }[],
): Contrast {
  return sumContrast(
    terms.map(({ weight, of }) => ({
      value: weight * of.mean,
      squaredError: (weight * weight * of.variance) / Math.max(1, of.n),
      freedom: Math.max(1, of.n - 1),
    })),
  )
}

/**
 * Sum of independent figures.
 *
 * Degrees of freedom by Welch, Biometrika 34 (1947), and Satterthwaite, Biometrics Bulletin 2 (1946).
 */
export function sumContrast(parts: readonly Measured[]): Contrast {
  let value = 0
  let squaredError = 0
  let quartic = 0
  for (const part of parts) {
    value += part.value
    squaredError += part.squaredError
    quartic += part.squaredError ** 2 / Math.max(1, part.freedom)
  }
  const error = Math.sqrt(squaredError)
  if (error === 0) return { value, low: value, high: value, p: value === 0 ? 1 : 0 }
  const freedom = squaredError ** 2 / quartic
  const half = studentT95(freedom) * error
  return {
    value,
    low: value - half,
    high: value + half,
    p: studentTwoSided(value / error, freedom),
  }
}
