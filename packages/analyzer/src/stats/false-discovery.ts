/**
 * Which hypotheses are rejected so that at most `q` of the rejections are false on average.
 *
 * Benjamini and Hochberg, JRSS B 57 (1995), which holds for independent or positively dependent tests; with
 * `isDependent` q is divided by 1 + 1/2 + … + 1/m, which holds for any: Benjamini and Yekutieli, Annals of Statistics 29 (2001).
 * Where all hypotheses are true, every rejection is false: then `q` bounds the probability of any. O(m log m).
 */
export function falseDiscoveries(
  pValues: readonly number[],
  { q, isDependent }: { readonly q: number; readonly isDependent: boolean },
): readonly boolean[] {
  const m = pValues.length
  const harmonic = isDependent ? pValues.reduce((sum, _, index) => sum + 1 / (index + 1), 0) : 1
  const ascending = pValues.slice().sort((a, b) => a - b)
  const isBelow = (p: number, index: number) => p <= ((index + 1) * q) / (m * harmonic)
  const last = ascending.findLastIndex(isBelow)
  const bound = ascending[last] ?? Number.NEGATIVE_INFINITY
  return pValues.map((p) => p <= bound)
}
