import type { ExecutionSpan } from '../trace/execution.ts'
import { type Families, familyFrom, familyPlaceByEnd, NONE, orderedByEnd } from './families.ts'

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
  const { spans, byStart, byEnd } = families
  if (byEnd === byStart) return families
  const cutEndsNs = new Map<number, number>()
  for (let parent = 0; parent < spans.length; parent++) {
    const to = familyFrom(families, parent + 1)
    for (let at = familyFrom(families, parent); at < to - 1; at++) {
      const row = byStart[at] ?? NONE
      const cutNs = overlapFrom(families, { parent, at, to })
      if (cutNs !== undefined) cutEndsNs.set(row, cutNs)
    }
  }
  return cutEndsNs.size === 0 ? families : orderedByEnd({ ...families, cutEndsNs })
}

/** When the next sibling started, if only then the child at a place of its family counts as over. */
function overlapFrom(
  families: Families,
  { parent, at, to }: { readonly parent: number; readonly at: number; readonly to: number },
): number | undefined {
  const { spans, byStart } = families
  const span = spans[byStart[at] ?? NONE]
  const follower = spans[byStart[at + 1] ?? NONE]
  if (span === undefined || follower === undefined || follower.startNs >= span.endNs)
    return undefined
  const earliestNs = span.endNs - toleranceNs(span)
  const next = spans[byStart[firstFrom(families, { from: at + 1, to }, earliestNs)] ?? NONE]
  if (next?.parentRow !== parent) return undefined
  if (next.startNs >= span.endNs || next.endNs <= span.endNs) return undefined
  return hasEndedShortlyBefore(families, parent, next.startNs) ? undefined : next.startNs
}

/** The first place of a family, in order of start, whose span started at an instant or later. */
function firstFrom(
  { spans, byStart }: Families,
  { from, to }: { readonly from: number; readonly to: number },
  startNs: number,
): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >> 1
    if ((spans[byStart[middle] ?? NONE]?.startNs ?? 0) < startNs) low = middle + 1
    else high = middle
  }
  return low
}

/** Whether the last sibling to end by an instant ended so closely to it that the gap is within its tolerance. */
function hasEndedShortlyBefore(families: Families, parent: number, atNs: number): boolean {
  const { spans, byEnd } = families
  // Times are whole, so that what ended by an instant ended before the next.
  const behind = familyPlaceByEnd(families, parent, atNs + 1)
  const isAny = behind > familyFrom(families, parent)
  const last = isAny ? spans[byEnd[behind - 1] ?? NONE] : undefined
  return last !== undefined && atNs - last.endNs <= toleranceNs(last)
}

function toleranceNs({ startNs, endNs }: ExecutionSpan): number {
  return (endNs - startNs) * OVERLAP_TOLERANCE_RATIO
}
