import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findJsonError } from './json-error.ts'

test.each([
  ['{"resourceSpans": x}', 18, 'a JSON value'],
  ['\ufeff{}', 0, 'a JSON value'],
  ['["a\\x"]', 1, 'a JSON value or "]"'],
  ['["a\nb"]', 1, 'a JSON value or "]"'],
  ['[1 2]', 3, '"," or the end of the list or object'],
])('%j breaks at %i', (text, position, expected) => {
  expect(findJsonError(text)).toEqual({ position, expected })
})

test('what JSON.parse takes has no error before its end, and a cut is found at the cut', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), (text, cut) => {
      expect(findJsonError(text)).toEqual({ position: text.length, expected: 'the end' })
      const part = text.slice(0, cut % (text.length + 1))
      const { position } = findJsonError(part)
      // A cut string or word is reported where it begins.
      expect(part.slice(position)).toMatch(/^("(?:[^"\\]|\\.)*\\?(u.{0,3})?|-?[\d.eE+-]*|[a-z]*)$/)
    }),
    { numRuns: 1_000 },
  )
})

test('a long cut string is found in one pass', () => {
  const text = `["${'a\\n'.repeat(1_000_000)}`
  expect(findJsonError(text)).toEqual({ position: 1, expected: 'a JSON value or "]"' })
})
