import { describe, expect, test } from 'vitest'
import { bytes, count, counted, duration, estimate, interval, moment, percent } from './quantity.ts'

test.each([
  [0, '0 ms'],
  [0.0123, '12.3 µs'],
  [0.9994, '999 µs'],
  [0.9996, '1.00 ms'],
  [9.996, '10.0 ms'],
  [182.4, '182 ms'],
  [999.6, '1.00 s'],
  [65_200, '65.2 s'],
  [7_200_000, '2.00 h'],
])('%d ms reads %s', (ms, text) => expect(duration(ms)).toBe(text))

describe('an estimate', () => {
  test.each([
    ['even', { value: 0.31, low: 0.28, high: 0.34 }, '31 % ± 3 %'],
    ['small', { value: 0.018, low: 0.0165, high: 0.0195 }, '1.8 % ± 0.1 %'],
    ['narrow', { value: 0.31, low: 0.309, high: 0.311 }, '31 % ± 0.1 %'],
    ['lopsided', { value: 0.87, low: 0.71, high: 1.31 }, '87 % (71 % to 131 %)'],
    ['negative', { value: -0.2, low: -0.25, high: -0.15 }, '−20 % ± 5 %'],
  ])('%s', (_name, value, text) => expect(estimate({ ...value, n: 57 })).toBe(text))
})

test('the interval has the unit of its value, and says what n could not give', () => {
  expect(interval({ value: 182.4, low: 179.1, high: 186.2 })).toBe('[179–186]')
  expect(interval({ value: 1_200, low: 990, high: undefined })).toBe('[0.99–?]')
  expect(interval({ value: 1_200, low: undefined, high: undefined })).toBe('[n too small]')
})

test('shares, counts, sizes and moments', () => {
  expect([percent(0), percent(0.0004), percent(0.099), percent(1.5)]).toEqual([
    '0 %',
    '<0.1 %',
    '9.9 %',
    '150 %',
  ])
  expect([count(1_234_567), counted(1, 'span'), counted(0, 'span')]).toEqual([
    '1,234,567',
    '1 span',
    '0 spans',
  ])
  expect([bytes(12), bytes(8 * 1024 ** 2)]).toEqual(['12 B', '8.0 MiB'])
  expect(moment('1795471392000000000')).toBe('2026-11-23 22:03:12 UTC')
  expect(moment(2n ** 64n * 1_000n)).toBe('18446744073709551616000 ns')
})
