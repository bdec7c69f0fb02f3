import { keptDigits } from '../../stats/kept-digits.ts'

/**
 * How much neighbours still share when a series was whitened: sums over blocks of a white series vary as much as their
 * values do, those of a wandering one more. Plain data.
 */
export interface Leftover {
  /** Of the block that fills: values, their sum, the sum of their squares. */
  count: number
  sum: number
  energy: number
  /** Squared sum by energy of blocks that are too young to count: a change under test must not look like wandering. */
  readonly young: number[]
  /** Blocks that count, and their mean. */
  blockCount: number
  ratio: number
}

/** Values a block: wandering that lasts longer than the echo of a few shows in its sum. */
const BLOCK_COUNT = 20
/** Blocks that do not count yet: a change is mostly told within so many values. */
const YOUNG_COUNT = 3
/** The memory is that of so many blocks. */
const MAX_BLOCK_COUNT = 200
/** A block into which a change fell counts as much as six healthy ones, no more. */
const MAX_RATIO = 6
/** The mean of a white series: the cap takes the rest. Measured. */
const WHITE_RATIO = 0.95
/** Standard errors above it from which on a series is held to wander: white ones must not pay for it. */
const SURE = 3
const MIN_BLOCK_COUNT = 4
const MAX_OVERSTATEMENT = 8

export function emptyLeftover(): Leftover {
  return { count: 0, sum: 0, energy: 0, young: [], blockCount: 0, ratio: WHITE_RATIO }
}

/** Takes in a deviation from the level, outliers pulled in. */
export function learnLeftover(leftover: Leftover, deviation: number): void {
  leftover.count += 1
  leftover.sum = keptDigits(leftover.sum + deviation)
  leftover.energy = keptDigits(leftover.energy + deviation * deviation)
  if (leftover.count < BLOCK_COUNT) return
  const { young, sum, energy } = leftover
  young.push(energy > 0 ? keptDigits(Math.min(sum ** 2 / energy, MAX_RATIO)) : 0)
  leftover.count = 0
  leftover.sum = 0
  leftover.energy = 0
  if (young.length <= YOUNG_COUNT) return
  const ratio = young.shift() ?? 0
  leftover.blockCount = Math.min(leftover.blockCount + 1, MAX_BLOCK_COUNT)
  leftover.ratio = keptDigits(leftover.ratio + (ratio - leftover.ratio) / leftover.blockCount)
}

/** By how much logarithms of evidence overstate: long-run variance by variance, 1 while it cannot be told from 1. */
export function overstatement({ blockCount, ratio }: Leftover): number {
  if (blockCount < MIN_BLOCK_COUNT) return 1
  const factor = ratio / WHITE_RATIO
  return factor > 1 + SURE * Math.sqrt(2 / blockCount) ? Math.min(factor, MAX_OVERSTATEMENT) : 1
}
