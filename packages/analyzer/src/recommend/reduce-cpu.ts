import { type Advice, adviceFor, type Situation } from './advice.ts'
import { predictGain } from './gain.ts'

/** The work is computation. */
export function reduceCpu(situation: Situation): Advice | undefined {
  const { cause } = situation
  if (cause.class !== 'cpu') return undefined
  return adviceFor(situation, {
    action: 'reduce-cpu',
    advice: `Profile the CPU use of step ${cause.place.stepId}: make it cheaper, or move it to a worker thread off the path.`,
    gain: predictGain(situation),
    assumptions: ['The gain is the upper bound: all of the computation leaves the critical path.'],
  })
}
