import { stepIdsOf } from './history.ts'
import type { HistoryEntry } from './history-entry.ts'
import type { Observation, PathSample } from './observation.ts'
import { isSamePlace, type PathPlace } from './place.ts'

/** An execution that was looked at more closely than all are, in some 300 bytes for five steps. Plain data. */
export interface SampledExecution {
  readonly sequence: number
  readonly durationMs: number
  /** Places with a curve; samples share the list while it is the same, and so they do the next. */
  readonly places: readonly PathPlace[]
  /** Runs of steps with a slack. */
  readonly stepIds: readonly string[]
  /** The points of each place's curve, then the slack of each run, in ms. */
  readonly figures: readonly number[]
}

/** As many as an interval of a few percent takes. */
const MAX_SAMPLE_COUNT = 64

/** Keeps the execution's sample where it has one, forgetting the oldest beyond the bound. O(places + runs). */
export function noteSample(
  samples: SampledExecution[],
  { sample }: Pick<Observation, 'sample'>,
  { sequence, durationMs }: Pick<HistoryEntry, 'sequence' | 'durationMs'>,
): void {
  if (sample === undefined) return
  const { curves, slacks } = sample
  const last = samples.at(-1)
  samples.push({
    sequence,
    durationMs,
    places: placesOf(curves, last?.places),
    stepIds: stepIdsOf(slacks, last?.stepIds),
    figures: figuresOf(sample),
  })
  if (samples.length > MAX_SAMPLE_COUNT) samples.shift()
}

function figuresOf({ curves, slacks }: PathSample): readonly number[] {
  // Of the right length at once: a list that grew keeps room to grow.
  let length = slacks.length
  for (const { savedMs } of curves) length += savedMs.length
  const figures = new Array<number>(length)
  let at = 0
  for (const { savedMs } of curves) for (const ms of savedMs) figures[at++] = ms
  for (const { ms } of slacks) figures[at++] = ms
  return figures
}

/** The sample as it was noted. */
export function pathSample({ places, stepIds, figures }: SampledExecution): PathSample {
  const slacksFrom = figures.length - stepIds.length
  const pointCount = places.length === 0 ? 0 : slacksFrom / places.length
  return {
    curves: places.map((place, index) => ({
      place,
      savedMs: figures.slice(index * pointCount, (index + 1) * pointCount),
    })),
    slacks: stepIds.map((stepId, index) => ({ stepId, ms: figures[slacksFrom + index] ?? 0 })),
  }
}

function placesOf(
  curves: PathSample['curves'],
  previous: readonly PathPlace[] | undefined,
): readonly PathPlace[] {
  const isSame =
    previous?.length === curves.length &&
    curves.every(({ place }, index) => isSamePlace(place, previous[index] ?? place))
  return isSame ? previous : curves.map(({ place }) => place)
}
