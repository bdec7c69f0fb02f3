import { simulatedEntries } from './baseline/history.ts'
import type { PathSample } from './baseline/observation.ts'
import { pathSample } from './baseline/path-samples.ts'
import { isSamePhase, type PathPlace } from './baseline/place.ts'
import { CURVE_RATIOS } from './baseline/savings.ts'
import { placeSavings } from './detect/bottleneck/place-savings.ts'
import type { FlowState } from './flow-state.ts'
import type { SpeedupCurve } from './report.ts'
import { ratioInterval } from './stats/mean-interval.ts'

/** The largest places; a curve of less than this share of the flow is not worth a line. */
const MAX_CURVE_COUNT = 3
const MIN_SHARE = 0.1

/**
 * What the largest places of the present level would save at each part of their time, by re-simulation of a sample of
 * its executions. In one where a place was not among the largest it counts as saving nothing: a lower bound.
 */
export function curveReports({ history, watch, samples }: FlowState): SpeedupCurve[] {
  const from = watch.detector.baselineStart
  const present = samples
    .filter(({ sequence }) => sequence >= from)
    .map((one) => ({ durationMs: one.durationMs, curves: pathSample(one).curves }))
  return placeSavings(history, simulatedEntries(history, from))
    .filter(({ speedup }) => speedup.value >= MIN_SHARE)
    .slice(0, MAX_CURVE_COUNT)
    .flatMap(({ place }) => {
      const points = [...CURVE_RATIOS, 0].flatMap((remainingRatio, index) => {
        const saved = ratioInterval(
          present.map(({ durationMs, curves }) => ({
            part: savedMsAt(curves, place, index),
            whole: durationMs,
          })),
        )
        return saved === undefined ? [] : [{ remainingRatio, saved }]
      })
      const n = points[0]?.saved.n
      if (n === undefined || points.every(({ saved }) => saved.value === 0)) return []
      const whole = { remainingRatio: 1, saved: { value: 0, low: 0, high: 0, n } }
      return [{ place, points: [whole, ...points] }]
    })
}

function savedMsAt(curves: PathSample['curves'], place: PathPlace, index: number): number {
  return curves.find((one) => isSamePhase(one.place, place))?.savedMs[index] ?? 0
}
