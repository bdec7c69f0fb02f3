import type { ErrorType } from './QflowError.ts'

/** Which handler runs a step. */
export type StepType = 'task' | 'condition' | 'parallel' | 'event-trigger' | 'module-call'

/** How often and how fast a failed step is tried again. Delays in ms. */
export interface RetryPolicy {
  /** All attempts, the first one included. */
  readonly maxAttempts: number
  readonly backoffStrategy: 'fixed' | 'linear' | 'exponential'
  readonly initialDelay: number
  readonly maxDelay: number
  /** Of the exponential strategy; 2 when absent. */
  readonly backoffMultiplier?: number
  /** Only these are tried again; when absent, all that are not permanent. */
  readonly retryableErrors?: readonly ErrorType[]
}

interface ResourceLimits {
  readonly maxMemoryMB: number
  readonly maxExecutionTimeMs: number
  readonly maxCpuPercent?: number
  readonly maxNetworkRequests?: number
}

/** One step; where it leads is named by step ids. */
export interface FlowStep {
  readonly id: string
  readonly type: StepType
  readonly action: string
  readonly params: Readonly<Record<string, unknown>>
  readonly onSuccess?: string
  readonly onFailure?: string
  /** Of a condition; stands here or in `params`. */
  readonly onTrue?: string
  /** Of a condition; stands here or in `params`. */
  readonly onFalse?: string
  /** Bound of one attempt, in ms. */
  readonly timeout?: number
  readonly retryPolicy?: RetryPolicy
  readonly resourceLimits?: ResourceLimits
}

/** What admission and the permission layer read of a flow. */
export interface FlowMetadata {
  readonly tags: readonly string[]
  readonly category: string
  readonly visibility: 'public' | 'dao-only' | 'private'
  readonly daoSubnet?: string
  readonly requiredPermissions: readonly string[]
  readonly estimatedDuration?: number
  readonly resourceRequirements?: Readonly<Record<string, unknown>>
  readonly optimizations?: readonly unknown[]
}

/** A flow as it is written down. */
export interface FlowDefinition {
  readonly id: string
  readonly name: string
  readonly version: string
  readonly owner: string
  readonly description?: string
  readonly steps: readonly FlowStep[]
  readonly metadata: FlowMetadata
  readonly daoPolicy?: string
  readonly createdAt: string
  readonly updatedAt: string
}
