import type { CurveMs, Observation } from './observation.ts'

/** What one execution would save at the parts of the time of its largest places. */
export interface CurveSample {
  readonly sequence: number
  readonly durationMs: number
  readonly curves: readonly CurveMs[]
}

/** As many as an interval of a few percent takes. */
const MAX_SAMPLE_COUNT = 64

/** Keeps the execution's curves where it has some, forgetting the oldest beyond the bound. O(1). */
export function noteCurves(
  samples: CurveSample[],
  { durationMs, curves }: Observation,
  sequence: number,
): void {
  if (curves.length === 0) return
  samples.push({ sequence, durationMs, curves })
  if (samples.length > MAX_SAMPLE_COUNT) samples.shift()
}
