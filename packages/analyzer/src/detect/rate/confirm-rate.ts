import type { Interval } from '../../stats/mean-interval.ts'
import {
  bernoulliLogLikelihood,
  countsOf,
  likeliestSplit,
  poissonLogLikelihood,
} from '../../stats/rate-change.ts'
import type { FlowMemory } from '../flow-memory.ts'
import type { Alarm } from '../series/change-detector.ts'
import type { RatePlace } from '../series/series-place.ts'
import { levelPoints, rateEffect, smallestChange } from './rate-change.ts'
import { type RatePoint, ratePoints } from './rate-points.ts'

/** What an alarm of a rate turned out to be. */
export type RateVerdict =
  | {
      readonly kind: 'confirmed'
      readonly place: RatePlace
      readonly effect: Interval
      readonly before: readonly RatePoint[]
      readonly after: readonly RatePoint[]
    }
  /** Real or not, it does not matter: a baseline may begin here. */
  | { readonly kind: 'immaterial'; readonly from: number }
  /** Too early to say. */
  | { readonly kind: 'open' }

/** How many points a level needs on either side, and when one that shows nothing is given up. */
const NEEDED = {
  // A burst of failures is over sooner: an outage of some executions is no level.
  error_rate: { before: 8, after: 10, patience: 200 },
  // The bucket of the onset and three more: of twelve executions at least that did not come.
  throughput: { before: 4, after: 4, patience: 60 },
}
/** Of all failures since the onset, those in its younger half: fewer say that it is over. */
const MIN_YOUNG_RATIO = 0.25

/** Judges an alarm of a rate: where the change began, and whether the rate moved by more than the smallest change. */
export function confirmRate(
  memory: FlowMemory,
  alarm: Pick<Alarm, 'start'> & { readonly place: RatePlace },
  { baselineStart, alertThreshold }: { baselineStart: number; alertThreshold: number },
): RateVerdict {
  const points = ratePoints(memory, alarm.place, baselineStart)
  const needed = NEEDED[alarm.place.metric]
  const split = splitOf(points, alarm.place)
  if (split === undefined) return { kind: 'open' }
  // What fails in a step mostly fails the execution: that is then what is told, with the step as its place.
  const places = [{ ...alarm.place, stepId: undefined }, alarm.place]
  for (const place of alarm.place.stepId === undefined ? [alarm.place] : places) {
    const sides = sidesAt(memory, place, { points, split, baselineStart })
    if (sides.before.length < needed.before || sides.after.length < needed.after) continue
    const effect = effectOf(place, sides)
    const least = smallestChange(place, alertThreshold)
    const isLarge = effect !== undefined && (effect.low > least.up || effect.high < least.down)
    if (isLarge && isLasting(place, sides, effect))
      return { kind: 'confirmed', place, effect, ...sides }
  }
  const from = points[split]?.position ?? baselineStart
  return points.length - split >= needed.patience ? { kind: 'immaterial', from } : { kind: 'open' }
}

interface Sides {
  readonly before: readonly RatePoint[]
  readonly after: readonly RatePoint[]
}

function splitOf(points: readonly RatePoint[], { metric }: RatePlace): number | undefined {
  const needed = NEEDED[metric]
  const range = { from: needed.before, to: points.length - 2 }
  const logLikelihood = metric === 'throughput' ? poissonLogLikelihood : bernoulliLogLikelihood
  const split = likeliestSplit(
    points.map(({ value }) => value),
    range,
    logLikelihood,
  )
  // A change that is too young must not be moved to where it would be old enough.
  return split === undefined || points.length - split < needed.after ? undefined : split
}

/** The points of another place of the same metric, cut at the same moment. */
function sidesAt(
  memory: FlowMemory,
  place: RatePlace,
  cut: { readonly points: readonly RatePoint[]; readonly split: number; baselineStart: number },
): Sides {
  const onset = cut.points[cut.split]
  if (onset === undefined) return { before: [], after: [] }
  const own = ratePoints(memory, place, cut.baselineStart)
  const index = own.findIndex(({ number }) => number >= onset.number)
  return index < 0
    ? { before: own, after: [] }
    : { before: own.slice(0, index), after: own.slice(index) }
}

function effectOf(place: RatePlace, { before, after }: Sides): Interval | undefined {
  const counts = (points: readonly RatePoint[]) => countsOf(points.map(({ value }) => value))
  return rateEffect(place, counts(before), counts(levelPoints(place, after)))
}

/** Whether the newest points are on the new level too. */
function isLasting({ metric }: RatePlace, { before, after }: Sides, effect: Interval): boolean {
  if (metric === 'error_rate') {
    const young = after.slice(Math.floor(after.length / 2))
    const failures = sumOf(after)
    if (effect.value > 0) return sumOf(young) >= MIN_YOUNG_RATIO * failures
    return sumOf(young) / young.length <= sumOf(after) / after.length + effect.value / -2
  }
  const newest = sumOf(after.slice(-2)) / 2
  const middle = (sumOf(before) / before.length + sumOf(after) / after.length) / 2
  return effect.value > 0 ? newest > middle : newest < middle
}

function sumOf(points: readonly RatePoint[]): number {
  return points.reduce((sum, { value }) => sum + value, 0)
}
