/** A part of the study: simulates, tabulates and says which of its claims hold. */
export interface Section {
  readonly name: string
  run(options: StudyOptions): SectionResult
}

export interface StudyOptions {
  /** Less of everything, for every change; the full form is for the documentation. */
  readonly isQuick: boolean
  readonly seed: number
}

export interface SectionResult {
  /** How it was simulated, in a paragraph: what stands above the tables. */
  readonly method: string
  readonly tables: readonly StudyTable[]
  readonly claims: readonly Claim[]
}

export interface StudyTable {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A bound and what was measured. */
export interface Claim {
  /** What is claimed, bound and unit included. */
  readonly sentence: string
  readonly measured: number
  readonly bound: number
  readonly side: 'at most' | 'at least'
}

/** A figure that is not there holds nothing. */
export function holds({ measured, bound, side }: Claim): boolean {
  return side === 'at most' ? measured <= bound : measured >= bound
}
