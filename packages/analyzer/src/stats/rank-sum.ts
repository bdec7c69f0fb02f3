/**
 * How far the values of `after` lie above those of `before`, in standard deviations of the rank sum under no difference;
 * 0 when all are equal or a side is empty. Mid-ranks for ties. O(n log n).
 *
 * Source: Mann and Whitney, "On a Test of Whether one of Two Random Variables is Stochastically Larger than the Other"
 * (1947), normal approximation with the correction for ties.
 */
export function rankSumZ(before: readonly number[], after: readonly number[]): number {
  const [m, n] = [before.length, after.length]
  const all = [
    ...before.map((value) => ({ value, isAfter: false })),
    ...after.map((value) => ({ value, isAfter: true })),
  ].sort((a, b) => a.value - b.value)
  let rankSum = 0
  let tieSum = 0
  for (let from = 0; from < all.length; ) {
    let to = from + 1
    while (to < all.length && all[to]?.value === all[from]?.value) to += 1
    const afterCount = all.slice(from, to).filter(({ isAfter }) => isAfter).length
    // Ranks are 1-based: those of the tie are from + 1 to `to`.
    rankSum += afterCount * ((from + 1 + to) / 2)
    tieSum += (to - from) ** 3 - (to - from)
    from = to
  }
  const count = m + n
  const variance = ((m * n) / 12) * (count + 1 - tieSum / (count * (count - 1)))
  if (!(variance > 0)) return 0
  return (rankSum - (n * (count + 1)) / 2) / Math.sqrt(variance)
}
