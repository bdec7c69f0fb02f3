import { expect, test } from 'vitest'
import { enumOf, hexOf, textOf, uint64Of } from './json-shape.ts'

test.each<[string, () => unknown, string]>([
  ['an id', () => hexOf('xyz', 'spans[0].traceId'), 'expected hex digits, found "xyz"'],
  ['a long id', () => hexOf('x'.repeat(33), ''), 'hex digits, found a string of 33 characters'],
  ['an enum', () => enumOf('SPAN', 'kind', []), 'expected an integer enum, found "SPAN"'],
  ['a time', () => uint64Of('-1\n', 'startTimeUnixNano'), 'as string or number, found "-1\\n"'],
  ['a time that is none', () => uint64Of(true, ''), 'as string or number, found true'],
  ['a text, which may be a payload', () => textOf(['x'], 'name'), 'a string, found an array of 1'],
])('what is wrong with %s is said with what stands there', (_name, read, message) => {
  expect(read).toThrow(message)
})
