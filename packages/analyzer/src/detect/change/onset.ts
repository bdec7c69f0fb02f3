import { ascending } from '../../stats/ascending.ts'
import { medianOfSorted } from '../../stats/median-change.ts'

/**
 * Where the level of a short series most likely changed: the index of the first value after the change.
 *
 * The online detector asks it once, at confirmation, and `changePoints` for every change of a history: the same values
 * give the same onset.
 *
 * The split that leaves the least squared error of `levelScores` about the mean of each side. Scores are pulled in to
 * four median deviations of those before `hint` beyond the two levels' medians, so that an outlier is no change.
 * Candidates lie in [from, to]. O(n log n).
 * Source: Hinkley, "Inference about the change-point in a sequence of random variables", Biometrika 57 (1970).
 */
export function findOnset(
  values: readonly number[],
  { hint, from, to }: { hint: number; from: number; to: number },
): number {
  const logs = winsorized(levelScores(values), hint)
  const total = logs.reduce((sum, value) => sum + value, 0)
  let before = logs.slice(0, from).reduce((sum, value) => sum + value, 0)
  let best = { index: hint, gain: Number.NEGATIVE_INFINITY }
  for (let index = from; index <= to && index < logs.length; index += 1) {
    // Least squares = largest distance between the sides' means, weighted by their sizes.
    const after = total - before
    const gain = index === 0 ? 0 : before ** 2 / index + after ** 2 / (logs.length - index)
    if (gain > best.gain) best = { index, gain }
    before += logs[index] ?? 0
  }
  return best.index
}

/**
 * Values on the scale on which levels are compared: logs of values that are never negative, a tenth of their median
 * added so that a zero is no abyss; other series, and those that are mostly zero, as they are.
 */
function levelScores(values: readonly number[]): number[] {
  const offset = scoreOffset(values)
  return offset === undefined ? values.slice() : values.map((value) => Math.log(value + offset))
}

/** What `levelScores` adds before the log; absent when it takes none. */
export function scoreOffset(values: readonly number[]): number | undefined {
  const sorted = ascending(values)
  const middle = medianOfSorted(sorted)
  return middle > 0 && (sorted[0] ?? 0) >= 0 ? middle / 10 : undefined
}

function winsorized(logs: readonly number[], hint: number): readonly number[] {
  const middleBefore = medianOfSorted(ascending(logs.slice(0, hint)))
  const middleAfter = medianOfSorted(ascending(logs.slice(hint)))
  const deviations = logs.slice(0, hint).map((value) => Math.abs(value - middleBefore))
  const reach = 4 * 1.4826 * medianOfSorted(ascending(deviations))
  const low = Math.min(middleBefore, middleAfter) - reach
  const high = Math.max(middleBefore, middleAfter) + reach
  // Half a side without values has no median: nothing is pulled in.
  if (!(low <= high)) return logs
  const centre = (low + high) / 2
  return logs.map((value) => Math.min(Math.max(value, low), high) - centre)
}
