import { PHASES } from '../trace/step-phases.ts'
import type { PathPlace } from './place.ts'

/** Where time without a phase stands among the places of a step, whose phases stand as in `PHASES`. */
export const NO_PHASE: number = PHASES.length

/** All places of executions of one layout that do one thing at a time, in the order in which equal ones are told. */
export interface SerialPlaces {
  readonly all: readonly PathPlace[]
  /** Time between steps. */
  readonly between: number
  /** The first of a step's places. */
  ofStep(stepId: string): number
  /** That of a kind of the user's spans; without a step of those outside steps. */
  named(stepId: string | undefined, spanName: string): number
}

/**
 * In the order of `PlaceTotals.sorted`: what is outside steps, then step by step phases and named spans. `stepIds` and `labels` are
 * by row: of the steps rows are in, and of the user's spans.
 */
export function serialPlaces(
  stepIds: readonly (string | undefined)[],
  labels: readonly (string | undefined)[],
): SerialPlaces {
  const between: PathPlace = { stepId: undefined, phase: 'engine', spanName: undefined }
  const all = [between]
  const firsts = new Map<string | undefined, number>([[undefined, 0]])
  const addNamed = (stepId: string | undefined, phase: PathPlace['phase']) => {
    const own = labels.filter((label, row) => label !== undefined && stepIds[row] === stepId)
    for (const spanName of [...new Set(own)].sort()) all.push({ stepId, phase, spanName })
  }
  addNamed(undefined, undefined)
  for (const stepId of [...new Set(stepIds)].filter((id) => id !== undefined).sort()) {
    firsts.set(stepId, all.length)
    for (const phase of [...PHASES, undefined]) all.push({ stepId, phase, spanName: undefined })
    addNamed(stepId, 'work')
  }
  return {
    all,
    between: 0,
    ofStep: (stepId) => firsts.get(stepId) ?? 0,
    named: (stepId, spanName) =>
      all.findIndex((place) => place.stepId === stepId && place.spanName === spanName),
  }
}
