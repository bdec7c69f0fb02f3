import type { Interval } from '../../stats/mean-interval.ts'
import { type Counts, countRatio, countsOf, shareDifference } from '../../stats/rate-change.ts'
import { findingId } from '../finding-id.ts'
import type { FlowMemory } from '../flow-memory.ts'
import type { RatePlace } from '../series/series-place.ts'
import { nextPointNumber, type RatePoint } from './rate-points.ts'

/** A change of a rate that was confirmed, from opening to resolution. Plain data. */
export interface RateChange {
  readonly id: string
  readonly direction: 'regression' | 'improvement'
  readonly place: RatePlace
  readonly onset: {
    /** Judged executions of the flow before it. */
    readonly position: number
    readonly executionId: string
    readonly unixNs: bigint
    readonly flowVersion: string | undefined
  }
  readonly before: Counts
  /** From here on the level is the one that `effect` states: the onset, or a later partial return. */
  readonly levelFrom: number
  readonly after: Counts
  /** Width of a bucket of the counts; absent for shares of executions. */
  readonly bucketMs: number | undefined
  /** Difference of the shares that failed; of throughput the relative change. */
  readonly effect: Interval
  /** The effect when it was confirmed. */
  readonly opened: {
    readonly effect: number
    readonly position: number
    readonly number: number
    readonly unixNs: bigint
  }
  readonly logEvidence: number
  /** Step in which most failures are; absent for traffic, and when none is known. */
  readonly failingStepId: string | undefined
  readonly state: 'open' | 'resolved'
  readonly updatedUnixNs: bigint
  /** Number of the last point after which the change was told, and what was. */
  readonly toldNumber: number
  readonly toldEffect: Interval
  readonly typical: readonly { readonly executionId: string; readonly traceId: string }[]
}

const MAX_EVIDENCE_COUNT = 5

/** Of an error rate a tenth of `alertThreshold`, as a difference: one failure weighs more than ten that are a tenth slower. */
const ERROR_RATIO = 0.1
/** Traffic moves by a tenth all day, and not by the flow's doing. */
const TRAFFIC_RATIO = 5

/** What a rate must have changed by to matter, upwards and downwards. */
export function smallestChange(
  { metric }: RatePlace,
  alertThreshold: number,
): { readonly up: number; readonly down: number } {
  if (metric === 'error_rate') {
    const up = ERROR_RATIO * alertThreshold
    return { up, down: -up }
  }
  const up = TRAFFIC_RATIO * alertThreshold
  return { up, down: 1 / (1 + up) - 1 }
}

/** Those of the points since the onset that are of the new level alone: within the first bucket it began. */
export function levelPoints(
  { metric }: RatePlace,
  after: readonly RatePoint[],
): readonly RatePoint[] {
  return metric === 'throughput' ? after.slice(1) : after
}

/** Difference of shares or ratio of counts; absent when a side is of nothing. */
export function rateEffect(
  { metric }: RatePlace,
  before: Counts,
  after: Counts,
): Interval | undefined {
  if (metric === 'throughput') return countRatio(before, after)
  return shareDifference({ count: before.sum, n: before.n }, { count: after.sum, n: after.n })
}

/** What a change is at the moment it is confirmed. */
export function openRateChange(
  memory: FlowMemory,
  shift: {
    readonly flow: { readonly tenant: string; readonly flowId: string }
    readonly place: RatePlace
    readonly effect: Interval
    readonly logEvidence: number
    readonly before: readonly RatePoint[]
    readonly after: readonly RatePoint[]
    readonly flowVersion: string | undefined
  },
): RateChange | undefined {
  const { flow, place, effect, after } = shift
  const level = levelPoints(place, after)
  const onset = after[0]
  const newest = after.at(-1)
  if (onset === undefined || newest === undefined) return undefined
  const isUp = effect.value > 0
  const direction = isUp === (place.metric === 'error_rate') ? 'regression' : 'improvement'
  const number = nextPointNumber(memory, place)
  return {
    id: findingId({
      ...flow,
      stepId: place.stepId,
      phase: undefined,
      metric: place.metric,
      kind: 'regression',
      direction,
      onsetExecutionId: onset.executionId,
    }),
    direction,
    place,
    onset: {
      position: onset.position,
      executionId: onset.executionId,
      unixNs: onset.startUnixNs,
      flowVersion: shift.flowVersion,
    },
    before: countsOf(shift.before.map(({ value }) => value)),
    bucketMs: place.metric === 'throughput' ? memory.traffic.widthMs : undefined,
    opened: {
      effect: effect.value,
      position: newest.position,
      number,
      unixNs: newest.endUnixNs,
    },
    levelFrom: level[0]?.position ?? onset.position,
    logEvidence: shift.logEvidence,
    failingStepId: place.stepId ?? failingStep(memory, place, onset.position),
    state: 'open',
    toldNumber: number,
    toldEffect: effect,
    ...rateLevel(place, effect, level),
  }
}

/** The change with its effect at the level of these points; unchanged when there are too few to say. */
export function measureRate(change: RateChange, points: readonly RatePoint[]): RateChange {
  const after = countsOf(points.map(({ value }) => value))
  const effect = rateEffect(change.place, change.before, after)
  if (effect === undefined) return change
  return { ...change, ...rateLevel(change.place, effect, points) }
}

function rateLevel(place: RatePlace, effect: Interval, points: readonly RatePoint[]) {
  return {
    after: countsOf(points.map(({ value }) => value)),
    effect,
    updatedUnixNs: points.at(-1)?.endUnixNs ?? 0n,
    typical: shownPoints(place, points),
  }
}

/** What failed is the evidence of failures; the last of all is that of traffic. */
export function shownPoints(place: RatePlace, points: readonly RatePoint[]): RateChange['typical'] {
  const shown = place.metric === 'error_rate' ? points.filter(({ value }) => value > 0) : points
  const ids = new Map(shown.map(({ executionId, traceId }) => [executionId, traceId]))
  const newest = [...ids].reverse().slice(0, MAX_EVIDENCE_COUNT)
  return newest.map(([executionId, traceId]) => ({ executionId, traceId }))
}

/** The step that failed in most of the failed executions since then; of equals the first by name. */
function failingStep({ failures }: FlowMemory, place: RatePlace, from: number): string | undefined {
  if (place.metric !== 'error_rate') return undefined
  const counts = new Map<string, number>()
  for (const { position, failedStepIds } of failures.last)
    if (position >= from)
      for (const stepId of failedStepIds) counts.set(stepId, (counts.get(stepId) ?? 0) + 1)
  const ranked = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  return ranked[0]?.[0]
}
