import { expect, test } from 'vitest'
import { piece } from './line.ts'
import { paint } from './paint.ts'
import { table } from './table.ts'

const rows = [
  [[piece('支払い')], [piece('61.2 ms')]],
  [[piece('reserve-stock-in-warehouse')], [piece('4 ms')]],
]
const columns = [{ align: 'left' as const, isFlexible: true }, { align: 'right' as const }]

test('columns line up, wide characters counted', () => {
  const lines = table({ columns, rows, width: 60, indent: 2 })
  expect(paint(lines, { colour: false })).toBe(
    '  支払い                      61.2 ms\n  reserve-stock-in-warehouse     4 ms\n',
  )
})

test('the flexible column gives way', () => {
  const lines = table({ columns, rows, width: 24, indent: 2 })
  expect(paint(lines, { colour: false })).toBe(
    '  支払い         61.2 ms\n  reserve-stoc…     4 ms\n',
  )
})
