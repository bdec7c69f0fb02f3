import type { History } from '../baseline/history.ts'
import { isOverall, type PathPlace } from '../baseline/place.ts'
import type { Change } from '../detect/change/change.ts'
import type { Contribution } from '../detect/finding.ts'
import { contributions, mainContribution, sumOf } from './contributions.ts'

/** A step that makes up this share of what a phase changed by over all steps is where it changed. */
const STEP_COVERS_RATIO = 2 / 3

/** Where a change of time lay when it was confirmed: a finding does not wander. */
export interface MainPlace {
  /** What moved most, or its phase in all steps where it moved in several alike: which moved most is then chance. */
  readonly place: PathPlace
  /** The step of what moved most. */
  readonly stepId: string | undefined
}

/** Absent where nothing moved in the direction of the change. */
export function openedPlace(change: Change, { places }: History): MainPlace | undefined {
  const means = { beforeMs: change.partsBeforeMs, afterMs: change.partsOpenedMs }
  return mainPlace(contributions(places, means), change.direction)
}

export function mainPlace(
  all: readonly Contribution[],
  direction: Change['direction'],
): MainPlace | undefined {
  const main = mainContribution(all, direction)
  if (main === undefined) return undefined
  const { stepId, phase, spanName, changeMs } = main
  const whole = { stepId: undefined, phase, spanName: undefined }
  const isPhaseOfStep = stepId !== undefined && spanName === undefined && isOverall(whole)
  if (!isPhaseOfStep) return { place: { stepId, phase, spanName }, stepId }
  const wholeMs = contributionOf(all, whole).changeMs
  const isCovered = Math.abs(changeMs) >= STEP_COVERS_RATIO * Math.abs(wholeMs)
  return { place: isCovered ? { stepId, phase, spanName } : whole, stepId }
}

/** What a phase of all steps together contributed. */
export function contributionOf(all: readonly Contribution[], whole: PathPlace): Contribution {
  const { stepId, phase, spanName } = whole
  const changeMs = sumOf(all.filter((one) => one.stepId !== undefined && one.phase === phase))
  return { stepId, phase, spanName, changeMs }
}
