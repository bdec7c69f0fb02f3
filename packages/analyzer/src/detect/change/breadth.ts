import { type History, meanParts } from '../../baseline/history.ts'
import { type HistoryEntry, partMs } from '../../baseline/history-entry.ts'
import type { PathPlace } from '../../baseline/place.ts'
import { median } from '../../stats/median-change.ts'
import { rankSumZ } from '../../stats/rank-sum.ts'

/** Over how many places of a flow a slowness is spread. */
export interface Breadth {
  /** Places that the flow's own process accounts for, and that say something. */
  readonly placeCount: number
  /** Of them, those that became slower. */
  readonly slowerCount: number
}

/** Executions on each side of the moment that are compared. */
const SIDE_COUNT = 60
const MIN_BEFORE_COUNT = 10
const MIN_AFTER_COUNT = 5
/** A place that takes less of the flow is left out. */
const MIN_SHARE_RATIO = 0.0005
/** Fewer places may be slower together by chance. */
const MIN_PLACE_COUNT = 3
const BROAD_RATIO = 0.6
/** One-sided 5 %, and a difference that a person would see. */
const SLOWER_Z = 1.645
const SLOWER_RATIO = 1.05

/** Compares what the process itself does before and after a moment, place by place; absent with too few executions. */
export function breadthAt(
  history: History,
  { onsetUnixNs, untilUnixNs }: { onsetUnixNs: bigint; untilUnixNs: bigint },
): Breadth | undefined {
  const known = history.entries.filter(({ endUnixNs }) => endUnixNs <= untilUnixNs)
  const before = known.filter(({ endUnixNs }) => endUnixNs < onsetUnixNs).slice(-SIDE_COUNT)
  const after = known.filter(({ startUnixNs }) => startUnixNs >= onsetUnixNs).slice(0, SIDE_COUNT)
  if (before.length < MIN_BEFORE_COUNT || after.length < MIN_AFTER_COUNT) return undefined
  const means = meanParts(history, before)
  const leastMs = MIN_SHARE_RATIO * means.reduce((sum, ms) => sum + ms, 0)
  const places = [...history.places.entries()].filter(
    ([index, place]) => isOwn(place) && (means[index] ?? 0) > leastMs,
  )
  const slower = places.filter(([index]) => isSlower(index, before, after))
  return { placeCount: places.length, slowerCount: slower.length }
}

/** Nearly everything became slower: what the flow calls cannot do that. */
export function isBroad({ placeCount, slowerCount }: Breadth): boolean {
  return placeCount >= MIN_PLACE_COUNT && slowerCount >= BROAD_RATIO * placeCount
}

/** Waits and other machines' answers follow from others; what the process itself does is on its own machine. */
function isOwn({ phase, spanName }: PathPlace): boolean {
  if (spanName !== undefined) return false
  return phase === 'work' || phase === 'engine' || phase === 'validation' || phase === 'ledger'
}

function isSlower(
  place: number,
  before: readonly HistoryEntry[],
  after: readonly HistoryEntry[],
): boolean {
  const then = before.map((entry) => partMs(entry, place))
  const now = after.map((entry) => partMs(entry, place))
  return rankSumZ(then, now) > SLOWER_Z && median(now) > SLOWER_RATIO * median(then)
}
