import { uniformFrom } from '../../stats/hash-uniform.ts'
import { median } from '../../stats/median-change.ts'
import { largestEvidence } from './candidates.ts'
import { noiseOf } from './noise.ts'
import { pullIn } from './pull-in.ts'
import { SegmentSums, stretches } from './segment-sums.ts'

/** What normal noise gives at most in one series of twenty, drift and unknown noise included: docs/math/change-points.md. */
const LEAST_THRESHOLD = 7.5
/** How often the noise is dealt out anew. */
const DEAL_COUNT = 19
/** What normal noise gives, as so many further deals: nineteen alone say little of a spread. */
const USUAL = { mean: 3, deviation: 2.5, count: 10 } as const
/** So many deviations above the mean of the largest evidence. */
const REACH_DEVIATIONS = 1.2
/** Blocks keep what follows each other together: correlation, bursts of outliers. */
const MAX_BLOCK_COUNT = 8
/** Evidence is told beyond what the length of a series gives by itself, so that a part of a long one is enough. */
const MAX_DEALT_COUNT = 1_000

/**
 * The evidence that a change must have: what chance gives this very noise. The residuals of the candidate levels are
 * dealt out anew in blocks, which leaves no level, and searched as the series was; outliers, heavy tails and modes
 * raise the threshold as far as they imitate changes. Deterministic: the deals come from a hash.
 * Source: Kunsch, "The jackknife and the bootstrap for general stationary observations", Ann. Stat. 17 (1989).
 */
export function evidenceThreshold(
  scores: readonly number[],
  candidates: readonly number[],
): number {
  if (candidates.length === 0) return LEAST_THRESHOLD
  const blockCount = blockLength(scores.length)
  const residuals = residualsOf(scores, withoutHiccups(candidates, 2 * blockCount))
  const largest = Array.from({ length: DEAL_COUNT }, (_, deal) => {
    const dealt = pullIn(dealOut(residuals, { deal, blockCount }))
    return largestEvidence({ sums: new SegmentSums(dealt), noise: noiseOf(dealt) })
  })
  const count = DEAL_COUNT + USUAL.count
  const mean = (sumOf(largest) + USUAL.count * USUAL.mean) / count
  const squares = sumOf(largest.map((one) => (one - mean) ** 2))
  const deviation = Math.sqrt((squares + USUAL.count * USUAL.deviation ** 2) / count)
  return Math.max(LEAST_THRESHOLD, mean + REACH_DEVIATIONS * deviation)
}

function blockLength(count: number): number {
  return Math.min(MAX_BLOCK_COUNT, Math.max(1, Math.round(0.35 * Math.sqrt(count))))
}

/** Levels shorter than this between two others may be bursts of outliers: they stay among the residuals. */
function withoutHiccups(splits: readonly number[], minCount: number): number[] {
  const kept: number[] = []
  for (const split of splits) {
    const last = kept.at(-1)
    if (last !== undefined && split - last < minCount) kept.pop()
    else kept.push(split)
  }
  return kept
}

function residualsOf(scores: readonly number[], splits: readonly number[]): number[] {
  return stretches(splits, scores.length).flatMap(({ start, end }) => {
    const part = scores.slice(start, end)
    const middle = median(part)
    return part.map((score) => score - middle)
  })
}

/** Blocks in an order that a hash decides; where the first begins, too. */
function dealOut(
  residuals: readonly number[],
  { deal, blockCount }: { deal: number; blockCount: number },
): number[] {
  const count = residuals.length
  const shift = Math.floor(uniformFrom(deal, count) * blockCount)
  const starts = Array.from({ length: Math.ceil(count / blockCount) }, (_, at) => at * blockCount)
  for (let at = starts.length - 1; at > 0; at -= 1) {
    const other = Math.floor(uniformFrom(deal, at) * (at + 1))
    // Both are indices of `starts`.
    const start = starts[at] as number
    starts[at] = starts[other] as number
    starts[other] = start
  }
  const dealt: number[] = []
  for (const start of starts.slice(0, Math.ceil(MAX_DEALT_COUNT / blockCount)))
    for (let at = start; at < Math.min(count, start + blockCount); at += 1)
      dealt.push(residuals[(at + shift) % count] as number)
  return dealt
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
