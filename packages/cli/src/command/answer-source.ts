import type { Answer, Plain } from '@qflow-otel/analyzer'
import type { DrawnExecution } from '../render/drawn-execution.ts'

/** An answer in words, with the execution it is about when it is about one. */
export interface Explanation {
  readonly answer: Plain<Answer>
  readonly execution: DrawnExecution | undefined
}

/** Where answers come from: files read here, or a collector. */
export interface AnswerSource {
  /** For a message: ` to the collector at …`, or nothing. */
  readonly place: string
  explain(id: string): Promise<Explanation | undefined>
  /** Flows, then executions, the newest first; bounded. */
  knownIds(): Promise<readonly string[]>
}

/** Executions that are looked at for a similar id. */
export const MAX_KNOWN_EXECUTIONS = 1_000
