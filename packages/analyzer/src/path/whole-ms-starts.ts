import type { NsColumn } from './columns.ts'
import { type Families, familyFrom, familyPlaceByEnd } from './families.ts'

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
  const { spans, startsNs, endsNs, byStart, byEnd } = families
  // Where no siblings overlap, none started too early.
  if (byEnd === byStart) return families
  const msOffsetNs = Number(startUnixNs % BigInt(MS_NS))
  const isEarly = (row: number, startNs: number): boolean =>
    isWholeMs(msOffsetNs + startNs) && spans[row]?.role === 'foreign'
  let settledNs: NsColumn | undefined
  for (let parent = 0; parent < spans.length; parent++) {
    const from = familyFrom(families, parent)
    let nextStartNs = Number.POSITIVE_INFINITY
    // From the last to the first, so that the start of the sibling behind is known.
    for (let at = familyFrom(families, parent + 1) - 1; at >= from; at--) {
      const row = byStart[at] ?? 0
      const ownNs = startsNs[row] ?? 0
      const freeNs = isEarly(row, ownNs) ? lastEndIn(families, parent, ownNs) : undefined
      const startNs = freeNs === undefined ? ownNs : Math.min(freeNs, endsNs[row] ?? 0, nextStartNs)
      if (startNs > ownNs) {
        settledNs ??= startsNs.slice()
        settledNs[row] = startNs
      }
      nextStartNs = startNs
    }
  }
  return settledNs === undefined ? families : startingAt(families, settledNs)
}

/** What a remainder would say, which takes several times as long. */
function isWholeMs(ns: number): boolean {
  return Math.floor(ns / MS_NS) * MS_NS === ns
}

/** The last end after an instant and less than 1 ms later, of children that had started before it. */
function lastEndIn(families: Families, parent: number, fromNs: number): number | undefined {
  const { startsNs, endsNs, byEnd } = families
  const from = familyFrom(families, parent)
  const behind = familyPlaceByEnd(families, parent, fromNs + MS_NS)
  for (let at = behind - 1; at >= Math.max(from, behind - MAX_LOOKED_AT_COUNT); at--) {
    const row = byEnd[at] ?? 0
    const endNs = endsNs[row] ?? 0
    if (endNs <= fromNs) return undefined
    if ((startsNs[row] ?? 0) < fromNs) return endNs
  }
  return undefined
}

function startingAt(families: Families, startsNs: Readonly<NsColumn>): Families {
  const spans = families.spans.map((span, row) => {
    const startNs = startsNs[row] ?? span.startNs
    return startNs === span.startNs ? span : { ...span, startNs }
  })
  return { ...families, spans, startsNs }
}
