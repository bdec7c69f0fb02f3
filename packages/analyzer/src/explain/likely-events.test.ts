import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type EventCandidate, likelyEvents } from './likely-events.ts'

/** Points from `from` on are concerned, of twenty. */
function candidate(of: string, from: number, behind: number): EventCandidate<string> {
  return { of, isNew: Array.from({ length: 20 }, (_, index) => index >= from), behind }
}

const named = (candidates: readonly EventCandidate<string>[], splits: readonly number[]) =>
  likelyEvents(candidates, splits).map(({ event }) => event.map(({ of }) => of))

/** One split fits, the others do not: the onset is known exactly. */
const SHARP = [0, ...new Array<number>(30).fill(40)]
/** Every split fits as well as any other: nothing is known of the onset. */
const FLAT = new Array<number>(30).fill(0)

test.each<[string, EventCandidate<string>[], readonly number[], string[][]]>([
  ['at the onset', [candidate('a', 10, 0)], SHARP, [['a']]],
  ['far from it', [candidate('a', 4, 30)], SHARP, []],
  ['one of two', [candidate('a', 10, 0), candidate('b', 3, 30)], SHARP, [['a']]],
  [
    'two at once are one event',
    [candidate('a', 10, 0), candidate('b', 11, 2)],
    SHARP,
    [['a', 'b']],
  ],
  ['two that fit as well, far apart', [candidate('a', 4, 0), candidate('b', 14, 0)], FLAT, []],
  ['where the onset is not known', [candidate('a', 10, 0)], FLAT, []],
  ['better than any split: rolled out', [candidate('a', 10, -12)], FLAT, [['a']]],
  ['nothing was done', [], SHARP, []],
])('%s', (_, candidates, splits, expected) => {
  expect(named(candidates, splits)).toEqual(expected)
})

test('a thing is told once, by the reading that fits best', () => {
  expect(named([candidate('a', 10, 5), candidate('a', 12, 0)], SHARP)).toEqual([['a']])
})

test('probabilities of events that are named never sum to more than 1', () => {
  const drawn = fc.array(
    fc.record({
      of: fc.string(),
      from: fc.nat(19),
      behind: fc.double({ min: -50, max: 50, noNaN: true }),
    }),
    { maxLength: 6 },
  )
  const splits = fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: 1 })
  fc.assert(
    fc.property(drawn, splits, (some, behinds) => {
      const candidates = some.map(({ of, from, behind }) => candidate(of, from, behind))
      const found = likelyEvents(candidates, [0, ...behinds])
      const total = found.reduce((sum, { probability }) => sum + probability, 0)
      expect(total).toBeLessThanOrEqual(1 + 1e-9)
      for (const { probability } of found) expect(probability).toBeGreaterThanOrEqual(0.7)
    }),
    { seed: 7 },
  )
})
