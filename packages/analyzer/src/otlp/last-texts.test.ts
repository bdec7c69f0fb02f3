import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LastTexts, MAX_LAST_TEXT_BYTES, wordCountOf } from './last-texts.ts'

/** What is before a text, and the text, as its last eight bytes, then those before, as words from a place on. */
function wordsOf(before: string, text: string, at: number): Int32Array {
  const bytes = Buffer.from(before + text, 'latin1')
  const words = new Int32Array(at + wordCountOf(text.length))
  let from = bytes.length
  for (let word = at; word < words.length; word += 2) {
    from -= 8
    words[word] = bytes.readInt32LE(from)
    words[word + 1] = bytes.readInt32LE(from + 4)
  }
  return words
}

const text = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'order-7', 'order-8', 'execution-123456', 'execution-123457'),
  fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: MAX_LAST_TEXT_BYTES }),
)

test('what is found is the text, and it is one that was kept', () => {
  const texts = new LastTexts()
  let foundCount = 0
  fc.assert(
    fc.property(text, fc.constantFrom('12345678', '12345679'), fc.nat(3), (one, before, at) => {
      const words = wordsOf(before, one, at)
      const found = texts.find(words, at, one.length)
      if (found !== undefined) foundCount++
      expect(found ?? one).toBe(one)
      texts.keep(words, at, one.length, one)
      expect(texts.find(words, at, one.length)).toBe(one)
    }),
    { numRuns: 2000, seed: 20261126 },
  )
  expect(foundCount).toBeGreaterThan(100)
})
