import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendEntry, emptyHistory, simulatedEntries } from '../../baseline/history.ts'
import { simulatedObservation } from '../simulated-flow.ts'
import { placeSavings } from './place-savings.ts'
import { PresentSavings, WINDOW_COUNT } from './present-savings.ts'

test('are the last re-simulated entries of the level, and miss no place of the asked-for share', () => {
  const executions = fc.array(
    fc.record({
      parts: fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100)),
      isSimulated: fc.boolean(),
      isAsked: fc.boolean(),
      isNewLevel: fc.oneof({ weight: 60, arbitrary: fc.constant(false) }, fc.constant(true)),
    }),
    { maxLength: 400 },
  )
  const share = fc.double({ min: 0.05, max: 0.9, noNaN: true })
  fc.assert(
    fc.property(executions, share, fc.integer({ min: 20, max: 256 }), (all, share, capacity) => {
      const history = emptyHistory()
      const present = new PresentSavings()
      let from = 0
      for (const [index, { parts, isSimulated, isAsked, isNewLevel }] of all.entries()) {
        const one = simulatedObservation({ seed: 1, index, parts: parts.map((ms) => ms + 1) })
        const savings = isSimulated ? one.savings : undefined
        appendEntry(history, { ...one, savings }, {}, { capacity })
        if (isNewLevel) from = Math.max(0, index - 5)
        if (!isAsked) continue
        const entries = simulatedEntries(history, from).slice(-WINDOW_COUNT)
        expect(present.entries(history, from)).toEqual(entries)
        const largest = placeSavings(history, entries)[0]?.speedup.value ?? 0
        if (largest >= share) expect(present.mayReach(share, history, from)).toBe(true)
        if (largest < 0.99 * share && entries.length > 1)
          expect(present.mayReach(share, history, from)).toBe(false)
      }
    }),
    { numRuns: 50 },
  )
})
