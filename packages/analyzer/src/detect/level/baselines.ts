import type { Histogram } from '../../stats/histogram.ts'
import {
  FIRST_KEY,
  KEYS_AT,
  type LevelRows,
  ROOM,
  ROOM_KEY,
  SPAN,
  TOTAL,
  WHOLE_COUNT,
  ZERO_COUNT,
} from './level-rows.ts'

/**
 * The baselines of the rows: a `Histogram` each, whose counts stand in one list for all rows. A row has room for some keys more
 * than came, whose counts are 0: one that finds none makes the list anew, which a baseline that is known seldom asks for.
 */

/** Higher keys are counted as this one, as a `Histogram` does. */
const MAX_KEY = 2047
/** Keys a row gets room for beyond the one that found none: a third of a factor. */
const SPARE_COUNT = 16

/** Counts a key, a whole number >= 0, in a row. O(1), seldom O(rows x span). */
export function addToBaseline(rows: LevelRows, row: number, key: number): void {
  const { wholes } = rows
  const at = row * WHOLE_COUNT
  // Indices below the lengths, here and below.
  wholes[at + TOTAL] = (wholes[at + TOTAL] as number) + 1
  if (key === 0) {
    wholes[at + ZERO_COUNT] = (wholes[at + ZERO_COUNT] as number) + 1
    return
  }
  const kept = Math.min(key, MAX_KEY)
  const place = kept - (wholes[at + ROOM_KEY] as number)
  if (place < 0 || place >= (wholes[at + ROOM] as number)) makeRoom(rows, row, kept)
  reach(wholes, at, kept)
  const index = (wholes[at + KEYS_AT] as number) + kept - (wholes[at + ROOM_KEY] as number)
  rows.keys[index] = (rows.keys[index] as number) + 1
}

/** How many keys of a row lie in `[from, to)`. O(to - from), at most O(span). */
export function countOfRow(
  { wholes, keys }: LevelRows,
  row: number,
  from: number,
  to: number,
): number {
  const at = row * WHOLE_COUNT
  const shift = (wholes[at + KEYS_AT] as number) - (wholes[at + ROOM_KEY] as number)
  const begin = Math.max(from, wholes[at + ROOM_KEY] as number)
  const end = Math.min(to, (wholes[at + ROOM_KEY] as number) + (wholes[at + ROOM] as number))
  let sum = from <= 0 && to > 0 ? (wholes[at + ZERO_COUNT] as number) : 0
  for (let key = begin; key < end; key += 1) sum += keys[shift + key] as number
  return sum
}

/** The baseline of a row, as a copy. */
export function baselineOf({ wholes, keys }: LevelRows, row: number): Histogram {
  const at = row * WHOLE_COUNT
  const firstKey = wholes[at + FIRST_KEY] as number
  const from = (wholes[at + KEYS_AT] as number) + firstKey - (wholes[at + ROOM_KEY] as number)
  const span = wholes[at + SPAN] as number
  return {
    total: wholes[at + TOTAL] as number,
    zeroCount: wholes[at + ZERO_COUNT] as number,
    // As an empty histogram begins.
    firstKey: span === 0 ? 1 : firstKey,
    counts: Array.from(keys.subarray(from, from + span)),
  }
}

/** Whether a row can hold a baseline. */
export function fitsBaseline({ firstKey, counts }: Histogram): boolean {
  return firstKey >= 1 && firstKey + counts.length <= MAX_KEY + 1
}

/** Puts a baseline into a row in place of the one that was there. */
export function putBaseline(rows: LevelRows, row: number, baseline: Histogram): void {
  const { total, zeroCount, firstKey, counts } = baseline
  const { wholes } = rows
  const at = row * WHOLE_COUNT
  for (const key of counts.length === 0 ? [] : [firstKey, firstKey + counts.length - 1]) {
    const place = key - (wholes[at + ROOM_KEY] as number)
    if (place < 0 || place >= (wholes[at + ROOM] as number)) makeRoom(rows, row, key)
  }
  const keysAt = wholes[at + KEYS_AT] as number
  wholes[at + TOTAL] = total
  wholes[at + ZERO_COUNT] = zeroCount
  wholes[at + FIRST_KEY] = firstKey
  wholes[at + SPAN] = counts.length
  rows.keys.fill(0, keysAt, keysAt + (wholes[at + ROOM] as number))
  const from = keysAt + firstKey - (wholes[at + ROOM_KEY] as number)
  if (counts.length > 0) rows.keys.set(counts, from)
}

/** The first key and the span are those of what ever came. */
function reach(wholes: Int32Array, at: number, key: number): void {
  const first = wholes[at + FIRST_KEY] as number
  const span = wholes[at + SPAN] as number
  if (span > 0 && key >= first && key < first + span) return
  const from = span === 0 ? key : Math.min(first, key)
  wholes[at + FIRST_KEY] = from
  wholes[at + SPAN] = Math.max(first + span, key + 1) - from
}

/** Makes the list of counts anew, with room for a key and some about it in one row. */
function makeRoom(rows: LevelRows, row: number, key: number): void {
  const { wholes, keys } = rows
  const own = row * WHOLE_COUNT
  const room = wholes[own + ROOM] as number
  const before = room === 0 ? key : (wholes[own + ROOM_KEY] as number)
  const from = key < before || room === 0 ? Math.max(key - SPARE_COUNT, 0) : before
  const to = key < before + room ? before + room : key + 1 + SPARE_COUNT
  const grown = new Int32Array(keys.length + to - from - room)
  let next = 0
  for (let at = 0; at < rows.count * WHOLE_COUNT; at += WHOLE_COUNT) {
    const keysAt = wholes[at + KEYS_AT] as number
    const own = wholes[at + ROOM] as number
    const isGrown = at === row * WHOLE_COUNT
    grown.set(keys.subarray(keysAt, keysAt + own), next + (isGrown ? before - from : 0))
    wholes[at + KEYS_AT] = next
    next += isGrown ? to - from : own
  }
  wholes[own + ROOM_KEY] = from
  wholes[own + ROOM] = to - from
  rows.keys = grown
}
