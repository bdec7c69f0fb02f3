import { type History, meanParts } from '../../baseline/history.ts'
import { type HistoryEntry, partMs } from '../../baseline/history-entry.ts'
import type { SeriesPlace } from '../series/series-place.ts'

/** Places that hold this part of a change together are where it is seen best. */
const FOCUS_RATIO = 0.8

/**
 * The places of the history in which a change of times is seen, by index: those of the phase that changed, or the fewest that hold
 * most of what moved in its direction. Elsewhere there is nothing but noise.
 */
export function focusOf(
  history: History,
  {
    before,
    after,
    series,
    sign,
  }: {
    readonly before: readonly HistoryEntry[]
    readonly after: readonly HistoryEntry[]
    /** Absent for the duration. */
    readonly series: Pick<SeriesPlace, 'stepId' | 'phase'> | undefined
    /** 1 for slower, -1 for faster. */
    readonly sign: number
  },
): readonly number[] {
  const { places } = history
  const all = [...places.keys()]
  if (series !== undefined)
    return all.filter(
      (at) => places[at]?.stepId === series.stepId && places[at]?.phase === series.phase,
    )
  const [old, now] = [meanParts(history, before), meanParts(history, after)]
  const movedMs = (at: number) => Math.max(0, sign * ((now[at] ?? 0) - (old[at] ?? 0)))
  const largest = all.sort((a, b) => movedMs(b) - movedMs(a))
  const totalMs = all.reduce((sum, at) => sum + movedMs(at), 0)
  let heldMs = 0
  return largest.filter((at) => {
    const isNeeded = heldMs < FOCUS_RATIO * totalMs
    heldMs += movedMs(at)
    return isNeeded
  })
}

/** ms of an execution at these places. */
export function focusMs(focus: readonly number[], entry: HistoryEntry): number {
  let sum = 0
  for (const at of focus) sum += partMs(entry, at)
  return sum
}
