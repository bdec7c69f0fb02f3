import { keptDigits } from '../../stats/kept-digits.ts'
import {
  LEFT_BLOCK_COUNT,
  LEFT_COUNT,
  LEFT_ENERGY,
  LEFT_RATIO,
  LEFT_SUM,
  LEFT_YOUNG,
  LEFT_YOUNG_COUNT,
} from './level-rows.ts'

/**
 * How much neighbours still share when a series was whitened: sums over blocks of a white series vary as much as their
 * values do, those of a wandering one more. Plain data.
 */
export interface Leftover {
  /** Of the block that fills: values, their sum, the sum of their squares. */
  readonly count: number
  readonly sum: number
  readonly energy: number
  /** Squared sum by energy of blocks that are too young to count: a change under test must not look like wandering. */
  readonly young: readonly number[]
  /** Blocks that count, and their mean. */
  readonly blockCount: number
  readonly ratio: number
}

/** Values a block: wandering that lasts longer than the echo of a few shows in its sum. */
const BLOCK_COUNT = 20
/** Blocks that do not count yet: a change is mostly told within so many values. */
const MAX_YOUNG_COUNT = 3
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

export function beginLeftover(figures: Float64Array, at: number): void {
  figures.fill(0, at + LEFT_COUNT, at + LEFT_YOUNG)
  figures[at + LEFT_RATIO] = WHITE_RATIO
}

/** Takes in a deviation from the level, outliers pulled in. */
export function learnLeftover(figures: Float64Array, at: number, deviation: number): void {
  // Indices below the length, here and below.
  const count = (figures[at + LEFT_COUNT] as number) + 1
  const sum = keptDigits((figures[at + LEFT_SUM] as number) + deviation)
  const energy = keptDigits((figures[at + LEFT_ENERGY] as number) + deviation * deviation)
  const isFull = count >= BLOCK_COUNT
  figures[at + LEFT_COUNT] = isFull ? 0 : count
  figures[at + LEFT_SUM] = isFull ? 0 : sum
  figures[at + LEFT_ENERGY] = isFull ? 0 : energy
  if (isFull)
    endBlock(figures, at, energy > 0 ? keptDigits(Math.min(sum ** 2 / energy, MAX_RATIO)) : 0)
}

/** Once it is old enough, a block counts. */
function endBlock(figures: Float64Array, at: number, ofBlock: number): void {
  const youngCount = figures[at + LEFT_YOUNG_COUNT] as number
  figures[at + LEFT_YOUNG + youngCount] = ofBlock
  if (youngCount < MAX_YOUNG_COUNT) {
    figures[at + LEFT_YOUNG_COUNT] = youngCount + 1
    return
  }
  const old = figures[at + LEFT_YOUNG] as number
  figures.copyWithin(at + LEFT_YOUNG, at + LEFT_YOUNG + 1, at + LEFT_YOUNG + youngCount + 1)
  const blockCount = Math.min((figures[at + LEFT_BLOCK_COUNT] as number) + 1, MAX_BLOCK_COUNT)
  const ratio = figures[at + LEFT_RATIO] as number
  figures[at + LEFT_BLOCK_COUNT] = blockCount
  figures[at + LEFT_RATIO] = keptDigits(ratio + (old - ratio) / blockCount)
}

/** By how much logarithms of evidence overstate: long-run variance by variance, 1 while it cannot be told from 1. */
export function overstatement(figures: Float64Array, at: number): number {
  const blockCount = figures[at + LEFT_BLOCK_COUNT] as number
  if (blockCount < MIN_BLOCK_COUNT) return 1
  const factor = (figures[at + LEFT_RATIO] as number) / WHITE_RATIO
  return factor > 1 + SURE * Math.sqrt(2 / blockCount) ? Math.min(factor, MAX_OVERSTATEMENT) : 1
}
