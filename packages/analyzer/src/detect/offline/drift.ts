import { median } from '../../stats/median-change.ts'
import { candidateSplits } from './candidates.ts'
import type { Levels } from './evidence.ts'
import { noiseOf, varianceInflation } from './noise.ts'
import { pullIn } from './pull-in.ts'
import { SegmentSums, stretches } from './segment-sums.ts'
import { settledSplits } from './settle.ts'
import { evidenceThreshold } from './threshold.ts'

/** A series as levels that share one slope. */
export interface Segmentation {
  /** Of the scores without their drift, outliers pulled in. */
  readonly levels: Levels
  readonly splits: readonly number[]
  readonly slopePerValue: number
  /** Evidence that each split has at least. */
  readonly threshold: number
}

/** Candidates may be wrong: what is wrong goes, what is missing does not come. */
const CANDIDATE_EVIDENCE = 6
/** A slope that fits the levels it gave rise to is nearly found in two rounds. */
const MAX_ROUND_COUNT = 2
/** A place and a step are two; half a one more, since a place is sought among many. */
const PARAMETERS_PER_STEP = 2.5
/** A slope that moves the whole series by less than this part of a deviation is the same. */
const SAME_SLOPE_DEVIATIONS = 0.01

/**
 * Levels without a drift, or levels on one straight drift where that explains the series better. `extraEvidence` is
 * asked of each change beyond the threshold.
 *
 * Two slopes are tried: that of the whole series, as if it had no steps, and the one within the levels found without
 * any; each is measured again within the levels that it leads to. The lowest Schwarz criterion wins, a change counting
 * as two and a half parameters, the slope as one, correlated values as fewer.
 * Source: Schwarz, "Estimating the dimension of a model", Ann. Stat. 6 (1978).
 */
export function segmentation(scores: readonly number[], extraEvidence: number): Segmentation {
  const flat = levelsOn(scores, 0)
  const candidates = settledSplits(
    flat,
    candidateSplits(flat, CANDIDATE_EVIDENCE),
    CANDIDATE_EVIDENCE,
  )
  const threshold = evidenceThreshold(scores, candidates) + extraEvidence
  const still = {
    levels: flat,
    splits: settledSplits(flat, candidates, threshold),
    slopePerValue: 0,
  }
  let best = { ...still, threshold }
  if (still.splits.length === 0) return best
  const inflation = varianceInflation(flat.noise, scores.length)
  let least = criterion(still, inflation)
  const sameSlope = (SAME_SLOPE_DEVIATIONS * Math.sqrt(flat.noise.variance)) / scores.length
  for (let slope of [slopeOf(scores), flat.sums.commonSlope(still.splits)]) {
    for (let round = 0; round < MAX_ROUND_COUNT; round += 1) {
      const levels = levelsOn(scores, slope)
      const proposed = candidateSplits(levels, CANDIDATE_EVIDENCE)
      const splits = settledSplits(levels, proposed, threshold)
      const tried = { levels, splits, slopePerValue: slope }
      const value = criterion(tried, inflation)
      if (value < least) {
        least = value
        best = { ...tried, threshold }
      }
      const change = levels.sums.commonSlope(splits)
      if (Math.abs(change) < sameSlope) break
      slope += change
    }
  }
  return best
}

function levelsOn(scores: readonly number[], slope: number): Levels {
  const flattened = slope === 0 ? scores : scores.map((score, index) => score - slope * index)
  const tame = pullIn(flattened)
  return { sums: new SegmentSums(tame), noise: noiseOf(tame) }
}

function criterion(
  { levels: { sums }, splits, slopePerValue }: Omit<Segmentation, 'threshold'>,
  inflation: number,
): number {
  const squares = stretches(splits, sums.count).reduce(
    (sum, { start, end }) => sum + sums.squares(start, end),
    0,
  )
  const parameters = PARAMETERS_PER_STEP * splits.length + (slopePerValue === 0 ? 0 : 1)
  const variance = Math.max(squares / sums.count, Number.MIN_VALUE)
  return (sums.count / inflation) * Math.log(variance) + parameters * Math.log(sums.count)
}

/** The median slope between scores half a series apart. Source: Theil (1950), with n / 2 of the pairs. */
function slopeOf(scores: readonly number[]): number {
  const half = scores.length >> 1
  // Both indices lie within.
  const slopes = Array.from(
    { length: scores.length - half },
    (_, index) => ((scores[index + half] as number) - (scores[index] as number)) / half,
  )
  return median(slopes)
}
