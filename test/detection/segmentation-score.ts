/**
 * F1 of change points against those of several annotators, with a margin, as van den Burg and Williams define it
 * ("An Evaluation of Change Point Detection Algorithms", 2020, section 4.2): the first value counts as a change point
 * on both sides, precision is against all annotators together, recall is the mean over them.
 */
export function f1Score(
  annotations: readonly (readonly number[])[],
  found: readonly number[],
  margin: number,
): number {
  const predicted = withFirst(found)
  const together = withFirst(annotations.flat())
  const precision = truePositiveCount(together, predicted, margin) / predicted.length
  const recalls = annotations.map((one) => {
    const wanted = withFirst(one)
    return truePositiveCount(wanted, predicted, margin) / wanted.length
  })
  const recall = mean(recalls)
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
}

/** Mean over annotators of how well the best found segment covers each of theirs (Jaccard), by length (ibid.). */
export function coverScore(
  annotations: readonly (readonly number[])[],
  found: readonly number[],
  count: number,
): number {
  const predicted = segmentsOf(found, count)
  return mean(
    annotations.map((one) => {
      const covered = segmentsOf(one, count).map(
        (segment) =>
          (segment.end - segment.start) *
          Math.max(...predicted.map((other) => overlapRatio(segment, other))),
      )
      return covered.reduce((sum, part) => sum + part, 0) / count
    }),
  )
}

interface Segment {
  readonly start: number
  readonly end: number
}

/** Each true change point is found by at most one, the nearest that is not taken. */
function truePositiveCount(truth: readonly number[], found: readonly number[], margin: number) {
  const free = new Set(found)
  let count = 0
  for (const one of truth) {
    const near = [...free].filter((other) => Math.abs(other - one) <= margin)
    if (near.length === 0) continue
    free.delete(near.reduce((a, b) => (Math.abs(b - one) < Math.abs(a - one) ? b : a)))
    count += 1
  }
  return count
}

function segmentsOf(changePoints: readonly number[], count: number): Segment[] {
  const starts = withFirst(changePoints)
  return starts.map((start, at) => ({ start, end: starts[at + 1] ?? count }))
}

function overlapRatio(a: Segment, b: Segment): number {
  const shared = Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start))
  return shared / (Math.max(a.end, b.end) - Math.min(a.start, b.start))
}

function withFirst(changePoints: readonly number[]): number[] {
  return [...new Set([0, ...changePoints])].sort((a, b) => a - b)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
