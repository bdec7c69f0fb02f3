import type { NsColumn, RowColumn } from './columns.ts'
import type { Families } from './families.ts'

/** Up to here insertion is faster than to count digits. */
const MAX_INSERTED_COUNT = 128
/** With 256 a family of 100,000 took 1.5 times as long, and one of 129 three quarters of the time. */
const DIGIT_VALUES = 2048
const PER_DIGIT_VALUE: number = 1 / DIGIT_VALUES

/** The rows of each family in order of end, of equal ends the later row first. Ends are whole and not negative. O(n). */
export function orderByEnd({
  childFrom,
  byStart,
  endsNs,
}: Pick<Families, 'childFrom' | 'byStart' | 'endsNs'>): RowColumn {
  const byEnd = byStart.slice()
  for (let at = 1; at < childFrom.length; at++) {
    const from = childFrom[at - 1] ?? 0
    const to = childFrom[at] ?? 0
    if (to - from <= MAX_INSERTED_COUNT) insert(byEnd, endsNs, { from, to })
    else if (!isInOrder(byEnd, endsNs, { from, to })) sortByDigits(byEnd, endsNs, { from, to })
  }
  return byEnd
}

/**
 * Puts the rows of a family that now end earlier, the `moved` ones, where they belong. O(n), and O(k log k) for k of them.
 */
export function moveEarlier(
  byEnd: RowColumn,
  { from, to }: Range,
  { moved, wereNs, endsNs }: MovedEnds,
): void {
  const waiting = [...moved].sort((a, b) => (isBefore(endsNs, a, b) ? -1 : 1))
  let kept = from
  for (let at = from; at < to; at++) {
    const row = byEnd[at] ?? 0
    if (endsNs[row] === wereNs[row]) byEnd[kept++] = row
  }
  // From behind, so that those which stay are not overwritten before they are read.
  for (let place = to - 1; waiting.length > 0; place--) {
    const last = waiting.at(-1) ?? 0
    const stays = kept > from && isBefore(endsNs, last, byEnd[kept - 1] ?? 0)
    byEnd[place] = stays ? (byEnd[--kept] ?? 0) : last
    if (!stays) waiting.pop()
  }
}

interface MovedEnds {
  readonly moved: readonly number[]
  /** By row, when all ended before and now. */
  readonly wereNs: Readonly<NsColumn>
  readonly endsNs: Readonly<NsColumn>
}

/** A part of an array of rows. */
interface Range {
  readonly from: number
  readonly to: number
}

function isBefore(endsNs: Readonly<NsColumn>, a: number, b: number): boolean {
  const laterNs = (endsNs[b] ?? 0) - (endsNs[a] ?? 0)
  return laterNs > 0 || (laterNs === 0 && a > b)
}

function insert(rows: RowColumn, endsNs: Readonly<NsColumn>, { from, to }: Range): void {
  for (let next = from + 1; next < to; next++) {
    const row = rows[next] ?? 0
    let at = next
    for (; at > from; at--) {
      const before = rows[at - 1] ?? 0
      if (isBefore(endsNs, before, row)) break
      rows[at] = before
    }
    rows[at] = row
  }
}

function isInOrder(
  rows: Readonly<RowColumn>,
  endsNs: Readonly<NsColumn>,
  { from, to }: Range,
): boolean {
  for (let at = from + 1; at < to; at++)
    if (!isBefore(endsNs, rows[at - 1] ?? 0, rows[at] ?? 0)) return false
  return true
}

/**
 * Digit by digit from the last: rows of one digit keep their order, and so at last rows of one end, which come from behind.
 * Source: Knuth, The Art of Computer Programming 3, 5.2.5.
 */
function sortByDigits(rows: RowColumn, endsNs: Readonly<NsColumn>, { from, to }: Range): void {
  const count = to - from
  let sorted = new Uint32Array(count)
  let next = new Uint32Array(count)
  let lastNs = 0
  for (let at = 0; at < count; at++) {
    const row = rows[to - 1 - at] ?? 0
    sorted[at] = row
    lastNs = Math.max(lastNs, endsNs[row] ?? 0)
  }
  const places = new Uint32Array(DIGIT_VALUES)
  for (let perNs = 1; lastNs * perNs >= 1; perNs *= PER_DIGIT_VALUE) {
    findPlaces(places, sorted, endsNs, perNs)
    for (let at = 0; at < count; at++) {
      const row = sorted[at] ?? 0
      const digit = digitOf(endsNs[row] ?? 0, perNs)
      const place = places[digit] ?? 0
      next[place] = row
      places[digit] = place + 1
    }
    ;[sorted, next] = [next, sorted]
  }
  for (let at = 0; at < count; at++) rows[from + at] = sorted[at] ?? 0
}

/** By digit, the place of the first row that has it. */
function findPlaces(
  places: Uint32Array,
  rows: Uint32Array,
  endsNs: Readonly<NsColumn>,
  perNs: number,
): void {
  places.fill(0)
  for (let at = 0; at < rows.length; at++) {
    const digit = digitOf(endsNs[rows[at] ?? 0] ?? 0, perNs)
    places[digit] = (places[digit] ?? 0) + 1
  }
  let place = 0
  for (let digit = 0; digit < DIGIT_VALUES; digit++) {
    const count = places[digit] ?? 0
    places[digit] = place
    place += count
  }
}

/** By factors, which for powers of two are exact: to divide took twice as long. */
function digitOf(ns: number, perNs: number): number {
  const units = Math.floor(ns * perNs)
  return units - DIGIT_VALUES * Math.floor(units * PER_DIGIT_VALUE)
}
