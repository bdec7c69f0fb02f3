import { criticalPath, type Execution, type PathTotal, pathTotals } from '@qflow-otel/analyzer'
import type { Delay } from './workload.ts'

/**
 * The gain that a profile would promise: the part of the critical path that passes in the place, less what stays of it.
 * It does not see that another branch becomes the longest.
 */
export function pathShare(executions: readonly Execution[], delay: Delay): number {
  let inPlaceNs = 0
  let wholeNs = 0
  for (const execution of executions) {
    for (const total of pathTotals(execution, criticalPath(execution))) {
      wholeNs += total.ns
      if (isIn(total, delay)) inPlaceNs += total.ns
    }
  }
  return (delay.ratio * inPlaceNs) / wholeNs
}

function isIn({ stepId, phase, spanName }: PathTotal, delay: Delay): boolean {
  if ('spanName' in delay) return spanName === delay.spanName && (delay.stepId ?? stepId) === stepId
  // `engine` without a step is the time between steps; any other phase is then that of all steps.
  const isAnyStep = delay.stepId === undefined && delay.phase !== 'engine'
  return phase === delay.phase && (isAnyStep || stepId === delay.stepId)
}
