/** A part of the input that cannot be used: where, what was expected, what was found. */
export interface InputProblem {
  /** `line 12, byte 4711`, `resourceSpans[0]`, …; empty for the input as a whole. */
  readonly at: string
  readonly expected: string
  readonly found: string
}

/** Nothing more can be read from this input. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly problem: InputProblem

  constructor(problem: InputProblem) {
    super(describe(problem))
    this.problem = problem
  }
}

/** `line 12: expected …, found …`. */
export function describe({ at, expected, found }: InputProblem): string {
  return `${at === '' ? '' : `${at}: `}expected ${expected}, found ${found}`
}
