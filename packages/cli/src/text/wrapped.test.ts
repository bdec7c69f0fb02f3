import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineWidth, piece } from './line.ts'
import { paint } from './paint.ts'
import { wrapped } from './wrapped.ts'

const shown = (lines: Parameters<typeof paint>[0]) => paint(lines, { colour: false })

test('breaks at spaces, keeps the indent, and a number with its unit', () => {
  const lines = wrapped({
    text: 'the flow would be 31 % ± 3 % faster, n = 57',
    width: 24,
    indent: 4,
    mark: [piece('  ● ')],
  })
  expect(shown(lines)).toBe('  ● the flow would be\n    31 % ± 3 % faster,\n    n = 57\n')
})

test('no line is wider than asked, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      const lines = wrapped({ text, width: 40, indent: 6 })
      expect(lines.filter((line) => lineWidth(line) > 40)).toEqual([])
    }),
  )
})
