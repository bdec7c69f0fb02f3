import type { Observation, PathSample } from './observation.ts'

/** An execution that was looked at more closely than all are. */
export interface SampledExecution extends PathSample {
  readonly sequence: number
  readonly durationMs: number
}

/** As many as an interval of a few percent takes. */
const MAX_SAMPLE_COUNT = 64

/** Keeps the execution's sample where it has one, forgetting the oldest beyond the bound. O(1). */
export function noteSample(
  samples: SampledExecution[],
  { durationMs, sample }: Observation,
  sequence: number,
): void {
  if (sample === undefined) return
  samples.push({ sequence, durationMs, ...sample })
  if (samples.length > MAX_SAMPLE_COUNT) samples.shift()
}
