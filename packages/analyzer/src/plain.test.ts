import { expect, test } from 'vitest'
import { AttributeList, AttributeShape } from './otlp/attribute-list.ts'
import { type Plain, type PlainAttributeValue, plain } from './plain.ts'
import type { ExecutionReport } from './report.ts'

test('bigint as text, maps as objects, lists as lists, absent members absent', () => {
  const value = {
    at: 12n,
    none: undefined,
    map: new Map<string, unknown>([
      ['__proto__', [1n, true]],
      ['nested', new Map([['a', 'b']])],
    ]),
    list: [{ x: undefined, y: 1 }],
  }
  expect(JSON.stringify(plain(value))).toBe(
    '{"at":"12","map":{"__proto__":["1",true],"nested":{"a":"b"}},"list":[{"y":1}]}',
  )
  expect(Object.keys(plain(value))).toEqual(['at', 'map', 'list'])
  expect(Object.getPrototypeOf(plain(value).map)).toBe(Object.prototype)
})

test('attributes as a reader makes them are objects too', () => {
  const shape = new AttributeShape(['a', 'b'], [])
  expect(plain(new AttributeList(shape, [1n, ['x']]))).toEqual({ a: '1', b: ['x'] })
})

test('numbers that JSON has no form for are written as OTLP/JSON writes them', () => {
  expect(plain([Number.NaN, Number.POSITIVE_INFINITY, -1])).toEqual(['NaN', 'Infinity', -1])
})

test('a report can be used by its members: attribute values nest in themselves and are unfolded once', () => {
  const attributesOf = ({ execution }: Plain<ExecutionReport>) =>
    execution.spans[0]?.attributes ?? {}
  const values: readonly PlainAttributeValue[] = Object.values(
    attributesOf({
      execution: { spans: [{ attributes: { a: ['b', { c: true }] } }] },
      // A drawing of the part that is read here.
    } as unknown as Plain<ExecutionReport>),
  )
  expect(values).toEqual([['b', { c: true }]])
})
