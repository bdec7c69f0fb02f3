import { type Advice, adviceFor, type Situation } from './advice.ts'
import { predictGain } from './gain.ts'

/** The step waits for something outside: a service, a database, a queue. */
export function speedUpDependency(situation: Situation): Advice | undefined {
  const { cause } = situation
  if (cause.class !== 'io') return undefined
  const { stepId, spanName } = cause.place
  const dependency =
    spanName === undefined ? 'what it waits for' : `the dependency behind ${spanName}`
  return adviceFor(situation, {
    action: 'speed-up-dependency',
    advice:
      `Make ${dependency}${stepId === undefined ? '' : ` in step ${stepId}`} faster; ` +
      'until then bound it with a timeout and cache its answers where they may be reused.',
    gain: predictGain(situation),
    assumptions: [
      cause.kind === 'regression'
        ? 'The dependency returns to its level before the change.'
        : 'The gain is the upper bound: the dependency takes no time, or its answer is always cached.',
    ],
  })
}
