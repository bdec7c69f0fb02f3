import { addToBaseline } from './baselines.ts'
import { growOld } from './grow-old.ts'
import { beginLeftover } from './leftover.ts'
import {
  BETTOR_COUNT,
  FIGURE_COUNT,
  KEY,
  KIND,
  type LevelRows,
  reserveRows,
  type Shown,
  STARTS,
  SUMS,
  WHOLE_COUNT,
} from './level-rows.ts'
import { RANK_BETTOR_COUNT } from './rank-payouts.ts'
import { settleBets } from './settle-bets.ts'
import { isUpward } from './shape.ts'
import { refuse, takeIn } from './take-in.ts'

/**
 * What the values of a series are: positive amounts (ms, bytes) that change by factors, 0 or 1 (did it fail), or whole
 * counts (executions per bucket of time).
 */
export type SeriesKind = (typeof KINDS)[number]

export const KINDS = ['positive', 'rate', 'count'] as const

/** The next value of a series. */
export interface SeriesInput {
  readonly value: number
  /** In (0, 1): places the value among equal ones, so that ties are no obstacle. */
  readonly uniform: number
  /** Position in the flow's history: what `leadingRun` answers in. */
  readonly sequence: number
  /** When it came. */
  readonly unixMs: number
}

/** Adds a series that knows nothing; its row. */
export function addSeries(rows: LevelRows, kind: SeriesKind): number {
  reserveRows(rows, 1)
  const row = rows.count
  rows.count += 1
  rows.wholes[row * WHOLE_COUNT + KIND] = KINDS.indexOf(kind)
  beginLeftover(rows.figures, row * FIGURE_COUNT)
  return row
}

/** Takes a value into the baseline without betting on it. */
export function learn(rows: LevelRows, row: number, input: SeriesInput): void {
  takeIn(rows, show(rows, row, input))
  const key = rows.wholes[row * WHOLE_COUNT + KEY] as number
  if (key >= 0) addToBaseline(rows, row, key)
}

/** `betOnAll` of one series: its evidence after it. */
export function bet(rows: LevelRows, row: number, input: SeriesInput): number {
  betOnAll(rows, show(rows, row, input))
  return rows.evidences[row] as number
}

/**
 * Evidence that series left the levels of their baselines: bets on what the rows are shown, then lets each key grow old enough to
 * join its baseline. Row by row in each of three loops, since a loop keeps its numbers where they are worked on; no series
 * knows of another.
 *
 * Season and echo are taken out of the values (`whitening.ts`); bettors then bet on where the next one falls among those
 * of the baseline: on its rank (`rank-payouts.ts`) and on the shape of the baseline (`shape.ts`). While nothing changes,
 * no bet is worth more than it costs. Each bettor's Shiryaev-Roberts sum grows when his belief is true: docs/math/level.md.
 *
 * In control the mean of the evidence is at most about n after n bets, so evidences of several series can be averaged by weight
 * under one budget. O(bettors + span of a region) a row, rarely O(span).
 */
export function betOnAll(rows: LevelRows, shown: Shown): void {
  takeIn(rows, shown)
  settleBets(rows, shown)
  growOld(rows, shown)
}

/** Where the run of the bettor that won most began, and what it bet on; of equals the youngest run. */
export function leadingRun(
  { figures }: LevelRows,
  row: number,
): { start: number; direction: 'up' | 'down' } {
  const at = row * FIGURE_COUNT
  const sums = figures.subarray(at + SUMS, at + SUMS + BETTOR_COUNT)
  const starts = figures.subarray(at + STARTS, at + STARTS + BETTOR_COUNT)
  const most = Math.max(...sums)
  let best = sums.indexOf(most)
  for (let bettor = best + 1; bettor < BETTOR_COUNT; bettor += 1) {
    const isYounger = (starts[bettor] ?? 0) > (starts[best] ?? 0)
    if (sums[bettor] === most && isYounger) best = bettor
  }
  const isUp =
    best < RANK_BETTOR_COUNT ? best < RANK_BETTOR_COUNT / 2 : isUpward(best - RANK_BETTOR_COUNT)
  return { start: starts[best] ?? 0, direction: isUp ? 'up' : 'down' }
}

/** Shows one row a value; one that is none counts as refused. */
function show(
  rows: LevelRows,
  row: number,
  { value, uniform, sequence, unixMs }: SeriesInput,
): Shown {
  rows.values[row] = value
  rows.uniforms[row] = uniform
  if (!(value >= 0)) refuse(rows, row)
  return { from: row, to: row + 1, sequence, unixMs }
}
