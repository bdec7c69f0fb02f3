import type { ErrorType } from './QflowError.ts'

/** The last three are final. */
export type ExecutionStatus = 'pending' | 'running' | 'paused' | 'completed' | 'failed' | 'aborted'

/** What started an execution. */
export type TriggerType = 'manual' | 'webhook' | 'event' | 'schedule'

/** What a caller gives to `startExecution`. */
export interface ExecutionContext {
  readonly triggeredBy: string
  readonly triggerType: TriggerType
  readonly inputData: Readonly<Record<string, unknown>>
  readonly variables: Readonly<Record<string, unknown>>
  readonly daoSubnet?: string
  readonly permissions: readonly string[]
}

/** What one execution reserves of its subnet. */
export interface ResourceRequest {
  readonly cpu: number
  readonly memory: number
  readonly storage: number
  readonly network: number
}

/** The caller's context with the subnet decided. */
export interface DAOExecutionContext extends ExecutionContext {
  readonly daoSubnet: string
  readonly resourceRequest: ResourceRequest
}

/** A failed step or execution, as events and states carry it. */
export interface ExecutionError {
  readonly type: ErrorType
  readonly message: string
  readonly stepId?: string
  readonly retryable: boolean
  readonly details: { readonly error: unknown }
  readonly timestamp: string
}

/** What `executeStep` resolves with; it never rejects. Duration in ms. */
export interface StepResult {
  readonly stepId: string
  readonly success: boolean
  readonly result?: unknown
  readonly error?: ExecutionError
  readonly duration: number
  readonly nextStep?: string
}

/** What templates see as `steps.<id>`. */
interface StoredStepResult {
  readonly success: boolean
  readonly result: unknown
  readonly duration: number
}

/** A live execution; times are ISO strings. */
export interface ExecutionState {
  readonly executionId: string
  readonly flowId: string
  status: ExecutionStatus
  currentStep?: string | undefined
  readonly completedSteps: string[]
  readonly failedSteps: string[]
  readonly context: DAOExecutionContext
  readonly startTime: string
  endTime?: string
  error?: ExecutionError
  /** By step id; a step that runs again replaces its own. */
  readonly results: Map<string, StoredStepResult>
  readonly checkpoints: readonly unknown[]
  readonly nodeAssignments: Readonly<Record<string, string>>
}
