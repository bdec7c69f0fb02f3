import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SharedTexts } from './shared-texts.ts'

test('a shared text equals the one that was given, and so does a text that is found', () => {
  const shared = new SharedTexts()
  const texts = fc.oneof(fc.string({ maxLength: 3 }), fc.string({ maxLength: 70 }))
  fc.assert(
    fc.property(texts, fc.constantFrom('', 'and so on'), (text, more) => {
      expect([text + more, undefined]).toContain(shared.find(text + more))
      expect(shared.share(text + more)).toBe(text + more)
    }),
    { numRuns: 2000, seed: 20261126 },
  )
})

test('texts of ordinary lengths are found once they were kept, until another takes their place', () => {
  const shared = new SharedTexts()
  for (const length of [11, 32, 64]) {
    expect(shared.find('x'.repeat(length))).toBeUndefined()
    shared.keep('x'.repeat(length))
    expect(shared.find('x'.repeat(length))).toBe('x'.repeat(length))
  }
  for (const length of [0, 10, 65]) {
    shared.keep('x'.repeat(length))
    expect(shared.find('x'.repeat(length))).toBeUndefined()
  }
})
