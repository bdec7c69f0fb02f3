import { expect, test } from 'vitest'
import { visible } from './visible.ts'
import { clipped, widthOf } from './width.ts'

const cases = [
  { text: 'charge-card', width: 11 },
  { text: '支払い', width: 6 },
  { text: 'カード', width: 6 },
  { text: '결제', width: 4 },
  { text: '🚀 go', width: 5 },
  { text: 'e\u0301te\u0301', width: 3 },
  { text: '…±–›', width: 4 },
]

test.each(cases)('$text takes $width columns', ({ text, width }) => {
  expect(widthOf(visible(text))).toBe(width)
})

test('a cut never passes the width, even in the middle of a wide character', () => {
  expect(clipped(visible('支払い'), 4)).toBe('支…')
  expect(clipped(visible('charge-card'), 7)).toBe('charge…')
  expect(clipped(visible('pay'), 3)).toBe('pay')
  expect(clipped(visible('pay'), 0)).toBe('')
})
