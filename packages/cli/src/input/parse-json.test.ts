import { expect, test } from 'vitest'
import { parseJson } from './parse-json.ts'

test.each([
  ['{"a":1,}', 'line 1, byte 7: expected JSON, found "}"'],
  ['{"a":\n  oops}', 'line 2, byte 8: expected JSON, found "oops}"'],
  ['{"é":1', 'line 1, byte 7: expected JSON, found the end after "{"é":1"'],
  ['', 'line 1, byte 0: expected JSON, found the end after ""'],
])('%s', (text, message) => {
  expect(() => parseJson(text)).toThrow(message)
})

test('positions count from the start of the file', () => {
  const origin = { lineNumber: 12, byteOffset: 4_711 }
  expect(() => parseJson('{"a":x}', origin)).toThrow('line 12, byte 4716: expected JSON')
})

test('what is JSON passes', () => expect(parseJson('{"a":[1]}')).toEqual({ a: [1] }))
