import type { Phase } from './execution.ts'

/** All phases, in the order of `Phase`. */
export const PHASES: readonly Phase[] = [
  'retry_backoff',
  'resource_wait',
  'validation',
  'ledger',
  'work',
  'queue',
  'engine',
]
