import { expect, test } from 'vitest'
import { parseJson } from './parse-json.ts'

test.each([
  ['{"a":1,}', 'line 1, byte 7: expected a name in quotes, found "}"'],
  ['{"a":\n  oops}', 'line 2, byte 8: expected a JSON value, found "oops}"'],
  ['{"é":1', 'line 1, byte 7: expected "," or the end of the list or object, found the end'],
  ['{"a" 1}', 'line 1, byte 5: expected ":", found "1}"'],
  ['{a:1}', 'line 1, byte 1: expected a name in quotes or "}", found "a:1}"'],
  ['[1,]', 'line 1, byte 3: expected a JSON value, found "]"'],
  ['[1}', 'line 1, byte 2: expected "," or the end of the list or object, found "}"'],
  ['{} {}', 'line 1, byte 3: expected the end, found "{}"'],
  ['{"a":"cut', 'line 1, byte 5: expected a JSON value, found ""cut"'],
  ['[01]', 'line 1, byte 1: expected a JSON value or "]", found "01]"'],
  ['', 'line 1, byte 0: expected a JSON value, found the end'],
])('%s', (text, message) => {
  expect(() => parseJson(text)).toThrow(message)
})

test('positions count from the start of the file', () => {
  const origin = { lineNumber: 12, byteOffset: 4_711 }
  expect(() => parseJson('{"a":x}', origin)).toThrow('line 12, byte 4716: expected a JSON value')
})

test('what is JSON passes', () => expect(parseJson('{"a":[1]}')).toEqual({ a: [1] }))
