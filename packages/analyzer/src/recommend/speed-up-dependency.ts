import { type Advice, adviceFor, type Situation } from './advice.ts'
import { predictGain } from './gain.ts'

/**
 * The step waits for a service, a database, a queue that a span of the user's names. A wait without one may be a
 * timer: nobody could tell what to make faster.
 */
export function speedUpDependency(situation: Situation): Advice | undefined {
  const { cause } = situation
  const { stepId, spanName } = cause.place
  if (cause.class !== 'io' || spanName === undefined) return undefined
  return adviceFor(situation, {
    action: 'speed-up-dependency',
    advice:
      `Make the dependency behind ${spanName}${stepId === undefined ? '' : ` in step ${stepId}`} faster; ` +
      'until then bound it with a timeout and cache its answers where they may be reused.',
    gain: predictGain(situation),
    assumptions: [
      cause.kind === 'regression'
        ? 'The dependency returns to its level before the change.'
        : 'The gain is the upper bound: the dependency takes no time, or its answer is always cached.',
    ],
  })
}
