import type { ExecutionSpan } from '../trace/execution.ts'
import { type NsColumn, nsColumn, type RowColumn, rowColumn } from './columns.ts'
import { orderByEnd } from './order-by-end.ts'

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
 * `hold` spans say how long a resource was held, not what was waited for, and are nobody's children. What is asked of
 * many rows stands in columns too, by row: to follow each to its span takes several times as long (`path.bench.ts`).
 */
export interface Families {
  readonly spans: readonly ExecutionSpan[]
  readonly durationNs: number
  readonly parents: Readonly<RowColumn>
  /** The starts of `spans`. */
  readonly startsNs: Readonly<NsColumn>
  /** When each counts as over: not later than its span ended, and earlier where an overlap is cut (`cutOverlaps`). */
  readonly endsNs: Readonly<NsColumn>
  readonly childFrom: Readonly<RowColumn>
  readonly byStart: Readonly<RowColumn>
  readonly byEnd: Readonly<RowColumn>
}

/** What families have in common whose rows have the same parents. */
export type FamilyTree = Pick<Families, 'parents' | 'childFrom' | 'byStart'>

/** O(n). */
export function familyTree(spans: readonly ExecutionSpan[]): FamilyTree {
  const parents = rowColumn(spans.length)
  // First, by row + 1, how many children each has, then where its family ends, at last where it begins.
  const childFrom = rowColumn(spans.length + 2).fill(0)
  for (let row = 0; row < spans.length; row++) {
    // A row below the length.
    const span = spans[row] as ExecutionSpan
    const at = span.parentRow + 1
    parents[row] = span.parentRow
    if (!isHold(span)) childFrom[at] = (childFrom[at] ?? 0) + 1
  }
  let end = 0
  for (let at = 0; at < childFrom.length; at++) {
    end += childFrom[at] ?? 0
    childFrom[at] = end
  }
  const byStart = rowColumn(end)
  for (let row = spans.length - 1; row >= 0; row--) {
    // A row below the length.
    if (isHold(spans[row] as ExecutionSpan)) continue
    const at = (parents[row] ?? ROOT) + 1
    const behind = (childFrom[at] ?? 0) - 1
    childFrom[at] = behind
    byStart[behind] = row
  }
  return { parents, childFrom, byStart }
}

/** `tree`: that of the spans, where it is known. O(n). */
export function familiesOf(
  spans: readonly ExecutionSpan[],
  durationNs: number,
  { parents, childFrom, byStart }: FamilyTree = familyTree(spans),
): Families {
  const startsNs = nsColumn(spans.length)
  const endsNs = nsColumn(spans.length)
  for (let row = 0; row < spans.length; row++) {
    // A row below the length.
    const span = spans[row] as ExecutionSpan
    startsNs[row] = span.startNs
    endsNs[row] = span.endNs
  }
  const byEnd = byStart
  const families = { spans, durationNs, parents, startsNs, endsNs, childFrom, byStart, byEnd }
  return hasOverlap(families) ? { ...families, byEnd: orderByEnd(families) } : families
}

/** Where no siblings overlap, their order of end is that of start. */
function hasOverlap({ parents, startsNs, endsNs, byStart }: Families): boolean {
  let lastParent: number | undefined
  let lastEndNs = 0
  for (let at = 0; at < byStart.length; at++) {
    const row = byStart[at] ?? 0
    const parent = parents[row]
    if (parent === lastParent && lastEndNs > (startsNs[row] ?? 0)) return true
    lastParent = parent
    lastEndNs = endsNs[row] ?? 0
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
  const { endsNs, byEnd } = families
  let low = familyFrom(families, row)
  let high = familyFrom(families, row + 1)
  while (low < high) {
    const middle = (low + high) >> 1
    if ((endsNs[byEnd[middle] ?? 0] ?? 0) < atNs) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * A span's time inside its parent, from `insideStartNs` to `insideEndNs`: what precedes or outlives the parent is
 * clipped. The end lies before the start when it is outside altogether.
 */
export function insideStartNs({ parents, startsNs }: Families, row: number): number {
  const parent = parents[row] ?? ROOT
  const startNs = startsNs[row] ?? 0
  return parent === ROOT ? startNs : Math.max(startNs, startsNs[parent] ?? 0)
}

export function insideEndNs(families: Families, row: number): number {
  const { spans, durationNs, parents, endsNs } = families
  const parent = parents[row] ?? ROOT
  const outerEndNs = parent === ROOT ? durationNs : spans[parent]?.endNs
  return Math.min(endsNs[row] ?? 0, outerEndNs ?? durationNs)
}

/** When the last of some siblings was over, inside their parent. */
export function lastEndOf(families: Families, rows: readonly number[]): number {
  let lastNs = 0
  for (const row of rows) lastNs = Math.max(lastNs, insideEndNs(families, row))
  return lastNs
}

export function isHold({ role, depth, name }: ExecutionSpan): boolean {
  return role === 'detail' && depth > 0 && name.startsWith('hold')
}
