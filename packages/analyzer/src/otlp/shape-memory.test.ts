import { expect, test } from 'vitest'
import { MAX_NODE_COUNT, ShapeMemory } from './shape-memory.ts'

const keysOf = (memory: ShapeMemory, ...keys: string[]) => memory.learn(keys).shape.keys

test('equal keys in one order share a shape; another order is another shape', () => {
  const memory = new ShapeMemory()
  const shape = memory.learn(['a', 'b', 'c']).shape
  expect(shape.keys).toEqual(['a', 'b', 'c'])
  expect(memory.learn(['a', 'b', 'c']).shape).toBe(shape)
  expect(keysOf(memory, 'b', 'a')).toEqual(['b', 'a'])
  expect(keysOf(memory, 'a', 'b')).toEqual(['a', 'b'])
  expect(keysOf(memory)).toEqual([])
})

test('the key that came last is expected next', () => {
  const memory = new ShapeMemory()
  memory.learn(['a', 'b'])
  memory.learn(['a', 'c'])
  expect(memory.root.next?.next?.key).toBe('c')
  expect(memory.root.child('a')?.child('b')?.key).toBe('b')
  expect(memory.root.next?.next?.key).toBe('b')
  expect(memory.root.child('z')).toBeUndefined()
})

test.each([
  ['four', 4],
  ['qflow.step.phase.work', 21],
  ['x'.repeat(100), 100],
  ['abc', 0],
  ['x'.repeat(101), 0],
  ['schlüssel', 0],
  ['\uD800\uD800', 0],
  ['', 0],
])('%j is recognised by %d bytes', (key, byteCount) => {
  const node = new ShapeMemory().learn([key])
  expect(node.byteCount).toBe(byteCount)
  if (byteCount === 0) return
  const bytes = new Uint8Array([0, ...new TextEncoder().encode(key), 0])
  const body = { bytes, view: new DataView(bytes.buffer) }
  expect(node.isAt(body, 1)).toBe(true)
  for (let at = 1; at <= byteCount; at++) {
    bytes[at] = (bytes[at] ?? 0) ^ 1
    expect(node.isAt(body, 1), `byte ${at}`).toBe(false)
    bytes[at] = (bytes[at] ?? 0) ^ 1
  }
})

test('beyond its bounds the memory forgets everything and goes on right', () => {
  const memory = new ShapeMemory()
  const first = memory.learn(['first']).shape
  for (let index = 0; index < MAX_NODE_COUNT; index++)
    expect(keysOf(memory, `key-${index}`, 'second')).toEqual([`key-${index}`, 'second'])
  expect(memory.root.child('key-0')).toBeUndefined()
  expect(memory.learn(['first']).shape).not.toBe(first)
  expect(keysOf(memory, 'first')).toEqual(['first'])
  for (let index = 0; index < 400; index++) keysOf(memory, `${index}`.padStart(1024))
  expect(memory.root.child('first')).toBeUndefined()
})
