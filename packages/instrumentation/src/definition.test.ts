import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeFlow } from './definition.ts'

const text = fc.constantFrom('a', 'b', 'task', 'x.y')
const step = fc.record(
  {
    id: text,
    type: text,
    action: text,
    onSuccess: text,
    onFailure: text,
    onTrue: text,
    params: fc.object(),
    timeout: fc.nat(),
  },
  { requiredKeys: ['id'] },
)

test('the hash does not depend on the order of keys, on params or on anything but the graph', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), fc.anything(), (steps, params) => {
      const shuffled = steps.map(({ params: _, timeout: __, ...one }) => ({
        ...Object.fromEntries(Object.entries(one).reverse()),
        params: { secret: params },
      }))
      const plain = steps.map(({ params: _, ...one }) => one)
      const described = describeFlow({ id: 'f', steps: plain })
      expect(describeFlow({ id: 'f', owner: 'me', steps: shuffled })).toEqual(described)
      expect(described?.sha256).toMatch(/^[0-9a-f]{64}$/)
    }),
    { seed: 1 },
  )
})

test('another edge is another hash', () => {
  const hashOf = (onSuccess: string) =>
    describeFlow({ id: 'f', steps: [{ id: 'a', onSuccess }] })?.sha256
  expect(hashOf('b')).not.toBe(hashOf('c'))
})

test('nested steps and both branches of a condition are in the graph, params are not', () => {
  const described = describeFlow({
    id: 'f',
    steps: [
      {
        id: 'choose',
        type: 'condition',
        params: { condition: 'secret', onTrue: 'x', onFalse: 'y' },
      },
      {
        id: 'wide',
        type: 'parallel',
        params: { steps: ['x', { id: 'z', type: 'task', params: { card: 4111 } }] },
      },
    ],
  })
  expect(JSON.parse(described?.graph ?? '')).toEqual([
    { id: 'choose', type: 'condition', onTrue: 'x', onFalse: 'y' },
    { id: 'wide', type: 'parallel', steps: [{ id: 'x' }, { id: 'z', type: 'task' }] },
  ])
  expect(described?.stepCount).toBe(2)
})

test.each([
  ['no steps', undefined],
  ['a text for steps', 'a,b'],
  ['a graph beyond 64 KiB', Array.from({ length: 5_000 }, (_, id) => ({ id: `step-${id}` }))],
  ['a cycle', cycle()],
])('nothing is told of %s', (_case, steps) => {
  expect(describeFlow({ id: 'f', steps })).toBeUndefined()
})

/** Ten steps that each hold all ten: 10^16 within the depth. */
function cycle(): object[] {
  const steps: { id: string; steps?: unknown }[] = Array.from({ length: 10 }, (_, id) => ({
    id: `${id}`,
  }))
  for (const one of steps) one.steps = steps
  return steps
}
