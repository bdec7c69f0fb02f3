import { expect, test } from 'vitest'
import { appendEntry, emptyHistory } from '../../baseline/history.ts'
import { simulatedObservation } from '../simulated-flow.ts'
import { hasOutgrown, lostMsPerHour, severityOf } from './severity.ts'

const HOUR_MS = 3_600_000

test.each([
  ['nobody would begin', 0.099, 'low'],
  ['six minutes in an hour', 0.1, 'medium'],
  ['some execution waits at any moment', 1, 'high'],
  ['ten do', 10, 'critical'],
] as const)('%s', (_name, waitingCount, expected) => {
  expect(severityOf(waitingCount * HOUR_MS)).toBe(expected)
})

test.each([
  // executions a second, for minutes, ms lost in each
  ['ten in a burst', 10, 1 / 60, 300, 'low'],
  ['forty in a burst', 40, 1 / 60, 300, 'medium'],
  ['four a second for two minutes', 4, 2, 70, 'medium'],
  ['one a second for an hour', 1, 60, 50, 'low'],
  ['one a second for an hour, slow', 1, 60, 300, 'medium'],
  ['twenty a second for ten minutes', 20, 10, 60, 'high'],
] as const)('%s', (_name, perSecond, minutes, lostMs, expected) => {
  const history = emptyHistory()
  for (let index = 0; index < perSecond * minutes * 60; index += 1) {
    const endUnixNs = BigInt(Math.round((index / perSecond) * 1e9))
    const one = simulatedObservation({ seed: 1, index, parts: [400] })
    appendEntry(history, { ...one, startUnixNs: endUnixNs, endUnixNs }, {})
  }
  expect(severityOf(lostMsPerHour(lostMs, history, history.entries.slice(-100)))).toBe(expected)
})

test('the sign of a change plays no part', () => {
  const history = emptyHistory()
  appendEntry(history, simulatedObservation({ seed: 1, index: 0, parts: [1] }), {})
  const { entries } = history
  expect(lostMsPerHour(-50, history, entries)).toBe(lostMsPerHour(50, history, entries))
})

test('a told severity stands until the loss left its level by half of it', () => {
  expect(hasOutgrown('medium', 1.4 * HOUR_MS)).toBe(false)
  expect(hasOutgrown('medium', 1.6 * HOUR_MS)).toBe(true)
  expect(hasOutgrown('high', 0.7 * HOUR_MS)).toBe(false)
  expect(hasOutgrown('high', 0.6 * HOUR_MS)).toBe(true)
  expect(hasOutgrown('low', 0)).toBe(false)
  expect(hasOutgrown('critical', 1e9)).toBe(false)
})
