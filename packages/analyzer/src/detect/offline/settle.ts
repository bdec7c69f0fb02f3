import { MIN_SIDE_COUNT } from './candidates.ts'
import { evidenceOf, isDrift, type Levels, type Split } from './evidence.ts'

/** A level between two changes that lasts shorter is a hiccup, as it is online. */
const HICCUP_COUNT = 6
/** A change moves when a neighbour goes, and then its other neighbour may. */
const MOVE_ROUND_COUNT = 2

/**
 * Removes the weakest change until all have the evidence asked for, none is a drift and none bounds a hiccup; every
 * change moves to the best place between its neighbours. Backward elimination: a wrong candidate takes evidence from
 * its neighbours only as long as it stands.
 */
export function settledSplits(
  levels: Levels,
  candidates: readonly number[],
  minEvidence: number,
): number[] {
  const splits = [...candidates]
  for (let round = 0; round < MOVE_ROUND_COUNT; round += 1)
    for (let at = 0; at < splits.length; at += 1) move(levels, splits, at)
  const worth = splits.map((_, at) => worthOf(levels, splitAt(levels, splits, at)))
  for (;;) {
    const weakest = weakestOf(worth, minEvidence) ?? hiccupEnd(splits, worth)
    if (weakest === undefined) return splits
    splits.splice(weakest, 1)
    worth.splice(weakest, 1)
    for (const at of [weakest - 1, weakest]) move(levels, splits, at)
    for (let at = weakest - 2; at <= weakest + 1; at += 1)
      if (at >= 0 && at < splits.length) worth[at] = worthOf(levels, splitAt(levels, splits, at))
  }
}

/** A change with the levels on its sides. */
export function splitAt({ sums }: Levels, splits: readonly number[], at: number): Split {
  // `at` is an index of `splits`.
  const split = splits[at] as number
  return { start: splits[at - 1] ?? 0, split, end: splits[at + 1] ?? sums.count }
}

function move(levels: Levels, splits: number[], at: number): void {
  if (at < 0 || at >= splits.length) return
  const { start, end } = splitAt(levels, splits, at)
  splits[at] = levels.sums.bestSplit(start, end, MIN_SIDE_COUNT)
}

/** A drift is worth nothing, whatever it weighs; of two drifts the lighter goes first. */
function worthOf(levels: Levels, split: Split): number {
  const evidence = evidenceOf(levels, split)
  return isDrift(levels.sums, split)
    ? Math.min(evidence, 0) - 1 / (1 + Math.max(0, evidence))
    : evidence
}

function weakestOf(worth: readonly number[], minEvidence: number): number | undefined {
  let weakest: number | undefined
  let least = minEvidence
  for (const [at, one] of worth.entries()) {
    if (one >= least) continue
    least = one
    weakest = at
  }
  return weakest
}

/** The lighter end of the first level between two changes that is too short to be one. */
function hiccupEnd(splits: readonly number[], worth: readonly number[]): number | undefined {
  for (let at = 1; at < splits.length; at += 1) {
    const length = (splits[at] as number) - (splits[at - 1] as number)
    if (length < HICCUP_COUNT)
      return (worth[at - 1] as number) < (worth[at] as number) ? at - 1 : at
  }
  return undefined
}
