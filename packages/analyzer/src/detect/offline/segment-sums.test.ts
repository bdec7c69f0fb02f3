import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SegmentSums, stretches } from './segment-sums.ts'

const someScores = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), {
  minLength: 6,
  maxLength: 30,
})

test('gains are what two levels, or a line, leave less of the squares than one level', () => {
  fc.assert(
    fc.property(someScores, fc.nat(), (scores, pick) => {
      const sums = new SegmentSums(scores)
      const [start, end] = [1, scores.length]
      const split = 2 + (pick % (scores.length - 2))
      const [whole, before, after] = [
        [start, end],
        [start, split],
        [split, end],
      ].map(([from, to]) => squares(scores.slice(from, to))) as [number, number, number]
      expect(sums.squares(start, end)).toBeCloseTo(whole, 5)
      expect(sums.stepGain(start, split, end)).toBeCloseTo(whole - before - after, 5)
      expect(sums.lineGain(start, end)).toBeCloseTo(whole - lineSquares(scores.slice(start)), 5)
    }),
    { seed: 1 },
  )
})

test('the best split is the one of all that gains most', () => {
  fc.assert(
    fc.property(someScores, (scores) => {
      const sums = new SegmentSums(scores)
      const gain = (split: number) => sums.stepGain(0, split, scores.length)
      const all = scores.map((_, split) => split).slice(2, scores.length - 1)
      const most = Math.max(...all.map(gain))
      expect(gain(sums.bestSplit(0, scores.length, 2))).toBeCloseTo(most, 6)
    }),
    { seed: 2 },
  )
})

test('means are those of the scores', () => {
  const scores = Array.from({ length: 30 }, (_, index) => (index < 12 ? 5 : 9) + 0.25 * index)
  expect(new SegmentSums(scores).mean(0, 12)).toBeCloseTo(5 + 0.25 * 5.5, 10)
})

test('stretches tile', () => {
  expect(stretches([3, 7], 10)).toEqual([
    { start: 0, end: 3 },
    { start: 3, end: 7 },
    { start: 7, end: 10 },
  ])
})

function squares(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
}

function lineSquares(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const covariance = values.reduce((sum, value, x) => sum + (x - middle) * (value - mean), 0)
  const slope = covariance / values.reduce((sum, _, x) => sum + (x - middle) ** 2, 0)
  return squares(values.map((value, x) => value - slope * x))
}
