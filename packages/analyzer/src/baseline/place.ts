import type { Phase } from '../trace/execution.ts'

/**
 * Where an execution's time passes: between steps, in a step's phase, or in a user's own span inside it. Without a step,
 * a phase of `OVERALL_PHASES` is that of all steps together.
 */
export interface PathPlace {
  readonly stepId: string | undefined
  readonly phase: Phase | 'paused' | undefined
  readonly spanName: string | undefined
}

/**
 * Phases that may hold a flow up over many steps none of which stands out: what the engine does around each step. `work`
 * is left out, since it is the purpose of every step, and `engine`, which without a step is the time between steps.
 */
export const OVERALL_PHASES: readonly Phase[] = [
  'validation',
  'ledger',
  'resource_wait',
  'queue',
  'retry_backoff',
]

/** Whether the place is one phase of all steps together. */
export function isOverall({ stepId, phase, spanName }: Partial<PathPlace>): boolean {
  if (stepId !== undefined || spanName !== undefined) return false
  return OVERALL_PHASES.some((one) => one === phase)
}

/**
 * That the steps of a group ran one after the other, by the step around them. Only savings have it: no other place with
 * a step and neither phase nor span is ever re-simulated.
 */
export function serialPlace(stepId: string): PathPlace {
  return { stepId, phase: undefined, spanName: undefined }
}

/** Whether a place of a saving is that of `serialPlace`. */
export function isSerial({ stepId, phase, spanName }: PathPlace): boolean {
  if (phase !== undefined || spanName !== undefined) return false
  return stepId !== undefined && stepId !== OTHER_PLACE.stepId
}

/** A kind of span that makes up this share of a phase is what the phase waits for. */
export const SPAN_COVERS_RATIO = 0.8

/** Takes what found no room in a flow's table of places, so that parts still add up to the whole. */
export const OTHER_PLACE: PathPlace = { stepId: '_OTHER', phase: undefined, spanName: undefined }

/** Places one flow may have: 50 steps with five each. More come from span names that carry ids. */
export const MAX_PLACE_COUNT = 256

export function isSamePlace(a: PathPlace, b: PathPlace): boolean {
  return a.stepId === b.stepId && a.phase === b.phase && a.spanName === b.spanName
}

/** Whether both are the same phase of the same step, whatever spans they name in it. */
export function isSamePhase(a: PathPlace, b: PathPlace): boolean {
  if (a.phase === undefined || b.phase === undefined) {
    return a.phase === b.phase && a.stepId === b.stepId && a.spanName === b.spanName
  }
  return a.stepId === b.stepId && a.phase === b.phase
}
