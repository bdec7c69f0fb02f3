import type { Phase } from '../trace/execution.ts'

/** Where an execution's time passes: between steps, in a step's phase, or in a user's own span inside it. */
export interface PathPlace {
  readonly stepId: string | undefined
  readonly phase: Phase | 'paused' | undefined
  readonly spanName: string | undefined
}

/** Takes what found no room in a flow's table of places, so that parts still add up to the whole. */
export const OTHER_PLACE: PathPlace = { stepId: '_OTHER', phase: undefined, spanName: undefined }

/** Places one flow may have: 50 steps with five each. More come from span names that carry ids. */
export const MAX_PLACE_COUNT = 256

export function isSamePlace(a: PathPlace, b: PathPlace): boolean {
  return a.stepId === b.stepId && a.phase === b.phase && a.spanName === b.spanName
}
