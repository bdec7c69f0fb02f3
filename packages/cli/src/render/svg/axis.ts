/** Round times for an axis from 0 to `totalNs`: 0, then multiples of 1, 2 or 5 times a power of ten. */
export function axisTicksNs(totalNs: number, maxCount: number): number[] {
  if (totalNs <= 0) return [0]
  const roughNs = totalNs / maxCount
  const power = 10 ** Math.floor(Math.log10(roughNs))
  const stepNs =
    [1, 2, 5, 10].map((factor) => factor * power).find((ns) => ns >= roughNs) ?? 10 * power
  return Array.from({ length: Math.floor(totalNs / stepNs) + 1 }, (_, index) => index * stepNs)
}

const UNITS = [
  { unit: 'ns', ns: 1 },
  { unit: 'µs', ns: 1e3 },
  { unit: 'ms', ns: 1e6 },
  { unit: 's', ns: 1e9 },
] as const

/** `20 ms`; all ticks of an axis are in the unit that suits its longest one. */
export function tickText(ns: number, totalNs: number): string {
  if (ns === 0) return '0'
  const { unit, ns: unitNs } = UNITS.findLast((one) => totalNs >= one.ns) ?? UNITS[0]
  return `${Number((ns / unitNs).toPrecision(6))} ${unit}`
}
