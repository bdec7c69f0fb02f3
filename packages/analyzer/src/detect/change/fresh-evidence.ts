import { hashText, uniformFrom } from '../../stats/hash-uniform.ts'

/**
 * How much the executions after a confirmation speak for a change that was confirmed before them. Plain data.
 *
 * The detector's evidence ends with the confirmation, since a new baseline begins. These executions had no part in it,
 * so what they say may be multiplied with it.
 */
export interface FreshEvidence {
  readonly changeId: string
  readonly direction: 'up' | 'down'
  /** Of the detector, natural logarithm. */
  readonly logBefore: number
  /** Values before the confirmation, then the fresh ones: each is ranked among all before it. */
  readonly values: number[]
  /** What each bettor has made of a stake of 1. */
  readonly wealths: number[]
  freshCount: number
}

/** So many fresh executions are asked; a change that they leave open is not told. */
export const MAX_FRESH_COUNT = 100

/** Bets on the outermost share in the change's direction; the rest of the stake is kept. As the level detector's. */
const BETTORS: readonly { readonly tailRatio: number; readonly stakeRatio: number }[] = [
  0.04, 0.12, 0.25, 0.5,
].flatMap((tailRatio) => [0.4, 0.85].map((stakeRatio) => ({ tailRatio, stakeRatio })))
/** More says nothing, and it stays finite. */
const MAX_WEALTH = 1e200

export function emptyFreshEvidence(change: {
  readonly id: string
  readonly direction: 'up' | 'down'
  readonly logEvidence: number
  readonly known: readonly number[]
}): FreshEvidence {
  const { id, direction, logEvidence, known } = change
  return {
    changeId: id,
    direction,
    logBefore: logEvidence,
    values: [...known],
    wealths: BETTORS.map(() => 1),
    freshCount: 0,
  }
}

/**
 * Shows it one more execution; returns the natural logarithm of all evidence so far. O(values).
 *
 * Without a change the rank of a value among all before it is uniform whatever the distribution, so each bettor's wealth has
 * mean 1, and so has their mean. Source: Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World" (2005), ch. 7.
 */
export function betFresh(
  fresh: FreshEvidence,
  { value, executionId }: { value: number; executionId: string },
): number {
  if (!Number.isFinite(value)) return logEvidenceOf(fresh)
  const tail = tailOf(fresh, value, uniformFrom(hashText(executionId), 0))
  for (const [index, { tailRatio, stakeRatio }] of BETTORS.entries()) {
    const payout = 1 - stakeRatio + (tail < tailRatio ? stakeRatio / tailRatio : 0)
    fresh.wealths[index] = Math.min((fresh.wealths[index] ?? 0) * payout, MAX_WEALTH)
  }
  fresh.values.push(value)
  fresh.freshCount += 1
  return logEvidenceOf(fresh)
}

function logEvidenceOf({ logBefore, wealths }: FreshEvidence): number {
  return logBefore + Math.log(wealths.reduce((sum, one) => sum + one, 0) / wealths.length)
}

/** Share of values as far out or further, in the direction of the change; ties by lot. */
function tailOf({ values, direction }: FreshEvidence, value: number, uniform: number): number {
  let beyond = 0
  let equal = 0
  for (const other of values) {
    if (other === value) equal += 1
    else if (other > value === (direction === 'up')) beyond += 1
  }
  return (beyond + uniform * (equal + 1)) / (values.length + 1)
}
