/** Qflow's classes of failure. */
export type ErrorType =
  | 'validation_error'
  | 'execution_error'
  | 'node_failure'
  | 'network_error'
  | 'permission_denied'
  | 'resource_exhausted'
  | 'timeout_error'
  | 'dao_policy_violation'

/** Every value of {@link ErrorType}, for checks of what a flow names. */
export const errorTypes: readonly ErrorType[] = [
  'validation_error',
  'execution_error',
  'node_failure',
  'network_error',
  'permission_denied',
  'resource_exhausted',
  'timeout_error',
  'dao_policy_violation',
]

/** What is the same on the second try is not tried again, unless the retry policy names it. */
const permanentTypes: ReadonlySet<ErrorType> = new Set([
  'validation_error',
  'permission_denied',
  'dao_policy_violation',
])

/** A failure with its class. */
export class QflowError extends Error {
  readonly type: ErrorType

  constructor(type: ErrorType, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.type = type
  }

  get retryable(): boolean {
    return !permanentTypes.has(this.type)
  }
}

/** A handler took longer than its step allows. */
export class StepTimeoutError extends QflowError {
  constructor(stepId: string, timeoutMs: number) {
    super('timeout_error', `Step ${stepId} took longer than ${timeoutMs} ms`)
  }
}

/** A required validation layer refused a step. */
export class ValidationFailedError extends QflowError {}

/** Anything thrown, as a {@link QflowError}: what has no class of its own is an execution error. */
export function toQflowError(thrown: unknown): QflowError {
  if (thrown instanceof QflowError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new QflowError('execution_error', message, { cause: thrown })
}
