import { fadeHistogram } from '../../stats/histogram.ts'
import { addToBaseline, baselineOf, putBaseline } from './baselines.ts'
import {
  KEY,
  type LevelRows,
  SHAPE_TOTAL,
  type Shown,
  TOTAL,
  WHOLE_COUNT,
  YOUNG,
  YOUNG_COUNT,
  YOUNG_FIRST,
  YOUNG_ROOM,
} from './level-rows.ts'
import { countInRegion } from './regions.ts'

/** A value is under test for so many more; not at all while the baseline is so small that it needs every value. */
const MAX_YOUNG_COUNT: number = YOUNG_ROOM - 1
const NEEDY_COUNT = 100
const BASELINE_PER_YOUNG = 6
/** With that much evidence a change is under test: the baseline stays as it is. */
const UNDER_TEST = 1_000
/** Beyond this many values the older half fades: levels drift. */
const MAX_BASELINE_COUNT = 4_096
/** What is left of a baseline whose season came or went: enough to bet on, too little to mislead for long. */
const FORGOTTEN_DIVISOR = 8

/** Lets each key grow old enough to join its baseline, in rows where nothing is under test. */
export function growOld(rows: LevelRows, { from, to }: Shown): void {
  const { wholes, evidences } = rows
  for (let row = from; row < to; row += 1) {
    // Indices below the lengths, here and below.
    const key = wholes[row * WHOLE_COUNT + KEY] as number
    if (key >= 0 && (evidences[row] as number) < UNDER_TEST) addYoung(rows, row, key)
  }
}

/** The values will look otherwise from now on. */
export function forget(rows: LevelRows, row: number): void {
  fade(rows, row, FORGOTTEN_DIVISOR)
  rows.wholes[row * WHOLE_COUNT + YOUNG_COUNT] = 0
}

function addYoung(rows: LevelRows, row: number, key: number): void {
  const { wholes } = rows
  const at = row * WHOLE_COUNT
  const total = wholes[at + TOTAL] as number
  const first = wholes[at + YOUNG_FIRST] as number
  const count = (wholes[at + YOUNG_COUNT] as number) + 1
  wholes[at + YOUNG + ((first + count - 1) % YOUNG_ROOM)] = key
  if (count <= Math.min(MAX_YOUNG_COUNT, (total - NEEDY_COUNT) / BASELINE_PER_YOUNG)) {
    wholes[at + YOUNG_COUNT] = count
    return
  }
  wholes[at + YOUNG_FIRST] = (first + 1) % YOUNG_ROOM
  wholes[at + YOUNG_COUNT] = count - 1
  const old = wholes[at + YOUNG + first] as number
  addToBaseline(rows, row, old)
  countInRegion(rows, row, old)
  if (total >= MAX_BASELINE_COUNT) fade(rows, row, 2)
}

/** Leaves one value of the baseline in `divisor`; its shape is drawn anew. */
function fade(rows: LevelRows, row: number, divisor: number): void {
  const baseline = baselineOf(rows, row)
  fadeHistogram(baseline, divisor)
  putBaseline(rows, row, baseline)
  rows.wholes[row * WHOLE_COUNT + SHAPE_TOTAL] = 0
}
