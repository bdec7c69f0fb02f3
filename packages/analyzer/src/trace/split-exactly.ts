/**
 * Splits an integer in proportion to weights (>= 0) into integers that sum to it exactly: everybody gets the floor
 * of the share, and what is left goes one by one to the largest remainders, the earlier one of equals. With no
 * weight at all the first part takes everything. O(n log n).
 */
export function splitExactly(total: number, weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((a, b) => a + b, 0)
  if (sum === 0) return weights.map((_, index) => (index === 0 ? total : 0))
  const exact = weights.map((weight) => total * (weight / sum))
  const parts = exact.map(Math.floor)
  let left = total - parts.reduce((a, b) => a + b, 0)
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index)
  // Beyond 2^52 the floats of the shares round by whole ns, so `left` may exceed one per part, or be negative.
  for (let at = 0; left !== 0; at = (at + 1) % byRemainder.length) {
    const index = byRemainder[at]?.index ?? 0
    const step = Math.sign(left) * Math.max(1, Math.floor(Math.abs(left) / byRemainder.length))
    if ((parts[index] ?? 0) + step < 0) continue
    parts[index] = (parts[index] ?? 0) + step
    left -= step
  }
  return parts
}
