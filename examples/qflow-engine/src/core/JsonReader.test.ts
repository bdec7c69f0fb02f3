import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonSyntaxError, lineAndColumn, readJson } from './JsonReader.ts'

test('reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (text, indent) => {
      const laidOut = JSON.stringify(JSON.parse(text), null, indent)
      expect(readJson(laidOut).value).toEqual(JSON.parse(laidOut))
    }),
    { seed: 2 },
  )
})

test('refuses what JSON.parse refuses, with a position inside the text', () => {
  const mutilated = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', '}', '"', ',', '\\', '1', '\u0001'))
    .map(([text, at, insert]) => text.slice(0, at % (text.length + 1)) + insert)
  fc.assert(
    fc.property(mutilated, (text) => {
      let expected: unknown
      try {
        expected = JSON.parse(text)
      } catch {
        const fault = faultOf(text)
        expect(fault.offset).toBeLessThanOrEqual(text.length)
        return
      }
      expect(readJson(text).value).toEqual(expected)
    }),
    { seed: 3, numRuns: 500 },
  )
})

test('knows where each value stands', () => {
  const { offsets } = readJson('{\n  "a/b": [1, {"c~": 2}]\n}')
  expect([...offsets]).toEqual([
    ['', 0],
    ['/a~1b', 11],
    ['/a~1b/0', 12],
    ['/a~1b/1', 15],
    ['/a~1b/1/c~0', 22],
  ])
})

test('says what it expected and found, and where', () => {
  const text = '{\n  "a": 1\n  "b": 2\n}'
  const { offset, message } = faultOf(text)
  expect(message).toBe('expected "," or "}", found "\\""')
  expect(lineAndColumn(text, offset)).toEqual({ line: 3, column: 3 })
  expect(faultOf('[1,').message).toBe('expected a value, found the end of the text')
  expect(faultOf('['.repeat(200)).message).toBe('expected at most 128 levels, found "["')
})

function faultOf(text: string): JsonSyntaxError {
  try {
    readJson(text)
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error
    throw error
  }
  throw new Error(`No fault in ${text}`)
}
