import { candidateSplits } from './candidates.ts'
import type { Levels } from './evidence.ts'
import { noiseOf, varianceInflation } from './noise.ts'
import { pullIn } from './pull-in.ts'
import { SegmentSums, stretches } from './segment-sums.ts'
import { settledSplits } from './settle.ts'
import { addDrift, type DriftCurve, driftWithin } from './smooth-drift.ts'
import { evidenceThreshold } from './threshold.ts'

/** A series as levels on a common drift. */
export interface Segmentation {
  /** Of the scores without their drift, outliers pulled in. */
  readonly levels: Levels
  readonly splits: readonly number[]
  /** Absent where no drift explains the series better. */
  readonly drift: DriftCurve | undefined
  /** Evidence that each split has at least. */
  readonly threshold: number
}

/** Levels on a drift that is tried. */
interface Trial extends Omit<Segmentation, 'threshold'> {
  /** Without the drift, outliers pulled in. */
  readonly tame: readonly number[]
  readonly degree: number
}

/** Candidates may be wrong: what is wrong goes, what is missing does not come. */
const CANDIDATE_EVIDENCE = 6
/** A straight drift, and one that bends twice: there and back again. */
const DEGREES = [1, 3]
/** A drift that fits the levels it gave rise to is nearly found in two rounds. */
const MAX_ROUND_COUNT = 2
/** A place and a step are two; three quarters more, since a place is sought among many. */
const PARAMETERS_PER_STEP = 2.75
/** A coefficient is one; a third more, since drifts of several degrees are tried. */
const PARAMETERS_PER_POWER = 4 / 3

/**
 * Levels without a drift, or levels on a smooth one where that explains the series better. `extraEvidence` is asked of
 * each change beyond the threshold.
 *
 * Two drifts are tried of each degree: that of the whole series, as if it had no steps, and the one within the levels
 * found without any; each is measured again within the levels that it leads to. The lowest Schwarz criterion wins, a
 * change counting as 2.75 parameters, a drift as four thirds of its degree, correlated values as fewer.
 * Source: Schwarz, "Estimating the dimension of a model", Ann. Stat. 6 (1978).
 */
export function segmentation(scores: readonly number[], extraEvidence: number): Segmentation {
  const flat = levelsOn(scores, undefined)
  const candidates = settledSplits(
    flat.levels,
    candidateSplits(flat.levels, CANDIDATE_EVIDENCE),
    CANDIDATE_EVIDENCE,
  )
  const threshold = evidenceThreshold(scores, candidates) + extraEvidence
  const splits = settledSplits(flat.levels, candidates, threshold)
  const still: Trial = { ...flat, splits, drift: undefined, degree: 0 }
  if (splits.length === 0) return { ...still, threshold }
  const inflation = varianceInflation(flat.levels.noise, scores.length)
  let best = still
  for (const degree of DEGREES) {
    for (const begin of [[], splits]) {
      let drift = driftWithin(flat.tame, begin, degree)
      for (let round = 0; round < MAX_ROUND_COUNT; round += 1) {
        const tried = trialOn(scores, { drift, degree, threshold })
        if (criterion(tried, inflation) < criterion(best, inflation)) best = tried
        drift = addDrift(drift, driftWithin(tried.tame, tried.splits, degree))
      }
    }
  }
  return { levels: best.levels, splits: best.splits, drift: best.drift, threshold }
}

function trialOn(
  scores: readonly number[],
  { drift, degree, threshold }: { drift: DriftCurve; degree: number; threshold: number },
): Trial {
  const { levels, tame } = levelsOn(scores, drift)
  const proposed = candidateSplits(levels, CANDIDATE_EVIDENCE)
  return { levels, tame, splits: settledSplits(levels, proposed, threshold), drift, degree }
}

function levelsOn(
  scores: readonly number[],
  drift: DriftCurve | undefined,
): Pick<Trial, 'levels' | 'tame'> {
  const level =
    drift === undefined ? scores : scores.map((score, at) => score - (drift[at] as number))
  const tame = pullIn(level)
  return { tame, levels: { sums: new SegmentSums(tame), noise: noiseOf(tame) } }
}

function criterion({ levels: { sums }, splits, degree }: Trial, inflation: number): number {
  const squares = stretches(splits, sums.count).reduce(
    (sum, { start, end }) => sum + sums.squares(start, end),
    0,
  )
  const parameters = PARAMETERS_PER_STEP * splits.length + PARAMETERS_PER_POWER * degree
  const variance = Math.max(squares / sums.count, Number.MIN_VALUE)
  return (sums.count / inflation) * Math.log(variance) + parameters * Math.log(sums.count)
}
