import { errorFunction } from 'simple-statistics'

/** The share of a standard normal distribution below `z`, within 2e-7. */
export function normalShare(z: number): number {
  return (1 + errorFunction(z / Math.SQRT2)) / 2
}

/** The z below which this share lies, by halving: for tables that are made once. Infinite at 0 and 1. */
export function normalQuantile(share: number): number {
  if (share <= 0) return Number.NEGATIVE_INFINITY
  if (share >= 1) return Number.POSITIVE_INFINITY
  let low = -6
  let high = 6
  for (let halving = 0; halving < 50; halving += 1) {
    const middle = (low + high) / 2
    if (normalShare(middle) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}
