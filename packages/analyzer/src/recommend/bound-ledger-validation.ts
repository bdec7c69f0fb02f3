import { type Advice, adviceFor, type Situation } from './advice.ts'
import { predictPhaseGain } from './gain.ts'

/**
 * Appending to and checking the ledger takes the time; checking it whole grows with every record. How it is checked is
 * one setting for all steps.
 */
export function boundLedgerValidation(situation: Situation): Advice | undefined {
  const { cause } = situation
  if (cause.class !== 'ledger') return undefined
  return adviceFor(situation, {
    action: 'bound-ledger-validation',
    advice: `Validate the ledger from its last verified record on, or once at the end of the execution, not as a whole after each step.`,
    place: { stepId: undefined, phase: 'ledger', spanName: undefined },
    gain: predictPhaseGain(situation),
    assumptions: [
      'The gain is reached when ledger time goes to 0; checking only new records leaves a small rest.',
      'The guarantee wanted of the ledger holds when only new records are checked.',
    ],
  })
}
