/**
 * Change points of the mean by exact penalised least squares, quadratic time: Killick, Fearnhead, Eckley, "Optimal
 * detection of changepoints with a linear computational cost", JASA 107 (2012). Nothing of the analyzer is in it.
 *
 * The penalty is `penaltyFactor` x variance x log n, the variance from the median difference of neighbours.
 */
export function pelt(
  values: readonly number[],
  { penaltyFactor, minLength }: { penaltyFactor: number; minLength: number },
): number[] {
  const n = values.length
  const penalty = penaltyFactor * differenceVariance(values) * Math.log(n)
  const sums = cumulative(values)
  const squares = cumulative(values.map((value) => value * value))
  const cost = (from: number, to: number) => {
    const sum = at(sums, to) - at(sums, from)
    return at(squares, to) - at(squares, from) - (sum * sum) / (to - from)
  }
  const best = new Array<number>(n + 1).fill(Number.POSITIVE_INFINITY)
  const previous = new Array<number>(n + 1).fill(0)
  best[0] = -penalty
  let open = [0]
  for (let end = minLength; end <= n; end += 1) {
    for (const start of open) {
      if (end - start < minLength) continue
      const total = at(best, start) + cost(start, end) + penalty
      if (total >= at(best, end)) continue
      best[end] = total
      previous[end] = start
    }
    open = open.filter(
      (start) => end - start < minLength || at(best, start) + cost(start, end) <= at(best, end),
    )
    if (end - minLength + 1 > 0) open.push(end - minLength + 1)
  }
  return path(previous, n)
}

function path(previous: readonly number[], n: number): number[] {
  const found: number[] = []
  for (let end = at(previous, n); end > 0; end = at(previous, end)) found.push(end)
  return found.reverse()
}

function differenceVariance(values: readonly number[]): number {
  const sizes = values.slice(1).map((value, index) => Math.abs(value - at(values, index)))
  const middle = at(
    sizes.sort((a, b) => a - b),
    sizes.length >> 1,
  )
  return (middle / 0.6745 / Math.SQRT2) ** 2
}

function cumulative(values: readonly number[]): number[] {
  const sums = [0]
  for (const value of values) sums.push(at(sums, sums.length - 1) + value)
  return sums
}

/** Indices here lie within. */
function at(values: readonly number[], index: number): number {
  return values[index] as number
}
