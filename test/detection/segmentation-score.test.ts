import { expect, test } from 'vitest'
import { pelt } from './pelt.ts'
import { coverScore, f1Score } from './segmentation-score.ts'

test.each([
  ['nothing to find, nothing found', [[]], [], 1],
  ['nothing to find, one found', [[]], [50], 2 / 3],
  ['one missed', [[50]], [], 2 / 3],
  ['one found within the margin', [[50]], [54], 1],
  ['one found beyond it', [[50]], [56], 1 / 2],
  ['one true place is found once', [[50]], [49, 51], 4 / 5],
  // Precision against both together 1, recall the mean of 1 and 1/2.
  ['annotators who differ', [[], [50]], [], 6 / 7],
])('F1: %s', (_name, annotations, found, score) => {
  expect(f1Score(annotations, found, 5)).toBeCloseTo(score, 12)
})

test.each([
  ['the same', [[50]], [50], 1],
  ['one segment for two halves', [[50]], [], 1 / 2],
  ['two halves for one', [[]], [50], 1 / 2],
  ['ten beside', [[50]], [60], (50 * (50 / 60) + 50 * (40 / 50)) / 100],
])('cover: %s', (_name, annotations, found, score) => {
  expect(coverScore(annotations, found, 100)).toBeCloseTo(score, 12)
})

test('PELT finds clean steps', () => {
  const values = Array.from(
    { length: 60 },
    (_, at) => (at < 20 ? 1 : at < 45 ? 3 : 2) + (at % 3) / 10,
  )
  expect(pelt(values, { penaltyFactor: 3, minLength: 2 })).toEqual([20, 45])
})
