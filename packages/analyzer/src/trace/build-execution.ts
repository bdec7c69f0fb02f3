import type { SpanRecord, StartedExecution } from '../otlp/span-record.ts'
import type { CloseReason, Execution } from './execution.ts'

export interface ExecutionInput {
  readonly tenant: string
  readonly executionId: string
  readonly records: readonly SpanRecord[]
  readonly started?: StartedExecution | undefined
  readonly closeReason?: CloseReason | undefined
  readonly flags?: readonly string[]
}

/** Raw spans of one execution, in any order -> the execution. */
export function buildExecution(_input: ExecutionInput): Execution {
  throw new Error('not built yet')
}
