import { stepWords } from '../explain/words.ts'
import { type Advice, adviceFor, type Situation } from './advice.ts'
import { predictGain } from './gain.ts'

/** Steps of a parallel group wait for a free slot. */
export function raiseConcurrency(situation: Situation): Advice | undefined {
  const { cause } = situation
  if (cause.class !== 'queue') return undefined
  return adviceFor(situation, {
    action: 'raise-concurrency',
    advice: `Raise the concurrency limit of the parallel group around ${stepWords(cause.place.stepId)}.`,
    gain: predictGain(situation),
    assumptions: ['The steps do not slow each other down when more of them run at once.'],
  })
}
