import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendEntry, emptyHistory, meanParts } from '../baseline/history.ts'
import { simulatedObservation } from '../detect/simulated-flow.ts'
import { contributions, mainContribution } from './contributions.ts'

const executions = fc.array(
  fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 6 }),
  { minLength: 1, maxLength: 40 },
)

test('contributions add up to the change of the mean duration', () => {
  fc.assert(
    fc.property(executions, executions, (before, after) => {
      const history = emptyHistory()
      const entries = [...before, ...after].map((parts, index) =>
        appendEntry(history, simulatedObservation({ seed: 1, index, parts }), {}),
      )
      const sides = { first: entries.slice(0, before.length), last: entries.slice(before.length) }
      const parts = contributions(history.places, {
        beforeMs: meanParts(history, sides.first),
        afterMs: meanParts(history, sides.last),
      })
      const sum = parts.reduce((total, { changeMs }) => total + changeMs, 0)
      expect(sum).toBeCloseTo(meanMs(sides.last) - meanMs(sides.first), 6)
    }),
  )
})

test('the largest come first, whatever their sign', () => {
  const places = ['a', 'b', 'c'].map((stepId) => ({
    stepId,
    phase: 'work' as const,
    spanName: undefined,
  }))
  const parts = contributions(places, { beforeMs: [10, 5], afterMs: [12, 1, 0] })
  expect(parts.map(({ stepId, changeMs }) => [stepId, changeMs])).toEqual([
    ['b', -4],
    ['a', 2],
  ])
  expect(mainContribution(parts, 'regression')?.stepId).toBe('a')
  expect(mainContribution(parts, 'improvement')?.stepId).toBe('b')
})

test('what moved by less than a hundredth of the change is told together', () => {
  const places = ['a', 'b', 'c', 'd', '_OTHER'].map((stepId) => ({
    stepId,
    phase: stepId === '_OTHER' ? undefined : ('work' as const),
    spanName: undefined,
  }))
  const parts = contributions(places, {
    beforeMs: [10, 10, 10, 10, 0],
    afterMs: [110, 10.5, 9.75, 12, 0.25],
  })
  expect(parts.map(({ stepId, changeMs }) => [stepId, changeMs])).toEqual([
    ['a', 100],
    ['d', 2],
    ['_OTHER', 0.5],
  ])
})

test('the rest is never what a change is put down to', () => {
  const rest = { stepId: '_OTHER', phase: undefined, spanName: undefined }
  expect(mainContribution([{ ...rest, changeMs: 5 }], 'regression')).toBeUndefined()
})

function meanMs(entries: readonly { readonly durationMs: number }[]): number {
  return entries.reduce((sum, { durationMs }) => sum + durationMs, 0) / entries.length
}
