import type { Phase } from '../trace/execution.ts'
import type { Estimate, FindingClass } from './finding.ts'

/**
 * Why a level changed, ranked: what differs between the executions before and after (`flow_version` … `mix`) before where
 * on the path the time is (`place`).
 */
export type Cause =
  | PlaceCause
  | FlowVersionCause
  | CodeVersionCause
  | MarkCause
  | NodeCause
  | HostCause
  | AttributeCause
  | MixCause

/** The same for one cause whatever its figures, in whichever flow. */
export function causeKey(cause: Cause): string {
  const { kind } = cause
  switch (kind) {
    case 'place':
      return JSON.stringify([kind, cause.stepId ?? 0, cause.phase ?? 0, cause.spanName ?? 0])
    case 'flow_version':
    case 'code_version':
      return JSON.stringify([kind, cause.from, cause.to])
    case 'mark':
      return JSON.stringify([kind, cause.text, cause.unixNs.toString()])
    case 'node':
    case 'host':
      return JSON.stringify([kind, cause.node ?? 0])
    case 'attribute':
    case 'mix':
      return JSON.stringify([kind, cause.key, cause.value])
  }
}

interface CauseBase {
  /** Of the change of the mean what goes with the cause, in the unit of the finding's level. */
  readonly change: number
  /** `change` of the whole change, or of the places that changed where others moved against them: 1 explains all of it. */
  readonly share: number
  /** A clause for people: `flow version 2 (adds step fraud-check)`. */
  readonly words: string
  /** Executions that show it, and their traces in the same order; at most 3. */
  readonly executionIds: readonly string[]
  readonly traceIds: readonly string[]
}

/** A place on the critical path takes longer; its class says what kind of time that is. */
export interface PlaceCause extends CauseBase {
  readonly kind: 'place'
  readonly stepId: string | undefined
  readonly phase: Phase | 'paused' | undefined
  readonly spanName: string | undefined
  readonly class: FindingClass
  /** Of lookups in the step's validation cache; absent where none was measured, and for other phases. */
  readonly cacheHitRatioBefore: number | undefined
  readonly cacheHitRatioAfter: number | undefined
}

/**
 * How a version is known to be the cause: `onset`, the level changed when it came; `concurrent`, its executions differ from
 * those of the version before that ran at the same time.
 */
type DeploymentBasis = 'onset' | 'concurrent'

interface DeploymentCause extends CauseBase {
  readonly unixNs: bigint
  /** That it is the cause, where half of all changes have to do with one of the deployments: 0.7 to 1. */
  readonly probability: number
  readonly basis: DeploymentBasis
  /** Change of the mean from the old version's executions to the new one's. */
  readonly effect: Estimate
}

/** Another definition of the flow. */
export interface FlowVersionCause extends DeploymentCause {
  readonly kind: 'flow_version'
  readonly from: string
  readonly to: string
  /** Absent where a definition was not seen. */
  readonly difference: DefinitionDifference | undefined
}

/** What another definition means: ids of steps, in the order of the definition. */
export interface DefinitionDifference {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Another type or action. */
  readonly changed: readonly string[]
  /** The same steps one after the other in another order, or side by side. */
  readonly reordered: readonly string[]
  /** Other edges, where nothing above says it. */
  readonly rewired: readonly string[]
}

/** Another version of the code, by `service.version`. */
export interface CodeVersionCause extends DeploymentCause {
  readonly kind: 'code_version'
  readonly from: string
  readonly to: string
}

/** Something that somebody marked. */
export interface MarkCause extends DeploymentCause {
  readonly kind: 'mark'
  readonly text: string
}

/** Executions on one node take longer, those on others do not. */
export interface NodeCause extends CauseBase {
  readonly kind: 'node'
  readonly node: string
  /** Relative change beyond that of the others. */
  readonly effect: Estimate
}

/** All steps take longer together: the machine itself is slower. */
export interface HostCause extends CauseBase {
  readonly kind: 'host'
  /** Absent when the executions on all nodes are slower. */
  readonly node: string | undefined
  readonly effect: Estimate
}

/** Executions with one value of an attribute take longer, those with others do not. */
export interface AttributeCause extends CauseBase {
  readonly kind: 'attribute'
  readonly key: string
  readonly value: string
  readonly effect: Estimate
}

/** Slow kinds of executions became more frequent. */
export interface MixCause extends CauseBase {
  readonly kind: 'mix'
  /** An attribute, or `variant`: which branches were taken. */
  readonly key: string
  /** The value whose frequency accounts for most; of a variant, its steps. */
  readonly value: string
  readonly shareBefore: number
  readonly shareAfter: number
}
