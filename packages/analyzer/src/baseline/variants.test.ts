import fc from 'fast-check'
import { expect, test } from 'vitest'
import { simulatedFigure, simulatedObservation } from '../detect/simulated-flow.ts'
import type { Counters } from './counters.ts'
import type { Observation, StepFigure } from './observation.ts'
import { noVariants, rememberVariant, type VariantBaseline, variantKey } from './variants.ts'

test('executions that took the same branches are one variant, with their counts and durations', () => {
  const { variants } = remembered([
    ['check', 'pay', 'ship'],
    ['check', 'refuse'],
    ['check', 'ship', 'pay'],
    ['check', 'pay!', 'refuse'],
  ])
  expect(variants.map(({ steps, executionCount }) => [names(steps), executionCount])).toEqual([
    ['check pay ship', 2],
    ['check refuse', 1],
    ['check pay! refuse', 1],
  ])
  expect(variants[0]?.durationMs.count).toBe(2)
})

test('a loop makes no variant of its own', () => {
  const { variants } = remembered([
    ['a', 'b', 'a', 'b'],
    ['a', 'b'],
    ['a', 'a', 'b!', 'b'],
  ])
  expect(variants.map(({ steps }) => names(steps))).toEqual(['a b', 'a b!'])
})

test('a failed execution counts and has no duration', () => {
  const { variants } = remembered([['a']], { unjudged: 'failed' })
  expect(variants[0]).toMatchObject({ executionCount: 1, failedCount: 1 })
  expect(variants[0]?.durationMs.count).toBe(0)
})

test('beyond the bound all are counted together, by name', () => {
  const runs = Array.from({ length: 20 }, (_, index) => [`step-${index}`])
  const { variants, indices, counters } = remembered([...runs, ...runs])
  expect(variants).toHaveLength(17)
  expect(variants.at(-1)).toMatchObject({ key: undefined, executionCount: 8 })
  expect(indices.slice(16, 20)).toEqual([16, 16, 16, 16])
  expect(counters).toEqual({ variant_limit: 8 })
})

test('a flow of very many steps finds no room', () => {
  const { variants } = remembered([Array.from({ length: 101 }, (_, index) => `step-${index}`)])
  expect(variants).toMatchObject([{ key: undefined, executionCount: 1 }])
})

test('two executions share a key exactly when the same steps ended alike', () => {
  const name = fc.constantFrom('a', 'b', 'ab', '1 a', 'a 1 b', '!a')
  const runs = fc.array(fc.record({ stepId: name, isFailed: fc.boolean() }), { maxLength: 6 })
  fc.assert(
    fc.property(runs, runs, (one, other) => {
      expect(variantKey(one) === variantKey(other)).toBe(isSameSet(one, other))
    }),
  )
})

type Runs = readonly { readonly stepId: string; readonly isFailed: boolean }[]

function isSameSet(one: Runs, other: Runs): boolean {
  const text = ({ stepId, isFailed }: Runs[number]) => JSON.stringify([stepId, isFailed])
  const [a, b] = [new Set(one.map(text)), new Set(other.map(text))]
  return a.size === b.size && [...a].every((each) => b.has(each))
}

/** `!` behind a step's id: it failed. */
function remembered(
  executions: readonly (readonly string[])[],
  { unjudged }: Pick<Observation, 'unjudged'> = { unjudged: undefined },
) {
  const variants = noVariants()
  const counters: Counters = {}
  const indices = executions.map((ids, index) =>
    rememberVariant(
      variants,
      { ...simulatedObservation({ seed: 1, index, parts: [1] }), unjudged, steps: ids.map(figure) },
      counters,
    ),
  )
  return { variants: variants.all, indices, counters }
}

function names(steps: VariantBaseline['steps']): string {
  return steps.map(({ stepId, isFailed }) => `${stepId}${isFailed ? '!' : ''}`).join(' ')
}

function figure(text: string): StepFigure {
  return simulatedFigure({ stepId: text.replace('!', ''), isFailed: text.endsWith('!') })
}
