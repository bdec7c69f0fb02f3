import { expect, test } from 'vitest'
import { resolveTemplates } from './Template.ts'

const scope = {
  data: { id: 7, list: [1, 2], user: { name: 'ada' } },
  steps: new Map([['a', { result: { z: true } }]]),
}

test.each([
  ['${data.id}', 7],
  ['no. ${data.id} of ${data.user.name}', 'no. 7 of ada'],
  ['${data.list[1]}', 2],
  ['${steps.a.result.z}', true],
  ['user: ${data.user}', 'user: {"name":"ada"}'],
  [
    { a: ['${ data.id }', 1], b: null },
    { a: [7, 1], b: null },
  ],
  ['$ {data.id} $data.id', '$ {data.id} $data.id'],
])('%j becomes %j', (value, resolved) => {
  expect(resolveTemplates(value, scope)).toEqual(resolved)
})

test.each([
  ['${data.nothing.deep}', '${data.nothing.deep} leads nowhere: data.nothing is absent'],
  ['${data.__proto__}', '${data.__proto__} leads nowhere: data.__proto__ is absent'],
  ['${data.constructor}', '${data.constructor} leads nowhere: data.constructor is absent'],
  ['${data.id + 1}', '${data.id + 1} is not a path such as data.order.id'],
])('%s is refused', (text, message) => {
  expect(() => resolveTemplates(text, scope)).toThrow(message)
})

test('accessors are not called and a __proto__ key stays a plain key', () => {
  const trap = Object.defineProperty({}, 'x', { get: () => expect.unreachable() })
  expect(() => resolveTemplates('${data.x}', { data: trap })).toThrow('leads nowhere')
  const hostile: unknown = JSON.parse('{"__proto__": {"polluted": true}}')
  const resolved = resolveTemplates(hostile, scope)
  expect(Object.getPrototypeOf(resolved)).toBe(Object.prototype)
  expect(Object.keys(resolved as object)).toEqual(['__proto__']) // An object stays an object.
})

test('params that nest without end are refused', () => {
  const loop: Record<string, unknown> = {}
  loop['self'] = loop
  expect(() => resolveTemplates(loop, scope)).toThrow('nest deeper than 64')
})
