import { stepWords } from '../explain/words.ts'
import { type Advice, adviceFor, type Situation } from './advice.ts'
import { predictGain } from './gain.ts'

/** Executions wait for a pooled resource. */
export function enlargePool(situation: Situation): Advice | undefined {
  const { cause } = situation
  if (cause.class !== 'resource-wait') return undefined
  return adviceFor(situation, {
    action: 'enlarge-pool',
    advice: `Enlarge the resource pool behind the wait of ${stepWords(cause.place.stepId)}, or hold its resources for less time.`,
    gain: predictGain(situation),
    assumptions: [
      'With enough resources the wait disappears; the resource behind the pool takes the added load.',
    ],
  })
}
