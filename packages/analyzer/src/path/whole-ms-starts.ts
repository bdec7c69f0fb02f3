import type { ExecutionSpan } from '../trace/execution.ts'
import { type Families, familyFrom, familyPlaceByEnd, NONE } from './families.ts'

const MS_NS = 1_000_000

/** Spans that end within one ms of one another; of more, the earlier ones are not looked at. */
const MAX_LOOKED_AT_COUNT = 64

/**
 * The rows with later starts where a clock of whole ms stamped the user's spans too early. OpenTelemetry's JavaScript
 * SDK starts a span at `Date.now()` and ends it a precise length later, so that one call after another seems to
 * overlap it, by up to 1 ms, half of the time:
 *
 *   ms       20        21
 *   GET /a ======|               ends at 20.8
 *   GET /b   ====|=========      begins at 20.8, stamped 20
 *
 * Such a span starts when the last sibling that had started before it, and ends in that ms, has ended; never later
 * than the sibling after it, so that rows stay in order of start. All other spans are the same objects. O(n log n).
 */
export function withoutEarlyStarts(families: Families, startUnixNs: bigint): Families {
  const { spans, byStart, byEnd } = families
  // Where no siblings overlap, none started too early.
  if (byEnd === byStart) return families
  const msOffsetNs = Number(startUnixNs % BigInt(MS_NS))
  const isEarly = ({ role, parentRow, startNs }: ExecutionSpan): boolean =>
    role === 'foreign' && parentRow >= 0 && (msOffsetNs + startNs) % MS_NS === 0
  if (!spans.some(isEarly)) return families
  const settled = [...spans]
  for (let parent = 0; parent < spans.length; parent++) {
    const from = familyFrom(families, parent)
    let nextStartNs = Number.POSITIVE_INFINITY
    // From the last to the first, so that the start of the sibling behind is known.
    for (let at = familyFrom(families, parent + 1) - 1; at >= from; at--) {
      const row = byStart[at] ?? NONE
      // A row of the execution.
      const span = spans[row] as ExecutionSpan
      const freeNs = isEarly(span) ? lastEndIn(families, parent, span.startNs) : undefined
      const startNs = Math.min(freeNs ?? span.startNs, span.endNs, nextStartNs)
      if (startNs > span.startNs) settled[row] = { ...span, startNs }
      nextStartNs = startNs
    }
  }
  return { ...families, spans: settled }
}

/** The last end after an instant and less than 1 ms later, of children that had started before it. */
function lastEndIn(families: Families, parent: number, fromNs: number): number | undefined {
  const { spans, byEnd } = families
  const from = familyFrom(families, parent)
  const behind = familyPlaceByEnd(families, parent, fromNs + MS_NS)
  for (let at = behind - 1; at >= Math.max(from, behind - MAX_LOOKED_AT_COUNT); at--) {
    const span = spans[byEnd[at] ?? NONE]
    if (span === undefined || span.endNs <= fromNs) return undefined
    if (span.startNs < fromNs) return span.endNs
  }
  return undefined
}
