/**
 * How much of a standard normal lies above `z`, with a relative error below 1.2e-7 however far out.
 *
 * Source: Press et al., "Numerical Recipes", section 6.2 (a Chebyshev fit of the complementary error function).
 */
export function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  const t = 1 / (1 + x / 2)
  let sum = 0
  for (let index = CHEBYSHEV.length - 1; index >= 0; index -= 1)
    sum = sum * t + (CHEBYSHEV[index] ?? 0)
  const upper = (t / 2) * Math.exp(sum - x * x)
  return z >= 0 ? upper : 1 - upper
}

const CHEBYSHEV = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
  -0.82215223, 0.17087277,
]

/** The `z` above which this share of a standard normal lies; `ratio` in (0, 1). By halving: a few dozen calls of `normalTail`. */
export function normalTailPoint(ratio: number): number {
  let [low, high] = [-38, 38]
  for (let round = 0; round < 50; round += 1) {
    const middle = (low + high) / 2
    if (normalTail(middle) > ratio) low = middle
    else high = middle
  }
  return (low + high) / 2
}
