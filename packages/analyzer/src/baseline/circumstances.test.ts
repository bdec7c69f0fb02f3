import fc from 'fast-check'
import { expect, test } from 'vitest'
import { simulatedObservation } from '../detect/simulated-flow.ts'
import {
  circumstanceKeys,
  circumstanceValue,
  type Fact,
  noCircumstances,
  rememberCircumstance,
} from './circumstances.ts'
import type { Counters } from './counters.ts'
import { appendEntry, emptyHistory } from './history.ts'

/** Executions with these facts, in a history of 256. */
function remembered(all: readonly (readonly Fact[])[]) {
  const table = noCircumstances()
  const history = emptyHistory()
  const counters: Counters = {}
  for (const [index, facts] of all.entries()) {
    const at = { entries: history.entries, sequence: history.nextSequence }
    const circumstance = rememberCircumstance(table, facts, at, counters)
    const one = simulatedObservation({ seed: 1, index, parts: [1] })
    appendEntry(history, one, counters, { circumstance })
  }
  return { table, history, counters }
}

test('an entry says what its facts were, as long as they are few', () => {
  const facts = fc.uniqueArray(
    fc.record({ key: fc.constantFrom('a', 'b', 'c'), value: fc.constantFrom('1', '2', '3') }),
    { selector: ({ key }) => key, maxLength: 3 },
  )
  fc.assert(
    fc.property(fc.array(facts, { maxLength: 30 }), (all) => {
      const { table, history, counters } = remembered(all)
      for (const [index, entry] of history.entries.entries())
        for (const key of ['a', 'b', 'c'])
          expect(circumstanceValue(table, entry, key)).toBe(
            all[index]?.find((fact) => fact.key === key)?.value,
          )
      expect(counters).toEqual({})
    }),
    { seed: 7, numRuns: 50 },
  )
})

test('nodes that come and go for ever are known as long as entries are, and nothing grows', () => {
  const all = Array.from({ length: 5_000 }, (_, index) => [
    { key: 'node', value: `node-${Math.floor(index / 20)}` },
    { key: 'version', value: `${Math.floor(index / 1_000)}` },
  ])
  const { table, history, counters } = remembered(all)
  for (const entry of history.entries)
    expect(circumstanceValue(table, entry, 'node')).toBe(`node-${Math.floor(entry.sequence / 20)}`)
  expect(table.rows.length).toBeLessThanOrEqual(512)
  expect(table.dimensions.map(({ values }) => values.length <= 64)).toEqual([true, true])
  // Between two sweeps a value may have to wait for room.
  expect(counters['circumstance_limit'] ?? 0).toBeLessThan(500)
})

test('an attribute with a value of its own in every execution is abandoned, the others stay', () => {
  const all = Array.from({ length: 1_000 }, (_, index) => [
    { key: 'order', value: `${index}` },
    { key: 'region', value: index % 2 === 0 ? 'eu' : 'us' },
  ])
  const { table, history, counters } = remembered(all)
  expect(circumstanceKeys(table)).toEqual(['region'])
  for (const entry of history.entries)
    expect(circumstanceValue(table, entry, 'region')).toBe(entry.sequence % 2 === 0 ? 'eu' : 'us')
  expect(counters['circumstance_limit']).toBeGreaterThan(0)
  expect(table.rows.filter((row) => row.length > 0).length).toBeLessThan(70)
})

test('of many attributes the first sixteen are kept', () => {
  const all = [Array.from({ length: 40 }, (_, at) => ({ key: `k${at}`, value: 'v' }))]
  const { table, counters } = remembered(all)
  expect(circumstanceKeys(table)).toHaveLength(16)
  expect(counters).toEqual({ circumstance_limit: 24 })
})
