import { expect, test } from 'vitest'
import { appendEntry, emptyHistory } from './baseline/history.ts'
import { partMs } from './baseline/history-entry.ts'
import { simulatedObservation } from './detect/simulated-flow.ts'
import { criticalPathShares } from './path-shares.ts'
import { ratioInterval } from './stats/mean-interval.ts'
import { randomStream } from './stats/random-stream.ts'

test('is the ratio interval of each place, the largest first', () => {
  const history = historyOf(100)
  const { entries, places } = history
  const shares = criticalPathShares(history, entries)
  expect(shares.map(({ stepId }) => stepId)).toEqual(['step-2', 'step-1', 'step-0'])
  for (const { stepId, share, meanMs } of shares) {
    const index = places.findIndex((place) => place.stepId === stepId)
    const pairs = entries.map((entry) => ({
      part: partMs(entry, index),
      whole: entry.durationMs,
    }))
    expect(share).toEqual(ratioInterval(pairs))
    expect(meanMs).toBeCloseTo(pairs.reduce((sum, { part }) => sum + part, 0) / 100, 9)
  }
  expect(criticalPathShares(history, entries, 1)).toEqual(shares.slice(0, 1))
})

test('of one execution nothing is known but what it was', () => {
  const history = historyOf(1)
  const shares = criticalPathShares(history, history.entries)
  expect(shares.every(({ share }) => share.low === 0 && share.high === 1 && share.n === 1)).toBe(
    true,
  )
  expect(shares.reduce((sum, { share }) => sum + share.value, 0)).toBeCloseTo(1, 9)
  expect(criticalPathShares(history, [])).toEqual([])
})

/** Three steps, the second in every other execution only. */
function historyOf(count: number) {
  const history = emptyHistory()
  const random = randomStream(5)
  for (let index = 0; index < count; index += 1) {
    const parts = [10 + random(), index % 2 === 0 ? 60 * random() : 0, 80 + 40 * random()]
    appendEntry(history, simulatedObservation({ seed: 1, index, parts }), {})
  }
  return history
}
