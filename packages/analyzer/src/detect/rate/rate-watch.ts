import { type Counters, countOne } from '../../baseline/counters.ts'
import type { Interval } from '../../stats/mean-interval.ts'
import type { FlowMemory } from '../flow-memory.ts'
import { isSameSeries, type RateMetric } from '../series/series-place.ts'
import { measureRate, type RateChange, smallestChange } from './rate-change.ts'
import { nextPointNumber, type RatePoint, ratePoints } from './rate-points.ts'

/** A step in the life of a change of a rate. */
export interface RateStep {
  readonly step: 'opened' | 'updated' | 'resolved'
  readonly change: RateChange
}

/** What came of showing the open changes their newest points. */
export interface FollowedRates {
  readonly open: RateChange[]
  readonly steps: RateStep[]
  /** Where a level began that is that of before again. */
  readonly from: number | undefined
}

/** Open changes of rates in one flow; another is only counted, as `change_limit`. */
const MAX_OPEN_COUNT = 8
/** The effect is measured on so many points and then stands. */
const MEASURED_COUNT = { error_rate: 200, throughput: 60 }
/** How often it is measured, and how often it may be told: executions come often, buckets do not. */
const MEASURE_EVERY_COUNT = { error_rate: 5, throughput: 1 }
const TELL_EVERY_COUNT = { error_rate: 50, throughput: 12 }
/** An interval narrower than anybody cares about: a tenth of the effect is news. */
const TELL_EFFECT_SHARE = 0.1
/** A rate is back when as many points that would have held this many failures hold those of before. */
const EXPECTED_FAILURES = 4
const MAX_RECOVERY_COUNT = 200
/** Buckets hold several executions each. */
const EXECUTIONS_PER_BUCKET = 5

/** Measures the open changes of a metric again and ends those that are over. */
export function followRates(
  open: readonly RateChange[],
  memory: FlowMemory,
  settings: { readonly alertThreshold: number; readonly windowSize: number },
  metric: RateMetric,
): FollowedRates {
  const kept: RateChange[] = []
  const steps: RateStep[] = []
  let from: number | undefined
  for (const change of open) {
    const age = nextPointNumber(memory, change.place) - change.opened.number
    const isDue = change.place.metric === metric && age % MEASURE_EVERY_COUNT[metric] === 0
    if (!isDue || age === 0) {
      kept.push(change)
      continue
    }
    const points = ratePoints(memory, change.place, change.levelFrom)
    const back = recovered(change, points, settings)
    if (back !== undefined) {
      steps.push({ step: 'resolved', change: { ...back.change, state: 'resolved' } })
      from = Math.max(from ?? 0, back.from)
    } else if (age > MEASURED_COUNT[metric] && change.direction === 'improvement') {
      // An improvement that lasted is the normal state.
      steps.push({ step: 'resolved', change: { ...change, state: 'resolved' } })
    } else if (age > MEASURED_COUNT[metric]) kept.push(change)
    else {
      const told = tell(measureRate(change, points), nextPointNumber(memory, change.place))
      kept.push(told.change)
      if (told.isNews) steps.push({ step: 'updated', change: told.change })
    }
  }
  return { open: kept, steps, from }
}

/** A confirmed change joins the open ones, unless it is nothing but the way back of some of them. */
export function admitRate(
  open: readonly RateChange[],
  shift: {
    readonly change: RateChange
    readonly after: readonly RatePoint[]
    readonly alertThreshold: number
  },
  counters: Counters,
): { readonly open: RateChange[]; readonly steps: RateStep[] } {
  const { change, after, alertThreshold } = shift
  const isOpposite = (one: RateChange) =>
    isSameSeries(one.place, change.place) && one.direction !== change.direction
  const steps: RateStep[] = []
  const left: RateChange[] = []
  for (const one of open) {
    const measured = isOpposite(one) ? measureRate(one, after) : one
    if (measured !== one && isBack(one, measured.effect, alertThreshold))
      steps.push({ step: 'resolved', change: { ...measured, state: 'resolved' } })
    // Part of the way back: what stays open is measured from here on.
    else left.push(isOpposite(one) ? { ...one, levelFrom: change.onset.position } : one)
  }
  if (open.some(isOpposite)) return { open: left, steps }
  if (left.length >= MAX_OPEN_COUNT) {
    countOne(counters, 'change_limit')
    return { open: left, steps }
  }
  return { open: [...left, change], steps: [...steps, { step: 'opened', change }] }
}

/** The change at its end, and where the way back began; absent while the newest points do not look as before. */
function recovered(
  change: RateChange,
  points: readonly RatePoint[],
  { alertThreshold, windowSize }: { readonly alertThreshold: number; readonly windowSize: number },
): { readonly change: RateChange; readonly from: number } | undefined {
  const count = recoveryCount(change, windowSize)
  const since = points.filter(({ number }) => number >= change.opened.number)
  const recent = since.slice(-count)
  const first = recent[0]
  if (recent.length < count || first === undefined) return undefined
  const measured = measureRate(change, recent)
  if (!isBack(change, measured.effect, alertThreshold)) return undefined
  return { change: measured, from: first.position }
}

function recoveryCount({ place, opened }: RateChange, windowSize: number): number {
  if (place.metric === 'throughput')
    return Math.max(3, Math.ceil(windowSize / EXECUTIONS_PER_BUCKET))
  const telling = Math.ceil(EXPECTED_FAILURES / Math.max(Math.abs(opened.effect), 1e-3))
  return Math.min(MAX_RECOVERY_COUNT, Math.max(windowSize, telling))
}

/** The level may be that of before, is not the changed one, and is nearer to before. */
function isBack(
  { place, opened }: RateChange,
  { low, value, high }: Interval,
  threshold: number,
): boolean {
  const least = smallestChange(place, threshold)
  const isUp = opened.effect > 0
  const mayBeBefore = isUp ? low <= least.up : high >= least.down
  const isNotChanged = isUp ? high < opened.effect : low > opened.effect
  const isNear = isUp
    ? value <= Math.max(least.up, opened.effect / 4)
    : value >= Math.min(least.down, opened.effect / 4)
  return mayBeBefore && isNotChanged && isNear
}

function tell(change: RateChange, number: number): { change: RateChange; isNews: boolean } {
  const { effect, toldEffect, toldNumber, place } = change
  const isInside = effect.value >= toldEffect.low && effect.value <= toldEffect.high
  const isNear =
    Math.abs(effect.value - toldEffect.value) <= TELL_EFFECT_SHARE * Math.abs(toldEffect.value)
  const isDue = number - toldNumber >= TELL_EVERY_COUNT[place.metric]
  if (!isDue || isInside || isNear) return { change, isNews: false }
  return { change: { ...change, toldNumber: number, toldEffect: effect }, isNews: true }
}
