import { forget } from './grow-old.ts'
import {
  FIGURE_COUNT,
  KEY,
  KIND,
  type LevelRows,
  NONE,
  POSITIVE,
  RATE,
  REFUSED_COUNT,
  type Shown,
  UNKEYED,
  WHOLE_COUNT,
} from './level-rows.ts'
import { evidence } from './settle-bets.ts'
import { isTuneDue, tune, whiten } from './whitening.ts'

/** A key is so much of a logarithm: 2 %. */
const STEP = Math.log(1.01 / 0.99)
/** Amounts below are nothing: 1 ns, or a millionth of a byte. */
const SMALLEST_AMOUNT = 1e-6
/** With less evidence nothing is under test: a new level must not be taken for an echo of the old one, or for a season. */
const CALM = 20

/** Writes the keys of what the rows are shown, without season and echo. */
export function takeIn(rows: LevelRows, shown: Shown): void {
  const { figures, wholes, values } = rows
  const { from, to, unixMs } = shown
  for (let row = from; row < to; row += 1) {
    // Indices below the lengths, here and below.
    const value = values[row] as number
    const at = row * WHOLE_COUNT
    const kind = wholes[at + KIND]
    if (!(value >= 0)) wholes[at + KEY] = NONE
    else if (kind === RATE ? value > 0 && value !== 1 : value === Number.POSITIVE_INFINITY) {
      wholes[at + KEY] = NONE
      refuse(rows, row)
    } else if (kind === RATE) wholes[at + KEY] = value
    else if (kind === POSITIVE && value < SMALLEST_AMOUNT) wholes[at + KEY] = 0
    else {
      if (isTuneDue(figures, row * FIGURE_COUNT)) chooseAgain(rows, row, unixMs)
      values[row] = kind === POSITIVE ? Math.log(value / SMALLEST_AMOUNT) : Math.log1p(value)
      wholes[at + KEY] = UNKEYED
    }
  }
  whiten(rows, shown)
  for (let row = from; row < to; row += 1) {
    // From 1 on that is `Math.round`, which branches on a fraction that nothing can predict.
    const at = row * WHOLE_COUNT
    if (wholes[at + KEY] === UNKEYED)
      wholes[at + KEY] = Math.max(1, Math.floor((values[row] as number) / STEP + 0.5))
  }
}

/** Counts a value that is none. */
export function refuse({ figures }: LevelRows, row: number): void {
  const at = row * FIGURE_COUNT + REFUSED_COUNT
  figures[at] = (figures[at] as number) + 1
}

/** Chooses echo and season anew unless something is under test. */
function chooseAgain(rows: LevelRows, row: number, unixMs: number): void {
  if (evidence(rows, row) < CALM && tune(rows.figures, row * FIGURE_COUNT, unixMs))
    forget(rows, row)
}
