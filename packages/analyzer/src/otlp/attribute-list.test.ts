import { expect, test } from 'vitest'
import { AttributeList, AttributeShape } from './attribute-list.ts'
import { KNOWN, KNOWN_KEYS, knownAttribute } from './known-attributes.ts'

const keys = ['qflow.step.id', 'http.request.method', 'qflow.flow.id']
const values = ['pay', 'POST', 'order']
const list = new AttributeList(new AttributeShape(keys, KNOWN_KEYS), values)
const map = new Map(keys.map((key, place) => [key, values[place] ?? '']))

test('a list of values with a shared shape reads like the map of its entries', () => {
  expect([...list]).toEqual([...map])
  expect([...list.keys()]).toEqual([...map.keys()])
  expect([...list.values()]).toEqual([...map.values()])
  expect(list.size).toBe(map.size)
  for (const key of [...keys, 'absent']) {
    expect(list.get(key)).toBe(map.get(key))
    expect(list.has(key)).toBe(map.has(key))
  }
  const seen: unknown[] = []
  list.forEach((value, key) => {
    seen.push([key, value])
  })
  expect(seen).toEqual([...map])
})

test('known attributes are found by place in lists and by key in maps', () => {
  for (const key of KNOWN_KEYS) {
    expect(knownAttribute(list, KNOWN[key])).toBe(map.get(key))
    expect(knownAttribute(map, KNOWN[key])).toBe(map.get(key))
  }
})
