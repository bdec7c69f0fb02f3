import type { NsColumn, RowColumn } from './columns.ts'
import { type Families, familyFrom, familyPlaceByEnd } from './families.ts'
import { moveEarlier } from './order-by-end.ts'

/**
 * Two siblings that overlap by no more than this part of the earlier one count as one after the other: clocks of two
 * hosts, or an end that is recorded after the next start. Source: CRISP, section 4 (see `critical-path.ts`).
 */
const OVERLAP_TOLERANCE_RATIO = 0.01

/**
 * Cuts such overlaps off the earlier sibling, so that all who ask what a span waited for get one answer:
 *
 *   a   ==========          a counts as over when b started: b was the next to start, it outlasts a, and no other
 *   b            =====      sibling had ended so shortly before that b rather waited for that one
 *
 * Top-level spans do not wait for each other and stay as they are. O(n log n).
 */
export function cutOverlaps(families: Families): Families {
  const { spans, endsNs, byStart, byEnd } = families
  if (byEnd === byStart) return families
  let cut: { readonly endsNs: NsColumn; readonly byEnd: RowColumn } | undefined
  for (let parent = 0; parent < spans.length; parent++) {
    const from = familyFrom(families, parent)
    const to = familyFrom(families, parent + 1)
    let moved: number[] | undefined
    for (let at = from; at < to - 1; at++) {
      const cutNs = overlapFrom(families, { parent, at, to })
      if (cutNs === undefined) continue
      const row = byStart[at] ?? 0
      cut ??= { endsNs: endsNs.slice(), byEnd: byEnd.slice() }
      cut.endsNs[row] = cutNs
      moved ??= []
      moved.push(row)
    }
    if (cut !== undefined && moved !== undefined)
      moveEarlier(cut.byEnd, { from, to }, { moved, wereNs: endsNs, endsNs: cut.endsNs })
  }
  return cut === undefined ? families : { ...families, ...cut }
}

/** When the next sibling started, if only then the child at a place of its family counts as over. */
function overlapFrom(
  families: Families,
  { parent, at, to }: { readonly parent: number; readonly at: number; readonly to: number },
): number | undefined {
  const { startsNs, endsNs, byStart } = families
  const row = byStart[at] ?? 0
  const endNs = endsNs[row] ?? 0
  if ((startsNs[byStart[at + 1] ?? 0] ?? 0) >= endNs) return undefined
  const earliestNs = endNs - toleranceNs(families, row)
  // Of many that start together none starts so late.
  if ((startsNs[byStart[to - 1] ?? 0] ?? 0) < earliestNs) return undefined
  const next = byStart[firstFrom(families, { from: at + 1, to }, earliestNs)] ?? 0
  const nextStartNs = startsNs[next] ?? 0
  if (nextStartNs >= endNs || (endsNs[next] ?? 0) <= endNs) return undefined
  return hasEndedShortlyBefore(families, parent, nextStartNs) ? undefined : nextStartNs
}

/** The first place of a family, in order of start, whose span started at an instant or later. */
function firstFrom(
  { startsNs, byStart }: Families,
  { from, to }: { readonly from: number; readonly to: number },
  startNs: number,
): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >> 1
    if ((startsNs[byStart[middle] ?? 0] ?? 0) < startNs) low = middle + 1
    else high = middle
  }
  return low
}

/** Whether the last sibling to end by an instant ended so closely to it that the gap is within its tolerance. */
function hasEndedShortlyBefore(families: Families, parent: number, atNs: number): boolean {
  const { endsNs, byEnd } = families
  // Times are whole, so that what ended by an instant ended before the next.
  const behind = familyPlaceByEnd(families, parent, atNs + 1)
  if (behind === familyFrom(families, parent)) return false
  const last = byEnd[behind - 1] ?? 0
  return atNs - (endsNs[last] ?? 0) <= toleranceNs(families, last)
}

function toleranceNs({ startsNs, endsNs }: Families, row: number): number {
  return ((endsNs[row] ?? 0) - (startsNs[row] ?? 0)) * OVERLAP_TOLERANCE_RATIO
}
