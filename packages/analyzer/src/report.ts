import type { PathPlace } from './baseline/place.ts'
import type { VariantStep } from './baseline/variants.ts'
import type { PoolContention } from './detect/bottleneck/contention.ts'
import type { PlaceSaving } from './detect/bottleneck/place-savings.ts'
import type { MixShift } from './detect/change/mix-shift.ts'
import type { Estimate, Finding } from './detect/finding.ts'
import type { DetectionSettings } from './detection-settings.ts'
import type { Alert, Calibration } from './explain/alert/alert.ts'
import type { ExecutionComparison } from './explain/compare.ts'
import type { DriftReport } from './explain/drift-sentence.ts'
import type { PathSegment } from './path/path-segment.ts'
import type { PathTotal } from './path/path-total.ts'
import type { OwnPhase } from './path/phases.ts'
import type { Concurrency } from './stats/concurrency.ts'
import type { QuantileSummary } from './stats/quantile-interval.ts'
import type { Execution, Phase } from './trace/execution.ts'

export type { VariantStep } from './baseline/variants.ts'
export type {
  PoolContention,
  PoolHolder,
  PoolUse,
  PoolWaiter,
} from './detect/bottleneck/contention.ts'
export type { PlaceSaving } from './detect/bottleneck/place-savings.ts'
export type { Answer } from './explain/answer.ts'
export type { ExecutionComparison } from './explain/compare.ts'
export type { DriftReport } from './explain/drift-sentence.ts'
export type { OwnPhase } from './path/phases.ts'
export type { Concurrency } from './stats/concurrency.ts'
export type { QuantileEstimate, QuantileSummary } from './stats/quantile-interval.ts'

/** What became worse, told once for each cause. */
export interface AlertsReport {
  /** The open ones, the latest first, then the last that ended. */
  readonly alerts: readonly AlertReport[]
  /** What changes need more than others since users called them false; `reopen` of the alert takes it back. */
  readonly calibrations: readonly Calibration[]
  readonly falseAlarms: FalseAlarmReport
}

/** How often the detector is wrong, as promised and as measured. Rates are per execution of a flow. */
export interface FalseAlarmReport {
  /** Promised: at most one in this many executions of a flow. */
  readonly budgetExecutions: number
  /** Alarms over replays of calm history; absent until something was replayed. */
  readonly replayed: Estimate | undefined
  /** Alerts that users called false, over all executions that were judged; absent without a verdict. */
  readonly verdicts: Estimate | undefined
  readonly falsePositiveCount: number
}

/** Everything known of a tenant's flows. */
export interface Report extends AlertsReport {
  readonly flows: readonly FlowReport[]
  /** By flow: the open ones, then the last that were resolved. */
  readonly findings: readonly Finding[]
  /** By tenant and name; absent pools were in no detail span. */
  readonly pools: readonly PoolContention[]
  /** By tenant, service and instance; those that tell the size of their heap. */
  readonly processes: readonly ProcessReport[]
  readonly losses: Losses
}

/** An alert with what else is known where it lies. */
export interface AlertReport extends Alert {
  /** Its regressions that are still known, open bottlenecks at the same places, and advice for either. */
  readonly relatedIds: readonly string[]
}

/** How changes are judged, and the flows that they are judged in. */
export interface DetectionReport {
  readonly settings: DetectionSettings
  readonly flows: readonly FlowNoise[]
}

/** What a flow's healthy executions are like, as far as they are remembered. */
export interface FlowNoise {
  readonly tenant: string
  readonly flowId: string
  /** Of the present level, the oldest first. */
  readonly durationsMs: readonly number[]
  readonly executionsPerHour: number
}

/** The memory of a process. */
export interface ProcessReport {
  readonly tenant: string
  readonly serviceName: string | undefined
  readonly instanceId: string | undefined
  /** Used after the last garbage collections, their median; absent until there were some. */
  readonly heapBytes: number | undefined
  /** Absent when the process does not say. */
  readonly heapLimitBytes: number | undefined
  readonly seenUnixNs: bigint
}

