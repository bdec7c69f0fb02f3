import type { PointTime } from './series.ts'

/** What a table holds in one place; nothing in CSV is an empty text. */
export type Cell = string | number | boolean | null | undefined

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const MISSING = /^(|-|nan|na|n\/a|null|none)$/i

/** A number, `NaN` for a cell that says there is none, nothing for what cannot be one. */
export function numberIn(cell: Cell): number | undefined {
  if (typeof cell === 'number') return finite(cell)
  if (cell === null || cell === undefined) return Number.NaN
  if (typeof cell === 'boolean') return undefined
  const text = cell.trim()
  if (NUMBER.test(text)) return finite(Number(text))
  return MISSING.test(text) ? Number.NaN : undefined
}

/** Digits of a number that is too large to be one here, such as 1e999, give infinity. */
function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}

/** From here on a number of this size counts in the next smaller unit: s until 1e11 (the year 5138), ms until 1e14, … */
const UNIX_UNITS = [
  { below: 1e8, ms: undefined },
  { below: 1e11, ms: 1_000 },
  { below: 1e14, ms: 1 },
  { below: 1e17, ms: 1e-3 },
  { below: 1e20, ms: 1e-6 },
] as const
const DATE = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$/

/** A time: an ISO date (UTC where no zone is said), or a count since 1970 whose size tells its unit; else only a text. */
export function timeIn(cell: Cell): PointTime | undefined {
  if (cell === null || cell === undefined || cell === '') return undefined
  const text = String(cell).trim()
  return { text, unixMs: DATE.test(text) ? dateMs(text) : countMs(Number(text)) }
}

/** Whether it can be a time at all: on the clock, or a count such as the seconds of a run. */
export function isTime({ text, unixMs }: PointTime): boolean {
  return unixMs !== undefined || (text !== '' && Number.isFinite(Number(text)))
}

function dateMs(text: string): number | undefined {
  const iso = text.replace(/ +(?=\d)/, 'T').replace(/\s*UTC$/, 'Z')
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(iso.slice(10))
  const ms = Date.parse(hasZone || iso.length === 10 ? iso : `${iso}Z`)
  return Number.isNaN(ms) ? undefined : ms
}

function countMs(count: number): number | undefined {
  const unit = UNIX_UNITS.find(({ below }) => count < below)
  return unit?.ms === undefined ? undefined : count * unit.ms
}
