import { expect, test } from 'vitest'
import { normal, randomStream } from '../../stats/random-stream.ts'
import { betFresh, emptyFreshEvidence } from './fresh-evidence.ts'

function draw(random: () => number, count: number, factor = 1): number[] {
  return Array.from({ length: count }, () => factor * Math.exp(0.3 * normal(random)))
}

function evidenceAfter(values: readonly number[], known: readonly number[], id: string): number {
  const fresh = emptyFreshEvidence({ id, direction: 'up', logEvidence: 0, known })
  let logEvidence = 0
  for (const [at, value] of values.entries())
    logEvidence = betFresh(fresh, { value, executionId: `${id}-${at}` })
  return logEvidence
}

test.each(['continuous', 'a few whole values'])('of no change it has mean 1: %s', (kind) => {
  const random = randomStream(1)
  const values = (count: number) =>
    draw(random, count).map((one) => (kind === 'continuous' ? one : Math.round(one)))
  const [rounds, freshCount] = [4_000, 10]
  let sum = 0
  for (let round = 0; round < rounds; round += 1)
    sum += Math.exp(evidenceAfter(values(freshCount), values(40), `${kind}-${round}`))
  // Few large ones make the mean: four standard errors as measured with other seeds are 0.4.
  expect(sum / rounds).toBeGreaterThan(0.6)
  expect(sum / rounds).toBeLessThan(1.4)
})

test('of a change it grows by the execution', () => {
  const random = randomStream(2)
  const known = [...draw(random, 60), ...draw(random, 10, 2)]
  const after10 = evidenceAfter(draw(random, 10, 2), known, 'a')
  const after30 = evidenceAfter(draw(random, 30, 2), known, 'b')
  expect(after10).toBeGreaterThan(Math.log(100))
  expect(after30).toBeGreaterThan(after10)
})

test('a change to the better is bet on downwards, and what is no number says nothing', () => {
  const known = draw(randomStream(3), 60)
  const change = { id: 'c', direction: 'down', logEvidence: 5, known } as const
  const fresh = emptyFreshEvidence(change)
  expect(betFresh(fresh, { value: Number.NaN, executionId: 'x' })).toBe(5)
  expect(fresh.freshCount).toBe(0)
  expect(betFresh(fresh, { value: 0.01, executionId: 'y' })).toBeGreaterThan(5)
})
