import type { Metric, SeriesPlace } from './series-place.ts'

/**
 * How a flow's budget is split: evidence of a series counts with its weight, and all weights together are at most 1. Half is the
 * duration's, which people ask for; a group with a twentieth needs evidence twenty times as strong, some three executions more.
 */
const SHARES: Readonly<Record<Group, number>> = {
  duration: 0.5,
  phases: 0.3,
  resources: 0.04,
  flowErrors: 0.04,
  stepErrors: 0.04,
  throughput: 0.08,
}

type Group = 'duration' | 'phases' | 'resources' | 'flowErrors' | 'stepErrors' | 'throughput'

/** Of a group's share, what is kept for series that are seen only after learning. */
const LATE_RATIO = 0.1
/** How many those may be, in all groups together. */
export const MAX_LATE_COUNT = 16

/** Series per flow besides duration, errors and traffic as a whole: 64 phases, and 64 of resources and of errors. */
const MAX_GROUP_COUNT = 64

/** The first of each group that find room, with their weights; the caller counts the others. */
export function withWeights(
  places: readonly SeriesPlace[],
): { readonly place: SeriesPlace; readonly weight: number }[] {
  return (['phases', 'resources', 'stepErrors'] as const).flatMap((group) => {
    const own = places.filter((place) => groupOf(place) === group).slice(0, MAX_GROUP_COUNT)
    const weight = (SHARES[group] * (1 - LATE_RATIO)) / own.length
    return own.map((place) => ({ place, weight }))
  })
}

/** Of a series that is there from the beginning. */
export function ownWeight(metric: 'duration' | 'error_rate' | 'throughput'): number {
  return SHARES[metric === 'error_rate' ? 'flowErrors' : metric]
}

/** Of a series that is first seen after learning. */
export function lateWeight(place: SeriesPlace): number {
  return (SHARES[groupOf(place)] * LATE_RATIO) / MAX_LATE_COUNT
}

function groupOf({ metric, stepId }: { metric: Metric; stepId: string | undefined }): Group {
  switch (metric) {
    case 'phase':
      return 'phases'
    case 'error_rate':
      return stepId === undefined ? 'flowErrors' : 'stepErrors'
    case 'duration':
    case 'throughput':
      return metric
    default:
      return 'resources'
  }
}
