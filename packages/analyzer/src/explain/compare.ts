import { type History, meanParts } from '../baseline/history.ts'
import { type HistoryEntry, partMs } from '../baseline/history-entry.ts'
import type { PlaceMs } from '../baseline/observation.ts'
import { isSamePlace } from '../baseline/place.ts'
import { median } from '../stats/median-change.ts'

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
    excess: excessOf(history, others, execution.parts),
  }
}

function excessOf(
  history: History,
  others: readonly HistoryEntry[],
  parts: readonly PlaceMs[],
): ExecutionComparison['excess'] {
  return parts
    .map(({ place, ms }) => {
      const index = history.places.findIndex((one) => isSamePlace(one, place))
      const usual = others.map((other) => partMs(other, index))
      return { ...place, excessMs: ms - median(usual) }
    })
    .filter(({ excessMs }) => excessMs > 0)
    .sort((a, b) => b.excessMs - a.excessMs)
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
