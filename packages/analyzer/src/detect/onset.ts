import { medianOfSorted } from '../stats/median-change.ts'

/**
 * Where the level of a short series most likely changed: the index of the first value after the change.
 *
 * The split that leaves the least squared error of logs about the mean of each side. Logs are pulled in to four
 * median deviations of the values before `hint` beyond the two levels' medians, so that an outlier is no change.
 * Candidates lie in [from, to]. O(n log n).
 * Source: Hinkley, "Inference about the change-point in a sequence of random variables", Biometrika 57 (1970).
 */
export function findOnset(
  values: readonly number[],
  { hint, from, to }: { hint: number; from: number; to: number },
): number {
  const logs = winsorized(values, hint)
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

function winsorized(values: readonly number[], hint: number): number[] {
  const offset = medianOfSorted(ascending(values)) / 10 + 1e-6
  const logs = values.map((value) => Math.log(value + offset))
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

function ascending(values: readonly number[]): number[] {
  return values.slice().sort((a, b) => a - b)
}
