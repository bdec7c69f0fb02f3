import { msFromNs, offsetNs } from '../time/unix-ns.ts'
import type { HistoryEntry } from './history-entry.ts'

/** How many executions ended in each of the last minutes. Plain data. */
export interface RecentEnds {
  /** Number of the newest minute since 1970; -1 while nothing ended. */
  minute: number
  /** Minute `m` counts at `m % OBSERVED_MINUTES`. */
  readonly counts: number[]
  /** When the first of all ended; absent while none did, and in what an earlier release remembered. */
  firstUnixMs?: number
  /** When the newest ended; absent like it. */
  lastUnixMs?: number
}

/** Of a fast flow the executions of so many minutes are counted. */
const OBSERVED_MINUTES = 10
const MS_PER_MINUTE = 60_000
/**
 * A rate is executions over the time in which they were seen, and that is at least this: a burst of a second is not
 * thousands an hour.
 */
const MIN_OBSERVED_MS: number = MS_PER_MINUTE

export function emptyRecentEnds(): RecentEnds {
  return { minute: -1, counts: new Array<number>(OBSERVED_MINUTES).fill(0) }
}

/** Counts an end; one that lies before all observed minutes is not recent. O(1). */
export function noteEnd(ends: RecentEnds, endUnixMs: number): void {
  const minute = Math.floor(endUnixMs / MS_PER_MINUTE)
  const { counts } = ends
  for (let passed = Math.min(minute - ends.minute, OBSERVED_MINUTES); passed > 0; passed -= 1) {
    counts[(minute - passed + 1) % OBSERVED_MINUTES] = 0
  }
  if (ends.minute < 0) ends.firstUnixMs = endUnixMs
  ends.minute = Math.max(ends.minute, minute)
  ends.lastUnixMs = Math.max(ends.lastUnixMs ?? 0, endUnixMs)
  if (minute <= ends.minute - OBSERVED_MINUTES) return
  const slot = minute % OBSERVED_MINUTES
  counts[slot] = (counts[slot] ?? 0) + 1
}

/**
 * Executions per ms: of a slow flow as many as entered in the time that these span (some may have been left out), of a
 * fast one all that ended in the last ten minutes, of which these are only the newest, over as much of them as was seen.
 */
export function executionRatePerMs(
  { recent }: { readonly recent: RecentEnds },
  entries: readonly Pick<HistoryEntry, 'sequence' | 'startUnixNs' | 'endUnixNs'>[],
): number {
  const first = entries[0]
  const last = entries.at(-1)
  if (first === undefined || last === undefined) return 0
  const spanMs = msFromNs(offsetNs(last.endUnixNs, first.startUnixNs))
  if (spanMs >= OBSERVED_MINUTES * MS_PER_MINUTE)
    return (last.sequence - first.sequence + 1) / spanMs
  return recent.counts.reduce((sum, count) => sum + count, 0) / observedMs(recent)
}

/** From the first of the counted minutes, or the first end of all, to the newest. */
function observedMs({ minute, firstUnixMs, lastUnixMs }: RecentEnds): number {
  const countedFromMs = (minute - OBSERVED_MINUTES + 1) * MS_PER_MINUTE
  const toMs = lastUnixMs ?? (minute + 1) * MS_PER_MINUTE
  return Math.max(MIN_OBSERVED_MS, toMs - Math.max(countedFromMs, firstUnixMs ?? countedFromMs))
}
