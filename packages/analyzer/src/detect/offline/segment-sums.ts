/** Sums from which the least squares of any stretch follow at once. `end` is the index after the last, as everywhere. */
export class SegmentSums {
  readonly count: number
  readonly #origin: number
  readonly #sums: Float64Array
  readonly #squares: Float64Array
  /** Of value times index. */
  readonly #moments: Float64Array

  constructor(scores: readonly number[]) {
    this.count = scores.length
    this.#sums = new Float64Array(scores.length + 1)
    this.#squares = new Float64Array(scores.length + 1)
    this.#moments = new Float64Array(scores.length + 1)
    // About the mean, so that differences of sums lose nothing to rounding.
    this.#origin = scores.reduce((sum, score) => sum + score, 0) / scores.length
    for (const [index, score] of scores.entries()) {
      const value = score - this.#origin
      this.#sums[index + 1] = at(this.#sums, index) + value
      this.#squares[index + 1] = at(this.#squares, index) + value * value
      this.#moments[index + 1] = at(this.#moments, index) + value * index
    }
  }

  /** Mean from `split` on less the mean before it. */
  step(start: number, split: number, end: number): number {
    const before = at(this.#sums, split) - at(this.#sums, start)
    const after = at(this.#sums, end) - at(this.#sums, split)
    return after / (end - split) - before / (split - start)
  }

  /** By how much two levels lessen the squares that one leaves. */
  stepGain(start: number, split: number, end: number): number {
    const step = this.step(start, split, end)
    return (step * step * (split - start) * (end - split)) / (end - start)
  }

  /** By how much a straight line lessens them. */
  lineGain(start: number, end: number): number {
    const covariance = this.#covariance(start, end)
    return end - start < 2 ? 0 : covariance ** 2 / spread(start, end)
  }

  /** What one level leaves. */
  squares(start: number, end: number): number {
    const sum = at(this.#sums, end) - at(this.#sums, start)
    const whole = at(this.#squares, end) - at(this.#squares, start)
    return Math.max(0, whole - (sum * sum) / (end - start))
  }

  mean(start: number, end: number): number {
    return this.#origin + (at(this.#sums, end) - at(this.#sums, start)) / (end - start)
  }

  /** The split with the largest gain, at least `minSide` from both ends; the middle where there is no room. */
  bestSplit(start: number, end: number, minSide: number): number {
    const sums = this.#sums
    const first = at(sums, start)
    const total = at(sums, end) - first
    const count = end - start
    let best = (start + end) >> 1
    let most = -1
    // The innermost loop of the search. Largest |sum before - its share of the total| weighted by the sides' sizes.
    for (let split = start + minSide; split <= end - minSide; split += 1) {
      const size = split - start
      const off = (sums[split] as number) - first - (total * size) / count
      const gain = (off * off) / (size * (count - size))
      if (gain <= most) continue
      most = gain
      best = split
    }
    return best
  }

  #covariance(start: number, end: number): number {
    const sum = at(this.#sums, end) - at(this.#sums, start)
    const moment = at(this.#moments, end) - at(this.#moments, start)
    return moment - ((start + end - 1) / 2) * sum
  }
}

/** The stretches between splits, first to last. */
export function stretches(
  splits: readonly number[],
  count: number,
): { readonly start: number; readonly end: number }[] {
  const ends = [...splits, count]
  return ends.map((end, at) => ({ start: at === 0 ? 0 : (ends[at - 1] ?? 0), end }))
}

/** Sum of squared distances of the indices to their middle. */
function spread(start: number, end: number): number {
  const count = end - start
  return (count * (count * count - 1)) / 12
}

/** Indices here lie within. */
function at(sums: Float64Array, index: number): number {
  return sums[index] as number
}
