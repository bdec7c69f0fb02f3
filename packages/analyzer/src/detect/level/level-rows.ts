import { RANK_BETTOR_COUNT } from './rank-payouts.ts'
import { MAX_REGION_COUNT, SHAPE_BETTOR_COUNT } from './shape.ts'

/**
 * The level series of one flow, a row of numbers each, all in one block: every execution of a flow asks all of them, mostly long
 * after the one before, and what lies together comes from memory at once. `level-series.ts` is what they mean,
 * `plain-series.ts` their form as plain data.
 */
export interface LevelRows {
  /** Rows in use. */
  count: number
  /** `FIGURE_COUNT` a row, at the places below. */
  figures: Float64Array
  /** `WHOLE_COUNT` a row: whole numbers, at the places below those. */
  wholes: Int32Array
  /** How often each key came, row by row: `baselines.ts`. */
  keys: Int32Array
  /** Evidence of each row after its last bet. */
  evidences: Float64Array
  /** What each row is shown next, nothing where it is negative or NaN; then its log, and what whitening leaves of that. */
  values: Float64Array
  /** In (0, 1): places each value among equal ones, so that ties are no obstacle. */
  uniforms: Float64Array
}

/** Rows that are shown a value each, and when. */
export interface Shown {
  readonly from: number
  readonly to: number
  /** Position in the flow's history: what `leadingRun` answers in. */
  readonly sequence: number
  readonly unixMs: number
}

/** In place of a key: these are whole numbers >= 0. */
export const NONE = -1
/** In place of a key that is still a log. */
export const UNKEYED = -2

export const BETTOR_COUNT: number = RANK_BETTOR_COUNT + SHAPE_BETTOR_COUNT
/** Sums are kept in parts of this, a power of 2: nobody needs more, and snapshots stay short. In a row they are counted in such parts. */
export const SUM_PARTS = 64
/** Keys under test, and the one that joins them. */
export const YOUNG_ROOM = 17
/** Blocks that are too young to count, and the one that joins them. */
export const LEFT_YOUNG_ROOM = 4

/** Places of the figures in a row. Place 0 is nobody's: what is written there says nothing. Then members of `Whitening`, … */
export const COUNT = 1
export const SCALE = 2
export const ECHO = 3
export const DEVIATION = 4
export const PAIR_COUNT = 5
export const PRODUCT = 6
export const SQUARE = 7
export const TUNED_COUNT = 8
/** … of its `Season`: 1 once there is one, … */
export const HAS_SEASON = 9
export const IS_USED = 10
export const SINCE_UNIX_MS = 11
export const WAVE_LEVEL = 12
export const FLAT_LEVEL = 13
export const WAVE_ERROR = 14
export const FLAT_ERROR = 15
export const WAVES = 16
/** … of its `Leftover`, … */
export const LEFT_COUNT: number = WAVES + 4
export const LEFT_SUM: number = LEFT_COUNT + 1
export const LEFT_ENERGY: number = LEFT_COUNT + 2
export const LEFT_BLOCK_COUNT: number = LEFT_COUNT + 3
export const LEFT_RATIO: number = LEFT_COUNT + 4
export const LEFT_YOUNG_COUNT: number = LEFT_COUNT + 5
export const LEFT_YOUNG: number = LEFT_COUNT + 6
/** … and of the series itself, its sums in parts of `SUM_PARTS`. */
export const REFUSED_COUNT: number = LEFT_YOUNG + LEFT_YOUNG_ROOM
export const SUMS: number = REFUSED_COUNT + 1
export const STARTS: number = SUMS + BETTOR_COUNT
/** While a bet is settled: what a ‰ of belief in the key's region pays. */
export const PAY: number = STARTS + BETTOR_COUNT
export const FIGURE_COUNT: number = PAY + 1

/** Of `KINDS`. */
export const POSITIVE = 0
export const RATE = 1

/** Places of the whole numbers in a row: which of `KINDS` it is, members of the baseline's `Histogram`, … */
export const KIND = 0
export const TOTAL = 1
export const ZERO_COUNT = 2
export const FIRST_KEY = 3
export const SPAN = 4
/** … where in `keys` its counts stand, the key of the first one and how many have room, … */
export const KEYS_AT = 5
export const ROOM_KEY = 6
export const ROOM = 7
/** … the shape: 0 values when it was drawn are none, and each region is the border above it and its count, … */
export const SHAPE_TOTAL = 8
export const REGION_COUNT = 9
/** … and the young keys, a ring whose oldest stands at `YOUNG_FIRST`. */
export const YOUNG_FIRST = 10
export const YOUNG_COUNT = 11
/**
 * While a value is judged: its key, `NONE` where there is none; where what bettors on ranks are paid for it stands; and where
 * beliefs in its region do.
 */
export const KEY = 12
export const PAYOUTS_AT = 13
export const BELIEFS_AT = 14
export const REGIONS = 15
export const YOUNG: number = REGIONS + 2 * MAX_REGION_COUNT
export const SHARES: number = YOUNG + YOUNG_ROOM
export const WHOLE_COUNT: number = SHARES + MAX_REGION_COUNT * SHAPE_BETTOR_COUNT

/** No series, with room for some. */
export function emptyRows(room: number): LevelRows {
  return {
    count: 0,
    figures: new Float64Array(room * FIGURE_COUNT),
    wholes: new Int32Array(room * WHOLE_COUNT),
    keys: new Int32Array(0),
    evidences: new Float64Array(room),
    values: new Float64Array(room),
    uniforms: new Float64Array(room),
  }
}

/** Numbers of a line of memory. */
const [FIGURES_A_LINE, WHOLES_A_LINE] = [8, 16]

/**
 * Reads a number of each line that the next execution needs of all rows. Among many flows they lie far away, and a bet waits for one
 * line after the other, while these are asked for at once. The sum says nothing; it is there so that nobody leaves the reading out.
 */
export function fetchRows({ count, figures, wholes }: LevelRows): number {
  let sum = 0
  // Indices below the lengths.
  for (let at = 0; at < count * FIGURE_COUNT; at += FIGURES_A_LINE) sum += figures[at] as number
  for (let row = 0; row < count * WHOLE_COUNT; row += WHOLE_COUNT)
    for (let at = row; at < row + SHARES; at += WHOLES_A_LINE) sum += wholes[at] as number
  return sum
}

/** Makes room for so many more. */
export function reserveRows(rows: LevelRows, count: number): void {
  const needed = rows.count + count
  if (needed * FIGURE_COUNT <= rows.figures.length) return
  const { figures, wholes, evidences } = rows
  rows.figures = new Float64Array(needed * FIGURE_COUNT)
  rows.figures.set(figures)
  rows.wholes = new Int32Array(needed * WHOLE_COUNT)
  rows.wholes.set(wholes)
  rows.evidences = new Float64Array(needed)
  rows.evidences.set(evidences)
  rows.values = new Float64Array(needed)
  rows.uniforms = new Float64Array(needed)
}
