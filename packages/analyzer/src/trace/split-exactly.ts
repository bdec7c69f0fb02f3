/**
 * Splits an integer in proportion to weights (>= 0) into integers that sum to it exactly: everybody gets the floor
 * of the share, and what is left goes one by one to the largest remainders, the earlier one of equals. With no
 * weight at all the first part takes everything. Throws on what is not a safe integer or not finite. O(n log n).
 */
export function splitExactly(total: number, weights: readonly number[]): readonly number[] {
  if (!Number.isSafeInteger(total) || total < 0)
    throw new Error(`expected a whole number of at least 0 to split, found ${total}`)
  const sum = weights.reduce((a, b) => a + b, 0)
  if (!Number.isFinite(sum) || weights.some((weight) => weight < 0))
    throw new Error(`expected weights of at least 0 with a finite sum, found the sum ${sum}`)
  if (sum === 0) return weights.map((_, index) => (index === 0 ? total : 0))
  const exact = weights.map((weight) => total * (weight / sum))
  // Beyond 2^52 shares round by whole units, so that no part may take more than is left.
  let left = total
  const parts = exact.map((share) => {
    const part = Math.min(Math.floor(share), left)
    left -= part
    return part
  })
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index)
  const each = Math.floor(left / parts.length)
  const oneMoreCount = left - each * parts.length
  for (const [rank, { index }] of byRemainder.entries())
    parts[index] = (parts[index] ?? 0) + each + (rank < oneMoreCount ? 1 : 0)
  return parts
}
