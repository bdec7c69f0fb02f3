import fc from 'fast-check'
import { expect, test } from 'vitest'
import { visibleText } from './visible-text.ts'

test.each([
  ['charge', 'charge'],
  ['naïve 決済 💳', 'naïve 決済 💳'],
  ['a\u202egpj.exe', 'a⟨U+202E⟩gpj.exe'],
  ['a\u0000\u001b[31m', 'a⟨U+0000⟩⟨U+001B⟩[31m'],
  ['zero\u200bwidth', 'zero⟨U+200B⟩width'],
  ['half \ud83d', 'half ⟨U+D83D⟩'],
])('%j is shown as %j', (text, shown) => {
  expect(visibleText(text, 100)).toBe(shown)
})

test('what is cut says how long it was, and no pair is cut in two', () => {
  expect(visibleText('x'.repeat(1_000_000), 3)).toBe('xxx… (1,000,000 characters)')
  expect(visibleText('ab💳💳', 3)).toBe('ab…')
})

test('nothing that steers a display is left', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 50 }), (text, max) => {
      expect(visibleText(text, max)).not.toMatch(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
})
