import type { PathPlace } from '../baseline/place.ts'
import type { Place } from '../detect/finding.ts'

/** Where on the path, as a place in the flow. */
export function findingPlace(
  { flowId, flowVersion }: { readonly flowId: string; readonly flowVersion: string | undefined },
  { stepId, phase, spanName }: PathPlace,
): Place {
  return {
    flowId,
    flowVersion,
    stepId,
    phase: phase === 'paused' ? undefined : phase,
    spanName,
  }
}
