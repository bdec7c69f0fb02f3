import { medianOfSorted } from '../../stats/median-change.ts'

/** On each side of a score; a run of outliers shorter than this is the minority of seven. */
const NEIGHBOUR_COUNT = 3
/** Beyond this, a normal score lies once in 370. */
const REACH_DEVIATIONS = 3

/**
 * Scores with outliers pulled in to three deviations about the median of the seven around them (fewer at the ends),
 * so that a step stays where it is and a run of up to three outliers is none.
 * Source: Hampel, "The influence curve and its role in robust estimation", JASA 69 (1974); clipped, not replaced.
 */
export function pullIn(scores: readonly number[]): number[] {
  const reach = REACH_DEVIATIONS * differenceDeviation(scores)
  const near: number[] = []
  return scores.map((score, index) => {
    near.length = 0
    const to = Math.min(scores.length - 1, index + NEIGHBOUR_COUNT)
    for (let other = Math.max(0, index - NEIGHBOUR_COUNT); other <= to; other += 1)
      insertSorted(near, scores[other] as number)
    const middle = medianOfSorted(near)
    return Math.min(Math.max(score, middle - reach), middle + reach)
  })
}

/** Of neighbours: the median, or where most are equal the ninth decile, as a normal deviation of one score. */
function differenceDeviation(scores: readonly number[]): number {
  const sizes = new Float64Array(Math.max(0, scores.length - 1))
  // An index of `sizes` has a score after it.
  for (let index = 0; index < sizes.length; index += 1)
    sizes[index] = Math.abs((scores[index + 1] as number) - (scores[index] as number))
  sizes.sort()
  const quantile = (ratio: number) => sizes[Math.floor(ratio * sizes.length)] ?? 0
  const deviation = quantile(0.5) / 0.67449 || quantile(0.9) / 1.64485
  return deviation / Math.SQRT2
}

function insertSorted(sorted: number[], value: number): void {
  let place = sorted.length
  while (place > 0 && (sorted[place - 1] as number) > value) {
    sorted[place] = sorted[place - 1] as number
    place -= 1
  }
  sorted[place] = value
}
