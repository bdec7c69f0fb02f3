import type { Phase } from '../../trace/execution.ts'

/** What is watched of a flow. */
export type Metric =
  | 'duration'
  /** ms of a phase of a step on the critical path. */
  | 'phase'
  /** ms of CPU that were a step's alone. */
  | 'cpu'
  /** Bytes by which the heap grew in a step that ran alone. */
  | 'memory'
  /** ms that a step waited for its turn in a parallel group, on the path or not. */
  | 'queue_wait'
  /** Share of the executions, or of those in which a step ran, that failed. */
  | 'error_rate'
  /** Executions per time. */
  | 'throughput'

/** Which series: all but the flow's duration, which has no place. */
export interface SeriesPlace {
  readonly metric: Exclude<Metric, 'duration'>
  readonly stepId: string | undefined
  /** Of the metric `phase` only. */
  readonly phase: Phase | 'paused' | undefined
}

/** Those that are rates: their changes are differences of shares or ratios of counts, not of medians. */
export type RateMetric = 'error_rate' | 'throughput'

/** Where a rate is watched. */
export interface RatePlace extends SeriesPlace {
  readonly metric: RateMetric
}

export function isRate(place: SeriesPlace | undefined): place is RatePlace {
  return place?.metric === 'error_rate' || place?.metric === 'throughput'
}

export function isSameSeries(a: SeriesPlace | undefined, b: SeriesPlace | undefined): boolean {
  return a?.metric === b?.metric && a?.stepId === b?.stepId && a?.phase === b?.phase
}
