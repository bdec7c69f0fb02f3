import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Grouped, mixSplit } from './mix-split.ts'

const side = fc.array(
  fc.record({
    group: fc.constantFrom('a', 'b', 'c', 'd'),
    value: fc.integer({ min: 0, max: 1_000 }),
  }),
  { minLength: 1, maxLength: 40 },
)

test('the parts sum to the change, whatever the groups', () => {
  fc.assert(
    fc.property(side, side, (before, after) => {
      const { change, mix, rate, parts } = mixSplit(before, after)
      expect(change).toBeCloseTo(meanOf(after) - meanOf(before), 6)
      expect(mix + rate).toBeCloseTo(change, 6)
      expect(parts.reduce((sum, part) => sum + part.mix + part.rate, 0)).toBeCloseTo(change, 6)
    }),
    { seed: 7 },
  )
})

test('there and back: the split of the way back is that of the way there, negated', () => {
  fc.assert(
    fc.property(side, side, (before, after) => {
      const [there, back] = [mixSplit(before, after), mixSplit(after, before)]
      expect(back.mix).toBeCloseTo(-there.mix, 6)
      expect(back.rate).toBeCloseTo(-there.rate, 6)
    }),
    { seed: 8 },
  )
})

test('other frequencies of the same levels are mix, other levels at the same frequencies rate', () => {
  const draw = (a: number, b: number, levels = [10, 50]): Grouped[] => [
    ...new Array<Grouped>(a).fill({ group: 'a', value: levels[0] ?? 0 }),
    ...new Array<Grouped>(b).fill({ group: 'b', value: levels[1] ?? 0 }),
  ]
  expect(rounded(draw(8, 2), draw(2, 8))).toEqual({ mix: 24, rate: 0 })
  expect(rounded(draw(5, 5), draw(5, 5, [20, 50]))).toEqual({ mix: 0, rate: 5 })
  // A group that is new is like itself on both sides.
  expect(rounded(draw(10, 0), draw(5, 5))).toEqual({ mix: 20, rate: 0 })
})

function rounded(before: readonly Grouped[], after: readonly Grouped[]) {
  const { mix, rate } = mixSplit(before, after)
  return { mix: Math.round(mix * 1e9) / 1e9, rate: Math.round(rate * 1e9) / 1e9 }
}

function meanOf(side: readonly Grouped[]): number {
  return side.reduce((sum, { value }) => sum + value, 0) / side.length
}
