/** A part of the input that cannot be used. */
export interface InputProblem {
  /** `line 12, byte 4711`, `line 3: resourceSpans[0]`, …; empty for the input as a whole. */
  readonly at: string
  /** What was expected and what was found. */
  readonly reason: string
}

/** This document, or without one the whole input, cannot be read. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly problem: InputProblem

  constructor({ at, ...what }: { at: string; expected: string; found: string } | InputProblem) {
    const reason = 'reason' in what ? what.reason : `expected ${what.expected}, found ${what.found}`
    super(describe({ at, reason }))
    this.problem = { at, reason }
  }
}

/** `line 12: expected …, found …`. */
export function describe({ at, reason }: InputProblem): string {
  return at === '' ? reason : `${at}: ${reason}`
}
