import type { Evidence } from '../detect/finding.ts'

/** An answer in words: one headline, then facts, each checkable in the evidence. */
export interface Answer {
  readonly about: 'execution' | 'flow'
  readonly id: string
  readonly headline: string
  readonly facts: readonly string[]
  readonly evidence: Evidence
}
