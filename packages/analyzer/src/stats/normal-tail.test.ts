import { expect, test } from 'vitest'
import { normalTail, normalTailPoint } from './normal-tail.ts'

test.each([
  [0, 0.5],
  [1, 0.15865525393145707],
  [1.959963984540054, 0.025],
  [3.090232306167813, 0.001],
  [6, 9.865876450376946e-10],
  [20, 2.7536241186062337e-89],
  [-1, 0.8413447460685429],
])('above %f lies %f', (z, ratio) => {
  expect(normalTail(z) / ratio).toBeCloseTo(1, 6)
  if (z < 10) expect(normalTailPoint(ratio)).toBeCloseTo(z, 6)
})
