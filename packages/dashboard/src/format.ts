/** What the page shows where a figure could not be measured. */
export const absentText = '–'

const counts = new Intl.NumberFormat('en-GB')
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const dateAndClock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

/** `412 µs`, `12.3 ms`, `1.23 s`, `2 min 5 s`: three significant digits, whatever the size. */
export function durationText(ms: number): string {
  if (ms < 0) return `−${durationText(-ms)}`
  if (ms === 0) return '0 ms'
  if (ms < 1e-6) return '< 1 ns'
  if (rounded(ms * 1e3) < 1) return `${rounded(ms * 1e6)} ns`
  if (rounded(ms * 1e3) < 1000) return `${(ms * 1e3).toPrecision(3)} µs`
  if (rounded(ms) < 1000) return `${ms.toPrecision(3)} ms`
  if (rounded(ms / 1e3) < 60) return `${(ms / 1e3).toPrecision(3)} s`
  return longDurationText(Math.round(ms / 1e3))
}

function longDurationText(totalSec: number): string {
  const hours = Math.floor(totalSec / 3600)
  const minutes = Math.floor((totalSec % 3600) / 60)
  return hours > 0
    ? `${counts.format(hours)} h ${minutes} min`
    : `${minutes} min ${totalSec % 60} s`
}

function rounded(value: number): number {
  return Number(value.toPrecision(3))
}

/** A change of a duration, with its sign: `+12.3 ms`. */
export function durationChangeText(ms: number): string {
  return ms > 0 ? `+${durationText(ms)}` : durationText(ms)
}

/** Every digit there is, for details: `12.345678 ms`. */
export function exactMsText(ns: number): string {
  if (ns < 0) return `−${exactMsText(-ns)}`
  return `${counts.format(Math.trunc(ns / 1e6))}.${String(Math.round(ns) % 1e6).padStart(6, '0')} ms`
}

/** `31 %`, below ten per cent with one decimal. */
export function percentText(ratio: number): string {
  const percent = Math.abs(ratio * 100)
  const sign = ratio < 0 ? '−' : ''
  if (percent === 0) return '0 %'
  if (percent < 0.05) return `${sign}< 0.1 %`
  return `${sign}${percent < 9.95 ? percent.toFixed(1) : counts.format(Math.round(percent))} %`
}

/** A relative change with its sign: `+31 %`. */
export function percentChangeText(ratio: number): string {
  return ratio > 0 ? `+${percentText(ratio)}` : percentText(ratio)
}

/** `2,000`. */
export function countText(count: number): string {
  return counts.format(count)
}

/** `1 span`, `2,000 spans`. */
export function countOfText(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Time of day in the reader's zone; with the date when that is not today's. */
export function timeText(unixMs: number, nowUnixMs: number): string {
  const isSameDay = new Date(unixMs).toDateString() === new Date(nowUnixMs).toDateString()
  return isSameDay ? clock.format(unixMs) : dateAndClock.format(unixMs)
}

/** ns as the collector writes them (a decimal string) to ms. */
export function unixMsFrom(unixNs: string): number {
  return Number(BigInt(unixNs) / 1_000_000n)
}

/** `medianBeforeMs` as words and a value with its unit: figures carry the unit at the end of their name. */
export function figureText(name: string, value: number): { label: string; text: string } {
  const unit = figureUnits.find(({ suffix }) => name.endsWith(suffix))
  if (unit === undefined) return { label: words(name), text: plainNumberText(value) }
  return { label: words(name.slice(0, -unit.suffix.length) || name), text: unit.text(value) }
}

const figureUnits: readonly { suffix: string; text: (value: number) => string }[] = [
  { suffix: 'Ms', text: durationText },
  { suffix: 'Ns', text: (ns) => durationText(ns / 1e6) },
  { suffix: 'Ratio', text: percentText },
  { suffix: 'Count', text: plainNumberText },
  { suffix: 'Bytes', text: bytesText },
]

export function bytesText(bytes: number): string {
  return `${counts.format(bytes)} B`
}

function plainNumberText(value: number): string {
  return Number.isInteger(value) ? counts.format(value) : String(rounded(value))
}

function words(camelCase: string): string {
  return camelCase.replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase()
}
