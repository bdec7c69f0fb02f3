import fc from 'fast-check'
import { expect, test } from 'vitest'
import { visible } from './visible.ts'

const cases = [
  {
    name: 'plain text stays',
    text: 'charge-card — ünïcode 支払い 🚀',
    shown: 'charge-card — ünïcode 支払い 🚀',
  },
  { name: 'a colour sequence', text: '\x1b[31mred\x1b[0m', shown: '\\x1b[31mred\\x1b[0m' },
  { name: 'an 8-bit control introducer', text: 'a\x9b2Jb', shown: 'a\\x9b2Jb' },
  { name: 'a window title', text: '\x1b]0;owned\x07', shown: '\\x1b]0;owned\\x07' },
  {
    name: 'line breaks',
    text: 'one\r\ntwo\u2028three\u0085four',
    shown: 'one\\r\\ntwo\\u{2028}three\\x85four',
  },
  { name: 'a bidi override', text: 'user\u202etxt.exe', shown: 'user\\u{202e}txt.exe' },
  {
    name: 'zero-width and tag characters',
    text: 'a\u200bb\u{e0041}',
    shown: 'a\\u{200b}b\\u{e0041}',
  },
  { name: 'half a surrogate pair', text: 'a\ud800b', shown: 'a\\u{d800}b' },
  { name: 'stacked marks', text: `e${'\u0301'.repeat(50)}!`, shown: `e${'\u0301'.repeat(4)}!` },
]

test.each(cases)('$name', ({ text, shown }) => expect(visible(text)).toBe(shown))

test('a long text is cut between characters and says so', () => {
  expect(visible('x'.repeat(1e6), 5)).toBe('xxxx…')
  expect(visible('xxx🚀yyy', 5)).toBe('xxx…')
})

test('nothing that a terminal obeys gets through, and a second pass changes nothing', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  )
  fc.assert(
    fc.property(hostile, (text) => {
      const shown = visible(text)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested
      expect(shown).not.toMatch(/[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]/)
      expect(visible(shown, Number.POSITIVE_INFINITY)).toBe(shown)
    }),
    { numRuns: 2_000 },
  )
})
