import { stepWords } from '../explain/words.ts'
import { type Advice, adviceFor, type Situation } from './advice.ts'
import { predictGain } from './gain.ts'

/** The time passes between attempts. */
export function reduceRetries(situation: Situation): Advice | undefined {
  const { cause } = situation
  if (cause.class !== 'retry') return undefined
  return adviceFor(situation, {
    action: 'reduce-retries',
    advice: `Find why attempts of ${stepWords(cause.place.stepId)} fail, and shorten the first backoff while they do.`,
    gain: predictGain(situation),
    assumptions: ['The first attempt succeeds; what makes it fail is not part of the prediction.'],
  })
}
