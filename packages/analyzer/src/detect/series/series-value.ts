import type { History } from '../../baseline/history.ts'
import { evidenceOf, type HistoryEntry, partMs } from '../../baseline/history-entry.ts'
import type { StepEvidence } from '../../baseline/observation.ts'
import type { SeriesPlace } from './series-place.ts'

/**
 * What a series is in one judged execution: the duration without a place; NaN where it was not measured, or its step did not
 * run. A phase that was not on the path took 0 ms of it. O(places + runs).
 */
export function seriesValue(
  history: History,
  entry: HistoryEntry,
  place: SeriesPlace | undefined,
): number {
  return seriesReader(history, place)(entry)
}

/** `seriesValue` of many entries: where a phase stands in the history is looked up once. Holds until a place is added. */
export function seriesReader(
  history: History,
  place: SeriesPlace | undefined,
): (entry: HistoryEntry) => number {
  switch (place?.metric) {
    case undefined:
      return durationOf
    case 'phase':
      return phaseReader(history, place)
    case 'cpu':
      return (entry) => sumOfRuns(entry, place, ({ exclusiveCpuMs }) => exclusiveCpuMs)
    case 'memory':
      return (entry) => sumOfRuns(entry, place, ({ heapGrowthBytes }) => heapGrowthBytes)
    case 'queue_wait':
      return (entry) => sumOfRuns(entry, place, ({ queueMs }) => queueMs)
    case 'error_rate':
      // A judged execution did not fail as a whole.
      if (place.stepId === undefined) return () => 0
      return (entry) => Math.sign(sumOfRuns(entry, place, ({ isFailed }) => (isFailed ? 1 : 0)))
    case 'throughput':
      return () => Number.NaN
  }
}

/** Values of the entries in which the series was measured. */
export function seriesValues(
  history: History,
  entries: readonly HistoryEntry[],
  place: SeriesPlace | undefined,
): number[] {
  const read = seriesReader(history, place)
  const values: number[] = []
  for (const entry of entries) {
    const value = read(entry)
    if (!Number.isNaN(value)) values.push(value)
  }
  return values
}

function durationOf({ durationMs }: HistoryEntry): number {
  return durationMs
}

/** One phase may have several places: what it waits for by name, and the rest. */
function phaseReader({ places }: History, { stepId, phase }: SeriesPlace) {
  const own = [...places.keys()].filter(
    (index) => places[index]?.stepId === stepId && places[index]?.phase === phase,
  )
  return (entry: HistoryEntry): number => {
    let sumMs = 0
    for (const index of own) sumMs += partMs(entry, index)
    return sumMs
  }
}

/** Over all runs of the step; NaN without any, or when one of them was not measured. */
function sumOfRuns(
  entry: HistoryEntry,
  { stepId }: SeriesPlace,
  figure: (run: StepEvidence) => number | undefined,
): number {
  if (!entry.stepIds.includes(stepId ?? '')) return Number.NaN
  let sum = 0
  for (const run of evidenceOf(entry)) if (run.stepId === stepId) sum += figure(run) ?? Number.NaN
  return sum
}
