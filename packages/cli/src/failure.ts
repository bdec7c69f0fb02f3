import type { ExitCode } from './exit-code.ts'

/** An end that is the user's to mend: says what is wrong and what to do, without a stack. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: ExitCode
  /** What to do about it, a sentence each. */
  readonly advice: readonly string[]

  constructor(problem: { code: ExitCode; message: string; advice?: readonly string[] }) {
    super(problem.message)
    this.code = problem.code
    this.advice = problem.advice ?? []
  }
}
