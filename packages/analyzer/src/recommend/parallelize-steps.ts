import { type Advice, adviceFor, type Situation } from './advice.ts'
import { predictGain } from './gain.ts'

/** Steps of a parallel group ran one after the other, and no queue was measured that would explain it. */
export function parallelizeSteps(situation: Situation): Advice | undefined {
  const { cause } = situation
  if (cause.class !== 'serial-work') return undefined
  return adviceFor(situation, {
    action: 'parallelize-steps',
    advice: `Run the steps of ${cause.place.stepId} at once: they are one group, so none of them waits for another.`,
    gain: predictGain(situation),
    assumptions: [
      'The steps do not slow each other down when they run at once, by CPU, locks or a shared pool.',
    ],
  })
}
