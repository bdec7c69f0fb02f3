import type { History } from './baseline/history.ts'
import { type HistoryEntry, visitSavings } from './baseline/history-entry.ts'
import type { PathSample } from './baseline/observation.ts'
import { pathSample } from './baseline/path-samples.ts'
import { isSamePhase, isSamePlace, type PathPlace } from './baseline/place.ts'
import { CURVE_RATIOS } from './baseline/savings.ts'
import { placeSavings } from './detect/bottleneck/place-savings.ts'
import { presentEntries } from './detect/bottleneck/present-savings.ts'
import type { Estimate } from './detect/finding.ts'
import type { FlowState } from './flow-state.ts'
import type { SpeedupCurve } from './report.ts'
import { ratioInterval } from './stats/mean-interval.ts'

/** The largest places; a curve of less than this share of the flow is not worth a line. */
const MAX_CURVE_COUNT = 3
const MIN_SHARE = 0.1

/**
 * What the largest places of the present level would save at each part of their time: without any of it by re-simulation of
 * all executions that speak for the present, as a bottleneck says it, and in between that part of it which a sample of them
 * saves. In one where a place was not among the largest it counts as saving nothing: a lower bound.
 */
export function curveReports({ history, watch, samples }: FlowState): SpeedupCurve[] {
  const from = watch.detector.baselineStart
  const present = samples
    .filter(({ sequence }) => sequence >= from)
    .map((one) => pathSample(one).curves)
  const entries = presentEntries(history, from)
  return placeSavings(history, entries)
    .filter(({ speedup }) => speedup.value >= MIN_SHARE)
    .slice(0, MAX_CURVE_COUNT)
    .flatMap(({ place }) => {
      const saved = savedShare(history, entries, place)
      const last = CURVE_RATIOS.length
      const points = CURVE_RATIOS.flatMap((remainingRatio, index) => {
        const part = ratioInterval(
          present.map((curves) => ({
            part: savedMsAt(curves, place, index),
            whole: savedMsAt(curves, place, last),
          })),
        )
        return part === undefined || saved === undefined
          ? []
          : [{ remainingRatio, saved: partOf(saved, part) }]
      })
      const [first] = points
      if (first === undefined || saved === undefined) return []
      const whole = { remainingRatio: 1, saved: { value: 0, low: 0, high: 0, n: first.saved.n } }
      return [{ place, points: [whole, ...points, { remainingRatio: 0, saved }] }]
    })
}

/** Of the place itself: where a kind of span makes up a phase, its bottleneck has the saving of the phase. */
function savedShare(
  history: History,
  entries: readonly HistoryEntry[],
  place: PathPlace,
): Estimate | undefined {
  const own = history.places.findIndex((one) => isSamePlace(one, place))
  const savedMs = (entry: HistoryEntry) => {
    let sumMs = 0
    visitSavings(entry, (index, ms) => {
      if (index === own) sumMs += ms
    })
    return sumMs
  }
  return ratioInterval(entries.map((entry) => ({ part: savedMs(entry), whole: entry.durationMs })))
}

/** The part of a share, with the doubt of both; that of the part is the sample's. */
function partOf(share: Estimate, part: Estimate): Estimate {
  const value = share.value * part.value
  const halfOf = ({ low, high }: Estimate) => (high - low) / 2
  const half = Math.hypot(share.value * halfOf(part), part.value * halfOf(share))
  return { value, low: value - half, high: value + half, n: part.n }
}

function savedMsAt(curves: PathSample['curves'], place: PathPlace, index: number): number {
  return curves.find((one) => isSamePhase(one.place, place))?.savedMs[index] ?? 0
}
