import { usageFailure } from '../option/parse-options.ts'
import { timeIn } from '../series/cell.ts'
import { visible } from '../text/visible.ts'

/** From the first ms on, up to the other, which no longer belongs to it. */
export interface TimeWindow {
  readonly fromUnixMs: number
  readonly toUnixMs: number
}

/** `2026-01-01..2026-01-08`; an end that is left out is open. Throws `Failure` for anything else. */
export function parseTimeWindow(text: string, flag: string): TimeWindow {
  const [from, to, ...rest] = text.split('..')
  const ends = [endOf(from, Number.NEGATIVE_INFINITY), endOf(to, Number.POSITIVE_INFINITY)]
  const [fromUnixMs = Number.NaN, toUnixMs = Number.NaN] = ends
  if (rest.length === 0 && fromUnixMs < toUnixMs) return { fromUnixMs, toUnixMs }
  const found = visible(text)
  const expected = 'two times such as 2026-01-01..2026-01-08T12:00, the earlier first'
  throw usageFailure('compare', `${flag}: expected ${expected}, found "${found}"`)
}

export function isWithin({ fromUnixMs, toUnixMs }: TimeWindow, unixMs: number): boolean {
  return unixMs >= fromUnixMs && unixMs < toUnixMs
}

function endOf(text: string | undefined, open: number): number {
  if (text === undefined) return Number.NaN
  return text.trim() === '' ? open : (timeIn(text.trim())?.unixMs ?? Number.NaN)
}
