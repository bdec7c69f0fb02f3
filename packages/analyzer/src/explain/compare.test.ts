import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendEntry, emptyHistory } from '../baseline/history.ts'
import { partMs } from '../baseline/history-entry.ts'
import { simulatedObservation } from '../detect/simulated-flow.ts'
import { compareExecution } from './compare.ts'

/** Few values, so that excesses are equal at times. */
const ms = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.double({ min: 0, max: 100, noNaN: true }))
const execution = fc.array(ms, { minLength: 1, maxLength: 6 })
const executions = fc.array(execution, { minLength: 10, maxLength: 30 })

test('tells the largest of all excesses over the usual, in their order', () => {
  fc.assert(
    fc.property(executions, execution, fc.integer({ min: 1, max: 4 }), (others, own, maxCount) => {
      const history = emptyHistory()
      const entries = others.map((parts, index) =>
        appendEntry(history, simulatedObservation({ seed: 1, index, parts }), {}),
      )
      const observation = simulatedObservation({ seed: 2, index: 0, parts: own })
      const asked = { ...observation, variant: 0 }
      const all = compareExecution(history, asked)?.excess
      expect(compareExecution(history, asked, maxCount)?.excess).toEqual(all?.slice(0, maxCount))
      const expected = observation.parts.map(({ place, ms }) => {
        const index = history.places.findIndex(({ stepId }) => stepId === place.stepId)
        const usual = entries.map((entry) => partMs(entry, index)).sort((a, b) => a - b)
        const [low = 0, high = 0] = [usual[(usual.length - 1) >> 1], usual[usual.length >> 1]]
        return { ...place, excessMs: ms - (low + high) / 2 }
      })
      const positive = expected.filter(({ excessMs }) => excessMs > 0)
      expect(all).toEqual(positive.sort((a, b) => b.excessMs - a.excessMs))
    }),
  )
})
