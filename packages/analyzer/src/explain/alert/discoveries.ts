/**
 * How many of the strongest evidences are discoveries, when `hypothesisCount` flows are watched under one budget: the
 * largest k of which the k-th is at least `budget * hypothesisCount / k`. O(n log n).
 *
 * Each evidence is a value of an e-detector: its mean is at most n after n executions while nothing changes. Then at any
 * moment, however it was chosen and however the flows depend on each other, the expected share of false ones among the
 * discoveries is at most n / budget. With one flow, that is the bought budget; see docs/math/alerts.md.
 *
 * Source: Wang and Ramdas, "False discovery rate control with e-values", JRSS B 84 (2022), section 3; for e-detectors
 * Dandapanthula and Ramdas, "Multiple testing in multi-stream sequential change detection" (2025).
 */
export function discoveryCount(
  logEvidences: readonly number[],
  { budget, hypothesisCount }: { budget: number; hypothesisCount: number },
): number {
  const falling = [...logEvidences].sort((a, b) => b - a)
  for (let k = falling.length; k > 0; k--) {
    const needed = Math.log(budget) + Math.log(hypothesisCount / k)
    // An index below the length. A rounding of logarithms is no lack of evidence.
    if ((falling[k - 1] as number) >= needed - 1e-9) return k
  }
  return 0
}
