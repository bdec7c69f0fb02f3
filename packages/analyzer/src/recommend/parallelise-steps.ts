import { entriesBetween, type History } from '../baseline/history.ts'
import type { FlowDefinition } from '../otlp/span-record.ts'
import type { Advice, Cause, Situation } from './advice.ts'
import { savedShare, savingMs } from './gain.ts'

/** Less than this share is not worth a change of the flow. */
const MIN_GAIN_RATIO = 0.05

/**
 * Two steps that follow each other and both hold the flow up could run side by side.
 *
 * The definition tells the order, not the data: that the second reads nothing the first writes is an assumption,
 * and is said. In each execution the shorter of the two is saved.
 */
export function paralleliseSteps(situation: Situation): Advice | undefined {
  const { cause, causes, history, from, flow } = situation
  if (!isWait(cause) || flow === undefined) return undefined
  const next = causes.find((other) => isWait(other) && isFollowedBy(flow, cause, other))
  if (next === undefined) return undefined
  const [first, second] = [workIndex(history, cause), workIndex(history, next)]
  const gain = savedShare(entriesBetween(history, from), (entry) =>
    Math.min(savingMs(entry, first), savingMs(entry, second)),
  )
  if (gain === undefined || gain.low < MIN_GAIN_RATIO) return undefined
  const names = `${cause.place.stepId} and ${next.place.stepId}`
  return {
    action: 'parallelise-steps',
    place: { stepId: cause.place.stepId, phase: undefined, spanName: undefined },
    class: 'serial-work',
    advice: `Run steps ${names} in one parallel group instead of one after the other.`,
    predictedGain: gain,
    assumptions: [
      `Step ${next.place.stepId} reads nothing that step ${cause.place.stepId} writes; the flow's definition does not tell.`,
      'Neither step slows the other down when both run at once.',
    ],
    forFindingIds: [cause.id, next.id],
    figures: {},
  }
}

/** Waiting can overlap; one thread's computation cannot. */
function isWait(cause: Cause): boolean {
  return cause.kind === 'bottleneck' && (cause.class === 'io' || cause.class === 'work')
}

function isFollowedBy(flow: FlowDefinition, first: Cause, second: Cause): boolean {
  const step = flow.steps.find(({ id }) => id === first.place.stepId)
  return step?.onSuccess !== undefined && step.onSuccess === second.place.stepId
}

function workIndex(history: History, { place }: Cause): number {
  return history.places.findIndex(
    ({ stepId, phase, spanName }) =>
      stepId === place.stepId && phase === place.phase && spanName === undefined,
  )
}
