import type { ExecutionSpan } from '../trace/execution.ts'

/** Row of the virtual root above all top-level spans. */
export const ROOT = -1

/** No row. */
export const NONE = -1

/**
 * Who is whose child. The children of all rows stand in one array, family after family, so that a family is a range
 * of it and nothing is allocated per row:
 *
 *   childFrom   0  1  3  3 …      at row + 1: the root's children are 0..1, those of row 0 are 1..3, row 1 has none
 *   byStart     0  1  2 …         rows in order of start
 *   byEnd       0  2  1 …         the same ranges in order of end; of equal ends the later row first
 *
 * `hold` spans say how long a resource was held, not what was waited for, and are nobody's children.
 */
export interface Families {
  readonly spans: readonly ExecutionSpan[]
  readonly durationNs: number
  readonly childFrom: readonly number[]
  readonly byStart: readonly number[]
  readonly byEnd: readonly number[]
  /** Ends that count as earlier than they are, by row (`cutOverlaps`). */
  readonly cutEndsNs: ReadonlyMap<number, number> | undefined
}

/** What families have in common whose rows have the same parents. */
export type FamilyTree = Pick<Families, 'childFrom' | 'byStart'>

/** O(n). */
export function familyTree(spans: readonly ExecutionSpan[]): FamilyTree {
  const childFrom = familyEnds(spans)
  const byStart = new Array<number>(childFrom.at(-1) ?? 0)
  placeChildren(spans, childFrom, byStart)
  return { childFrom, byStart }
}

/** `tree`: that of the spans, where it is known. O(n), and O(n log n) where siblings overlap. */
export function familiesOf(
  spans: readonly ExecutionSpan[],
  durationNs: number,
  { childFrom, byStart }: FamilyTree = familyTree(spans),
): Families {
  const families = { spans, durationNs, childFrom, byStart, byEnd: byStart, cutEndsNs: undefined }
  return hasOverlap(families) ? orderedByEnd(families) : families
}

/** Where no siblings overlap, their order of end is that of start. */
function hasOverlap({ spans, byStart }: Families): boolean {
  let last: ExecutionSpan | undefined
  for (const row of byStart) {
    const span = spans[row]
    if (span?.parentRow === last?.parentRow && last !== undefined && span !== undefined)
      if (last.endNs > span.startNs) return true
    last = span
  }
  return false
}

/** Where the family of a row begins in `byStart` and `byEnd`; where it ends is where that of the next row begins. */
export function familyFrom({ childFrom }: Families, row: number): number {
  return childFrom[row + 1] ?? 0
}

export function isLeaf({ childFrom }: Families, row: number): boolean {
  return childFrom[row + 1] === childFrom[row + 2]
}

/** The first place in the order of end whose child ended at an instant or later. O(log n). */
export function familyPlaceByEnd(families: Families, row: number, atNs: number): number {
  const { spans, byEnd } = families
  let low = familyFrom(families, row)
  let high = familyFrom(families, row + 1)
  while (low < high) {
    const middle = (low + high) >> 1
    if ((spans[byEnd[middle] ?? NONE]?.endNs ?? 0) < atNs) low = middle + 1
    else high = middle
  }
  return low
}

/** When a span counts as over. */
export function endNsAt({ spans, cutEndsNs }: Families, row: number): number {
  const endNs = spans[row]?.endNs ?? 0
  return cutEndsNs === undefined ? endNs : (cutEndsNs.get(row) ?? endNs)
}

/**
 * A span's time inside its parent, from `insideStartNs` to `insideEndNs`: what precedes or outlives the parent is
 * clipped. The end lies before the start when it is outside altogether.
 */
export function insideStartNs({ spans }: Families, row: number): number {
  const span = spans[row]
  return Math.max(span?.startNs ?? 0, spans[span?.parentRow ?? ROOT]?.startNs ?? 0)
}

export function insideEndNs(families: Families, row: number): number {
  const { spans, durationNs } = families
  const outerEndNs = spans[spans[row]?.parentRow ?? ROOT]?.endNs ?? durationNs
  return Math.min(endNsAt(families, row), outerEndNs)
}

/** When the last of some siblings was over, inside their parent. */
export function lastEndOf(families: Families, rows: readonly number[]): number {
  let lastNs = 0
  for (const row of rows) lastNs = Math.max(lastNs, insideEndNs(families, row))
  return lastNs
}

/** By row + 1, where each family ends. */
function familyEnds(spans: readonly ExecutionSpan[]): number[] {
  const ends = new Array<number>(spans.length + 2).fill(0)
  for (const span of spans)
    if (!isHold(span)) ends[span.parentRow + 1] = (ends[span.parentRow + 1] ?? 0) + 1
  let end = 0
  for (let at = 0; at < ends.length; at++) {
    end += ends[at] ?? 0
    ends[at] = end
  }
  return ends
}

/** Fills the families from behind, by which each end in `childFrom` becomes a beginning. */
function placeChildren(
  spans: readonly ExecutionSpan[],
  childFrom: number[],
  byStart: number[],
): void {
  for (let row = spans.length - 1; row >= 0; row--) {
    // A row below the length.
    const span = spans[row] as ExecutionSpan
    if (isHold(span)) continue
    const behind = childFrom[span.parentRow + 1] ?? 0
    childFrom[span.parentRow + 1] = behind - 1
    byStart[behind - 1] = row
  }
}

/** The same families with `byEnd` in order, by the ends that count. */
export function orderedByEnd(families: Families): Families {
  const { spans, childFrom, byStart } = families
  const byEnd = byStart.slice()
  // Read once: a comparison is made many times.
  const endsNs = spans.map((_, row) => endNsAt(families, row))
  const endsLater = (a: number, b: number): number => (endsNs[a] ?? 0) - (endsNs[b] ?? 0) || b - a
  for (let row = ROOT; row < spans.length; row++) {
    const from = childFrom[row + 1] ?? 0
    const to = childFrom[row + 2] ?? 0
    if (to - from < 2 || isSorted(byEnd, { from, to }, endsLater)) continue
    const sorted = byEnd.slice(from, to).sort(endsLater)
    for (let at = from; at < to; at++) byEnd[at] = sorted[at - from] ?? NONE
  }
  return { ...families, byEnd }
}

function isSorted(
  rows: readonly number[],
  { from, to }: { readonly from: number; readonly to: number },
  compare: (a: number, b: number) => number,
): boolean {
  for (let at = from + 1; at < to; at++)
    if (compare(rows[at - 1] ?? NONE, rows[at] ?? NONE) > 0) return false
  return true
}

export function isHold({ role, depth, name }: ExecutionSpan): boolean {
  return role === 'detail' && depth > 0 && name.startsWith('hold')
}
