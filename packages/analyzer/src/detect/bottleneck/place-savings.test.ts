import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendEntry, emptyHistory } from '../../baseline/history.ts'
import { type HistoryEntry, visitSavings } from '../../baseline/history-entry.ts'
import type { PathPlace } from '../../baseline/place.ts'
import { meanInterval, ratioInterval } from '../../stats/mean-interval.ts'
import { simulatedObservation } from '../simulated-flow.ts'
import { placeSavings } from './place-savings.ts'

const places: readonly PathPlace[] = ['a', 'b', 'c', 'd'].map((stepId) => ({
  stepId,
  phase: 'work',
  spanName: undefined,
}))

/** What each execution lasted, and what it would have saved without each of the places; absent: not simulated. */
const executions = fc.array(
  fc.record({
    durationMs: fc.integer({ min: 1, max: 1_000 }),
    savedRatios: fc.array(fc.option(fc.double({ min: 0, max: 1, noNaN: true })), {
      minLength: places.length,
      maxLength: places.length,
    }),
  }),
  { minLength: 2, maxLength: 60 },
)

test('says of each place what the intervals of full rows say', () => {
  fc.assert(
    fc.property(executions, (all) => {
      const history = emptyHistory()
      for (const [index, { durationMs, savedRatios }] of all.entries()) {
        const savings = places.flatMap((place, at) => {
          const ratio = savedRatios[at]
          return ratio === undefined || ratio === null ? [] : [{ place, ms: ratio * durationMs }]
        })
        const one = simulatedObservation({ seed: 1, index, parts: [durationMs] })
        appendEntry(history, { ...one, savings }, {})
      }
      for (const { place, speedup, savedMs } of placeSavings(history, history.entries)) {
        const saved = history.entries.map((entry) =>
          savedMsAt(entry, history.places.indexOf(place)),
        )
        const pairs = history.entries.map(({ durationMs }, at) => ({
          part: saved[at] ?? 0,
          whole: durationMs,
        }))
        expectClose(speedup, ratioInterval(pairs))
        expectClose(savedMs, meanInterval(saved))
      }
      const seen = all.flatMap(({ savedRatios }) =>
        savedRatios.flatMap((ratio, at) => (ratio === null ? [] : [at])),
      )
      expect(placeSavings(history, history.entries)).toHaveLength(new Set(seen).size)
    }),
  )
})

function savedMsAt(entry: HistoryEntry, index: number): number {
  let saved = 0
  visitSavings(entry, (at, ms) => {
    if (at === index) saved = ms
  })
  return saved
}

function expectClose(actual: object, expected: object | undefined): void {
  const wanted = new Map(Object.entries(expected ?? {}))
  for (const [key, value] of Object.entries(actual)) {
    expect(Math.abs(value - wanted.get(key)), key).toBeLessThan(1e-6 * Math.max(1, Math.abs(value)))
  }
}
