import { type Advice, adviceFor, type Situation } from './advice.ts'
import { predictGain } from './gain.ts'

/** The work is computation that fills the heap so fast that every second run has it collected. */
export function reduceAllocations(situation: Situation): Advice | undefined {
  const { cause } = situation
  if (cause.class !== 'memory') return undefined
  return adviceFor(situation, {
    action: 'reduce-allocations',
    advice: `Profile the allocations of step ${cause.place.stepId}: reuse buffers, stream instead of collecting, or give the young generation more room (--max-semi-space-size).`,
    gain: predictGain(situation),
    assumptions: [
      'The gain is the upper bound: all of the computation leaves the critical path, collections included.',
    ],
  })
}
