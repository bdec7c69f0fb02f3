import type { Estimate, QuantileEstimate } from '@qflow-otel/analyzer'

/** A length of time with three significant digits and the unit that fits it. */
export function duration(ms: number): string {
  if (ms === 0) return '0 ms'
  const { unit, unitMs } = timeUnitOf(ms)
  return `${digits(ms / unitMs)} ${unit}`
}

/** A duration with its interval: `182 ms [179–186]`; an end that n is too small for is `?`. */
export function interval(estimate: QuantileEstimate): string {
  const { unitMs } = timeUnitOf(estimate.value)
  const end = (ms: number | undefined) => (ms === undefined ? '?' : digits(ms / unitMs))
  if (estimate.low === undefined && estimate.high === undefined) return '[n too small]'
  return `[${end(estimate.low)}–${end(estimate.high)}]`
}

/** `31 %`; small shares keep a digit, so that 0.4 % is not nothing. */
export function percent(ratio: number): string {
  const value = ratio * 100
  if (value === 0) return '0 %'
  if (Math.abs(value) < 0.1) return value > 0 ? '<0.1 %' : '>−0.1 %'
  const rounded = Math.abs(value) < 9.95 ? value.toFixed(1) : value.toFixed(0)
  return `${rounded.replace('-', '−')} %`
}

/**
 * `31 % ± 3 %` where the interval lies about evenly around the value, else `31 % (24 % to 52 %)`: a
 * lopsided interval written with ± would claim more on one side than was found.
 */
export function estimate({ value, low, high }: Estimate): string {
  const below = value - low
  const above = high - value
  const wider = Math.max(below, above)
  const isEven = Math.min(below, above) >= 0.75 * wider
  if (isEven) return `${percent(value)} ± ${halfWidth((below + above) / 2, value)}`
  return `${percent(value)} (${percent(low)} to ${percent(high)})`
}

/** With no more digits than the value it belongs to. */
function halfWidth(ratio: number, value: number): string {
  const isWhole = Math.abs(value) >= 0.0995 && ratio >= 0.00995
  return isWhole ? `${(ratio * 100).toFixed(0)} %` : percent(ratio)
}

/** `+18 %`, `−3.0 %`. */
export function signedPercent(ratio: number): string {
  return ratio > 0 ? `+${percent(ratio)}` : percent(ratio)
}

/** A number of any size in four significant digits: `1,234`, `0.05213`, `1.2e+15`. */
export function amount(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e9 || size < 1e-4)) return value.toExponential(1).replace('-', '−')
  const rounded = Number(value.toPrecision(4))
  const [whole = '', rest] = String(Math.abs(rounded)).split('.')
  const text = rest === undefined ? count(Number(whole)) : `${count(Number(whole))}.${rest}`
  return rounded < 0 ? `−${text}` : text
}

/** `12,345`. */
export function count(value: number): string {
  return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 span`, `12,345 spans`. */
export function counted(value: number, noun: string, plural: string = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`
}

/** `2026-11-23 14:03:12 UTC`: files travel between time zones, so the zone is said. */
export function moment(unixNs: bigint | string): string {
  const ms = Number(BigInt(unixNs) / 1_000_000n)
  const date = new Date(ms)
  // Beyond the range of Date only the number can be shown.
  if (Number.isNaN(date.getTime())) return `${unixNs} ns`
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** `14:03:12Z`. */
export function timeOfDay(unixNs: bigint | string): string {
  return `${moment(unixNs).slice(11, 19)}Z`
}

/** `8.0 MiB`. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let size = value
  let unit = 0
  while (size >= 1_024 && unit < units.length - 1) {
    size /= 1_024
    unit++
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`
}

/** Three significant digits, without an exponent. */
function digits(value: number): string {
  const size = Math.abs(value)
  if (size >= 99.95) return count(Math.round(value))
  return value.toFixed(size >= 9.995 ? 1 : 2)
}

/** Bounds lie where three digits round up; seconds and minutes go on to two of the next unit. */
function timeUnitOf(ms: number): { unit: string; unitMs: number } {
  const size = Math.abs(ms)
  if (size < 0.9995 && size > 0) return { unit: 'µs', unitMs: 0.001 }
  if (size < 999.5) return { unit: 'ms', unitMs: 1 }
  if (size < 119_500) return { unit: 's', unitMs: 1_000 }
  if (size < 7_170_000) return { unit: 'min', unitMs: 60_000 }
  return { unit: 'h', unitMs: 3_600_000 }
}
