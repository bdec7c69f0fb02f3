/** Where things stand in the picture, in px. */
export const SHEET = {
  width: 1_200,
  margin: 24,
  labelWidth: 300,
  /** Room for a row's duration, right of its bar. */
  timeWidth: 76,
  titleY: 42,
  subtitleY: 64,
  stripY: 84,
  stripHeight: 26,
  axisY: 134,
  rowsY: 146,
  rowHeight: 22,
  barHeight: 10,
  footerHeight: 44,
} as const

/** A slice of time on the sheet. */
export interface Span {
  readonly startNs: number
  readonly endNs: number
}

/** From time to the sheet; nothing is drawn outside its edges. */
export interface Scale {
  readonly totalNs: number
  readonly left: number
  readonly right: number
  x(ns: number): number
}

/** @param totalNs the end of the axis; 0 is drawn as 1, so that there is one. */
export function scaleOf(totalNs: number): Scale {
  const left = SHEET.margin + SHEET.labelWidth + 12
  const right = SHEET.width - SHEET.margin - SHEET.timeWidth
  const endNs = Math.max(1, totalNs)
  const x = (ns: number) => left + Math.min(1, Math.max(0, ns / endNs)) * (right - left)
  return { totalNs: endNs, left, right, x }
}

/** Slices that stand closer than this are drawn as one: nobody could tell them apart. */
const LEAST_GAP_PX = 0.75

/** The slices in order, as few as the eye can tell apart: at most one and a third per px. */
export function coalesced(slices: readonly Span[], { x }: Scale): readonly Span[] {
  const drawn: Span[] = []
  for (const { startNs, endNs } of slices) {
    const last = drawn.at(-1)
    if (last === undefined || x(startNs) - x(last.endNs) >= LEAST_GAP_PX)
      drawn.push({ startNs, endNs })
    else drawn[drawn.length - 1] = { startNs: last.startNs, endNs: Math.max(last.endNs, endNs) }
  }
  return drawn
}

/** Middle of a row. */
export function rowMiddle(row: number): number {
  return SHEET.rowsY + (row + 0.5) * SHEET.rowHeight
}
