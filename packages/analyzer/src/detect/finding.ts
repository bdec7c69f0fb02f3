import type { ProcessName } from '../otlp/heap-reading.ts'
import type { Phase } from '../trace/execution.ts'
import type { Cause } from './cause.ts'
import type { Metric } from './series/series-place.ts'

/** A figure with its 95 % interval and the number of executions it rests on. Ratios are 0..1. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
  readonly n: number
}

export type FindingClass =
  | 'cpu'
  | 'memory'
  | 'io'
  | 'validation'
  | 'resource-wait'
  | 'ledger'
  | 'retry'
  | 'queue'
  | 'serial-work'
  | 'engine'
  | 'work'
  | 'errors'
  | 'traffic'

export type Severity = 'low' | 'medium' | 'high' | 'critical'

/** A place in a flow: the whole flow, a step, or a phase of a step; `span` names a foreign span inside it. */
export interface Place {
  /** Of a process the name of its service. */
  readonly flowId: string
  readonly flowVersion: string | undefined
  readonly stepId: string | undefined
  readonly phase: Phase | undefined
  /** Label of the user's own span in which the time passes, e.g. `GET payments.example`; see `spanLabel`. */
  readonly spanName: string | undefined
  /** The process whose memory it is; absent for all that lies in flows. */
  readonly process?: ProcessName
}

/** What a user can look up to check the finding. */
export interface Evidence {
  /** At most 5, the clearest first. */
  readonly executionIds: readonly string[]
  readonly traceIds: readonly string[]
  /** Named figures with their unit in the name, e.g. `medianBeforeMs`. */
  readonly figures: Readonly<Record<string, number>>
}

interface FindingBase {
  /** Stable over the finding's life, 32 hex digits. */
  readonly id: string
  readonly tenant: string
  readonly place: Place
  readonly class: FindingClass
  readonly severity: Severity
  readonly state: 'open' | 'resolved'
  readonly openedUnixNs: bigint
  readonly updatedUnixNs: bigint
  /** One sentence for people. */
  readonly sentence: string
  readonly evidence: Evidence
}

/** If this phase took no time, the flow would be `speedup` faster. */
export interface Bottleneck extends FindingBase {
  readonly kind: 'bottleneck'
  readonly speedup: Estimate
  /** Mean time saved per execution. */
  readonly savedMs: Estimate
}

/** The level of a metric before and after a change. */
export interface MetricLevel {
  /** Medians of ms or bytes, shares of executions, or executions per hour. */
  readonly unit: 'ms' | 'bytes' | 'ratio' | 'per_hour'
  readonly before: number
  readonly after: number
}

/** How fast the heap of a process grows, and when it will have none left if that goes on. */
export interface MemoryTrend {
  /** `n` is the number of points in the time of the growth. */
  readonly bytesPerHour: Estimate
  /** Absent when the process does not say how large its heap may be. */
  readonly limit: ReachedLimit | undefined
}

/** When a limit is reached. Without `latestUnixNs` the growth may as well be none: then it is only "not before". */
interface ReachedLimit {
  readonly bytes: number
  readonly reachedUnixNs: bigint | undefined
  readonly earliestUnixNs: bigint
  readonly latestUnixNs: bigint | undefined
}

/** The level of a metric changed and stays changed. */
export interface Regression extends FindingBase {
  readonly kind: 'regression'
  readonly direction: 'regression' | 'improvement'
  readonly metric: Metric
  /** Where the place is a phase of all steps: the step in which it changed most, by which alerts are told apart. */
  readonly mainStepId?: string
  /** Relative change of the level: 0.5 is 50 % slower. Of an error rate the difference: 0.05 is five more that fail in a hundred. */
  readonly effect: Estimate
  readonly level: MetricLevel
  /** Of the memory of a process that leaks. */
  readonly trend?: MemoryTrend
  /** Absent for a process. */
  readonly onsetExecutionId: string | undefined
  readonly onsetUnixNs: bigint
  /** Of a duration or phase: the mean change of the flow, split exactly over steps and phases, the largest first. */
  readonly contributions: readonly Contribution[]
  /** Why, the likeliest first. They overlap: one change has a version, steps and phases. */
  readonly causes: readonly Cause[]
}

export interface Contribution {
  readonly stepId: string | undefined
  readonly phase: Phase | 'paused' | undefined
  readonly spanName: string | undefined
  readonly changeMs: number
}

/** One execution took far longer than healthy ones do. It is no change of level, and no reason to wake anybody. */
export interface Anomaly extends FindingBase {
  readonly kind: 'anomaly'
  readonly executionId: string
  readonly durationMs: number
  readonly medianMs: number
  /** Where durations that are not told lie. */
  readonly expectedMs: { readonly low: number; readonly high: number }
  /** Share of healthy executions that take at least as long, by the estimated tail; at most 1 in 1,000 is told. */
  readonly tailRatio: number
  /** Executions that the verdict rests on. */
  readonly n: number
  /** With those that followed soon and were as unusual. */
  readonly executionCount: number
  /** Where it took longer than the median on its path, the largest first. */
  readonly excess: readonly {
    readonly stepId: string | undefined
    readonly phase: Phase | 'paused' | undefined
    readonly spanName: string | undefined
    readonly excessMs: number
  }[]
}

/** What to do about an open bottleneck or regression. */
export interface Recommendation extends FindingBase {
  readonly kind: 'recommendation'
  readonly action: string
  /** Imperative, for people: what to change. */
  readonly advice: string
  readonly predictedGain: Estimate
  /** What would have to be true for the gain to come. */
  readonly assumptions: readonly string[]
  readonly forFindingIds: readonly string[]
}

export type Finding = Bottleneck | Regression | Anomaly | Recommendation

/** A step in a finding's life; becomes the event `qflow.<kind>.<change>`. */
export interface FindingChange {
  readonly change: 'opened' | 'updated' | 'resolved'
  readonly finding: Finding
}