/** `learning`: fewer executions than the detector's minimum; it says nothing about changes yet. `off`: and never will. */
export interface FlowReport {
  readonly tenant: string
  readonly flowId: string
  readonly versions: readonly string[]
  readonly executionCount: number
  readonly failedCount: number
  readonly state: 'learning' | 'watching' | 'off'
  /** Executions of the present level, and how many of them are learned before any is judged. */
  readonly learnedCount: number
  readonly minSampleSize: number
  /**
   * Whether executions per time are judged: not while their usual number is learned, never where sampling is not known, and not
   * for a flow of fewer than four a day.
   */
  readonly traffic: 'learning' | 'watching' | 'unknown_sampling' | 'too_rare' | 'off'
  /** Executions still needed before changes are judged. */
  readonly learningLeftCount: number
  /** Quantiles in ms with 95 % intervals; absent without executions, an end is absent when n is too small for it. */
  readonly durationMs: QuantileSummary
  /** By hour of the end, the oldest first; that one also holds what is older. */
  readonly hours: readonly HourReport[]
  /** A slow change of the duration since its level began, each moment of which is too small to be a change; absent without. */
  readonly drift: DriftReport | undefined
  readonly steps: readonly StepReport[]
  /** Mean ms per execution on the critical path, by step and phase; the parts sum to the mean duration. */
  readonly criticalPath: readonly CriticalPathShare[]
  /** Which branches were taken, the most frequent first. */
  readonly variants: readonly VariantReport[]
  /** What a place would save at some of its time; of the largest, the largest first. */
  readonly curves: readonly SpeedupCurve[]
  /** How many of the flow were open at once, over the last executions. */
  readonly concurrency: Concurrency | undefined
  /** Who waited for a turn in a parallel group, the longest first. */
  readonly queues: readonly QueueReport[]
  /** New versions of the flow and its code, and marks, the oldest first. */
  readonly deployments: readonly DeploymentReport[]
  /** When only the inputs shifted, the oldest first: slower or faster, and no change. */
  readonly mixShifts: readonly MixShiftReport[]
  /** The false-alarm budget in force: at most one false alarm in this many executions of the flow. */
  readonly falseAlarmBudgetExecutions: number
}

/** Something that was done: a version that came into use, or what somebody marked. */
export interface DeploymentReport {
  readonly kind: 'flow_version' | 'code_version' | 'mark'
  /** Of a version the start of its first execution. */
  readonly unixNs: bigint
  /** The version, or the mark's text. */
  readonly name: string
  /** The version before; absent for a mark. */
  readonly previous: string | undefined
  /** `adds fraud-check`: what another definition of the flow does otherwise, where both are known. */
  readonly difference: string | undefined
}

/** Inputs that became more or less frequent and alone moved a level; see `MixShift`. */
export interface MixShiftReport extends MixShift {
  /** Relative change of the median. */
  readonly effect: Estimate
  readonly onsetExecutionId: string
  readonly onsetUnixNs: bigint
  /** One sentence for people. */
  readonly sentence: string
}

/** The executions of a flow that ended in one hour of the clock. */
export interface HourReport {
  readonly startUnixNs: bigint
  readonly executionCount: number
  readonly failedCount: number
  readonly durationMs: QuantileSummary
}

export interface StepReport {
  readonly stepId: string
  readonly type: string | undefined
  readonly action: string | undefined
  readonly runCount: number
  readonly failedCount: number
  readonly durationMs: QuantileSummary
  /** Mean ms per run. */
  readonly phasesMs: Readonly<Partial<Record<Phase, number>>>
  readonly missingPhases: readonly Phase[]
  /**
   * How much later its runs could have ended without delaying their executions, of a sample of the present level; 0 lies on
   * the critical path. Absent without a sample.
   */
  readonly slack: SlackReport | undefined
  /** How many runs were open at once, over the flow's last executions. */
  readonly concurrency: Concurrency | undefined
}

