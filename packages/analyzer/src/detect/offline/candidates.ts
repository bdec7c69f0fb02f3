import { evidenceOf, type Levels, leastGain, type Split } from './evidence.ts'

/** A level at an end may be as short as this. */
export const MIN_SIDE_COUNT = 3

/** A split with what speaks for it. */
interface Candidate extends Split {
  readonly gain: number
  readonly evidence: number
}

/**
 * Splits worth a closer look: of all seeded intervals within a stretch, and the stretch itself, the one with the
 * largest gain cuts it in two; where that has too little evidence, the one with the most. Ascending.
 *
 * Short intervals see short levels that a whole series would average away. O(n log n) for few changes.
 * Source: Kovacs, Buehlmann, Li, Munk, "Seeded binary segmentation", Biometrika 110 (2023).
 */
export function candidateSplits(levels: Levels, minEvidence: number): number[] {
  const { count } = levels.sums
  const open = [{ start: 0, end: count, inside: seededCandidates(levels, minEvidence) }]
  const found: number[] = []
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const { start, end, inside } = part
    if (end - start < 2 * MIN_SIDE_COUNT) continue
    const best = bestOf(candidateIn(levels, start, end), inside, minEvidence)
    if (best.evidence < minEvidence) continue
    const { split } = best
    found.push(split)
    open.push({ start, end: split, inside: inside.filter((one) => one.end <= split) })
    open.push({ start: split, end, inside: inside.filter((one) => one.start >= split) })
  }
  return found.sort((a, b) => a - b)
}

/** The largest evidence of any seeded interval, at least 0. */
export function largestEvidence(levels: Levels): number {
  let most = 0
  for (const [start, end] of seededIntervals(levels.sums.count)) {
    const split = levels.sums.bestSplit(start, end, MIN_SIDE_COUNT)
    most = Math.max(most, evidenceOf(levels, { start, split, end }))
  }
  return most
}

/** Of seeded intervals, those whose gain does not rule out the evidence: nearly all of a long series do. */
function seededCandidates(levels: Levels, minEvidence: number): Candidate[] {
  const candidates: Candidate[] = []
  for (const [start, end] of seededIntervals(levels.sums.count)) {
    const split = levels.sums.bestSplit(start, end, MIN_SIDE_COUNT)
    const gain = levels.sums.stepGain(start, split, end)
    if (gain < leastGain(levels, { start, split, end }, minEvidence)) continue
    candidates.push({
      start,
      split,
      end,
      gain,
      evidence: evidenceOf(levels, { start, split, end }),
    })
  }
  return candidates
}

function candidateIn(levels: Levels, start: number, end: number): Candidate {
  const split = levels.sums.bestSplit(start, end, MIN_SIDE_COUNT)
  const place = { start, split, end }
  const gain = levels.sums.stepGain(start, split, end)
  return { ...place, gain, evidence: evidenceOf(levels, place) }
}

function bestOf(whole: Candidate, inside: readonly Candidate[], minEvidence: number): Candidate {
  const strongest = inside.reduce((a, b) => (b.gain > a.gain ? b : a), whole)
  if (strongest.evidence >= minEvidence) return strongest
  return inside.reduce((a, b) => (b.evidence > a.evidence ? b : a), strongest)
}

/** Intervals of lengths n, n / sqrt 2, n / 2, …, each layer overlapping by half. */
function* seededIntervals(count: number): Generator<readonly [number, number]> {
  for (let length = count; length >= 2 * MIN_SIDE_COUNT; length /= Math.SQRT2) {
    const size = Math.round(length)
    const last = Math.ceil((count - size) / (size / 2))
    for (let place = 0; place <= last; place += 1) {
      const start = last === 0 ? 0 : Math.round(((count - size) * place) / last)
      yield [start, start + size]
    }
  }
}
