import { type History, meanParts } from '../baseline/history.ts'
import { type HistoryEntry, partMs } from '../baseline/history-entry.ts'
import type { PlaceMs } from '../baseline/observation.ts'
import { isSamePlace } from '../baseline/place.ts'
import { median, medianOfSorted } from '../stats/median-change.ts'

/** One execution against its flow's history. */
export interface ExecutionComparison {
  readonly medianMs: number
  readonly n: number
  /** The others are those that took the same branches; absent when they are all. */
  readonly isWithinVariant?: true
  /** Share of earlier executions that were faster, 0..1. */
  readonly percentileRank: number
  /** Where this execution spent more than the flow's median on the path, the largest first. */
  readonly excess: readonly {
    readonly stepId: string | undefined
    readonly phase: string | undefined
    readonly spanName?: string | undefined
    readonly excessMs: number
  }[]
}

/** Fewer executions say nothing about what is usual. */
const MIN_COUNT = 10

/**
 * Against the others of its variant where those are enough, else against all. Absent while there is too little history;
 * the execution itself is left out of it.
 */
export function compareExecution(
  history: History,
  execution: {
    readonly executionId: string
    readonly durationMs: number
    readonly parts: readonly PlaceMs[]
    /** Index among the flow's variants; absent for one that is not among them. */
    readonly variant: number | undefined
  },
  maxExcessCount: number = Number.POSITIVE_INFINITY,
): ExecutionComparison | undefined {
  const all = history.entries.filter(({ executionId }) => executionId !== execution.executionId)
  if (all.length < MIN_COUNT) return undefined
  const alike = all.filter(({ variant }) => variant === execution.variant)
  const isWithinVariant = alike.length >= MIN_COUNT && alike.length < all.length
  const others = isWithinVariant ? alike : all
  const fasterCount = others.filter(({ durationMs }) => durationMs < execution.durationMs).length
  return {
    medianMs: median(others.map(({ durationMs }) => durationMs)),
    n: others.length,
    ...(isWithinVariant && { isWithinVariant }),
    percentileRank: fasterCount / others.length,
    excess: excessOf(history, others, { parts: execution.parts, maxCount: maxExcessCount }),
  }
}

/** The largest first. A place is not looked at where all its time is less than the excess of as many as are asked for. */
function excessOf(
  history: History,
  others: readonly HistoryEntry[],
  { parts, maxCount }: { readonly parts: readonly PlaceMs[]; readonly maxCount: number },
): ExecutionComparison['excess'] {
  const found: ExecutionComparison['excess'][number][] = []
  const usual = new Float64Array(others.length)
  for (const { place, ms } of parts) {
    if (ms <= (found[maxCount - 1]?.excessMs ?? 0)) continue
    const index = history.places.findIndex((one) => isSamePlace(one, place))
    for (let at = 0; at < others.length; at++) usual[at] = partMs(others[at] as HistoryEntry, index)
    const excessMs = ms - medianOfSorted(usual.sort())
    if (!(excessMs > 0)) continue
    found.push({ ...place, excessMs })
    found.sort((a, b) => b.excessMs - a.excessMs)
  }
  return found.slice(0, maxCount)
}

/** Mean ms per place of the history, the largest first. */
export function usualParts(history: History): PlaceMs[] {
  return meanParts(history, history.entries)
    .flatMap((ms, index) => {
      const place = history.places[index]
      return place !== undefined && ms > 0 ? [{ place, ms }] : []
    })
    .sort((a, b) => b.ms - a.ms)
}
