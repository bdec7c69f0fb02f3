import type { ExecutionFacts } from './stored-execution.ts'

const KEYS = [
  'tenant',
  'executionId',
  'flowId',
  'flowVersion',
  'serviceVersion',
  'node',
  'parentExecutionId',
  'triggerType',
  'weight',
  'status',
  'errorType',
  'traceIds',
  'startUnixNs',
  'durationNs',
  'activeNs',
  'closeReason',
  'spanCount',
] as const satisfies readonly (keyof ExecutionFacts)[]

/** What facts say, to be compared in tests: those of a laid execution are read where they stand. */
export function toldFacts(facts: ExecutionFacts): Record<string, unknown> {
  return Object.fromEntries(KEYS.map((key) => [key, facts[key]]))
}