export interface SlackReport {
  /** Of the runs, those whose end lies on the critical path. */
  readonly onPath: Estimate
  /** In ms. */
  readonly quantilesMs: QuantileSummary
}

/** Executions of a flow that took the same branches. Figures of its own: variants are not alike. */
export interface VariantReport {
  /** In order of start; absent: all that found no room of their own. */
  readonly steps: readonly VariantStep[] | undefined
  /** The steps that not every other variant has. */
  readonly distinct: readonly VariantStep[]
  readonly executionCount: number
  readonly failedCount: number
  /** Of the flow's executions. */
  readonly share: Estimate
  readonly durationMs: QuantileSummary
  /** The largest places, over the remembered executions. */
  readonly criticalPath: readonly CriticalPathShare[]
  /** What would be saved if a place took no time, the largest first; empty with fewer than ten executions. */
  readonly speedups: readonly PlaceSaving[]
}

/** A virtual speed-up over its whole range: what is saved when a place takes a part of its time. */
export interface SpeedupCurve {
  readonly place: PathPlace
  /** From all of its time, where nothing is saved, to none. */
  readonly points: readonly {
    /** Of the place's time. */
    readonly remainingRatio: number
    /** Of the flow's duration; n counts the executions that were re-simulated for this point: for the last one as many as can be. */
    readonly saved: Estimate
  }[]
}

/** A step that waited for its turn in a parallel group. */
export interface QueueReport {
  /** The step around the group. */
  readonly containerId: string | undefined
  readonly stepId: string
  /** How often, and how long in all. */
  readonly waitCount: number
  readonly waitMs: number
  /** Who ran meanwhile, the longest first; with several slots they sum to more. */
  readonly holders: readonly { readonly stepId: string; readonly ranMs: number }[]
}

export interface CriticalPathShare {
  readonly stepId: string | undefined
  readonly phase: Phase | 'paused' | undefined
  readonly spanName: string | undefined
  readonly meanMs: number
  readonly share: Estimate
}

/** One execution with its path, and what the analyzer has to say about it. */
/** A segment of the path with what is known of its phases. */
export interface ReportedSegment extends PathSegment {
  /**
   * Of a step's own time, whose phases are known by their lengths alone: what all such time of the run consists of, the largest first;
   * when in the step each passed is not measured. Absent where `phase` says it, and where no phase was measured.
   */
  readonly ownPhases?: readonly OwnPhase[] | undefined
}

export interface ExecutionReport {
  readonly execution: Execution
  readonly path: readonly ReportedSegment[]
  /** The path by step, phase and span, the largest first; sums exactly to the duration. */
  readonly totals: readonly PathTotal[]
  /** Against the flow's own history; absent while learning. */
  readonly comparison: ExecutionComparison | undefined
  readonly findings: readonly Finding[]
}

export interface ExecutionSummary {
  readonly tenant: string
  readonly executionId: string
  readonly flowId: string
  readonly flowVersion: string | undefined
  readonly traceId: string
  readonly status: string | undefined
  readonly startUnixNs: bigint
  /** Absent while it runs. */
  readonly durationMs: number | undefined
  readonly spanCount: number
  readonly closeReason: string | undefined
}

/** Everything that was not used, by named reason; and what was, for comparison. */
export interface Losses {
  readonly acceptedSpanCount: number
  readonly droppedSpans: Readonly<Record<string, number>>
  readonly closedExecutions: Readonly<Record<string, number>>
  /** Executions that were not judged or judged in part, by reason, and what had no room in a bound. */
  readonly unjudged?: Readonly<Record<string, number>>
  /** Executions that entered the detectors in another place than their end's, by reason; no loss. */
  readonly misplaced?: Readonly<Record<string, number>>
}
