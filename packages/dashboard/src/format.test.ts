import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  durationChangeText,
  durationText,
  exactMsText,
  figureText,
  percentChangeText,
  percentText,
  unixMsFrom,
} from './format.ts'

describe('durations', () => {
  test.each([
    [0, '0 ms'],
    [0.0000004, '< 1 ns'],
    [0.00042, '420 ns'],
    [0.001, '1.00 µs'],
    [0.4119, '412 µs'],
    [0.9996, '1.00 ms'],
    [12.3456, '12.3 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [1234, '1.23 s'],
    [59_949, '59.9 s'],
    [59_960, '1 min 0 s'],
    [125_000, '2 min 5 s'],
    [3_660_000, '1 h 1 min'],
    [-12.3, '−12.3 ms'],
  ])('%d ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })

  test('never exponents, never more than three digits before the unit', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 59_000, noNaN: true }), (ms) => {
        expect(durationText(ms)).toMatch(/^\d{1,3}(\.\d{1,2})? (ns|µs|ms|s)$/)
      }),
    )
  })

  test('a change has its sign', () => {
    expect(durationChangeText(2)).toBe('+2.00 ms')
    expect(durationChangeText(-2)).toBe('−2.00 ms')
    expect(durationChangeText(0)).toBe('0 ms')
  })

  test('details keep every ns', () => {
    expect(exactMsText(12_345_678)).toBe('12.345678 ms')
    expect(exactMsText(5)).toBe('0.000005 ms')
    expect(exactMsText(1_234_000_000_000)).toBe('1,234,000.000000 ms')
    expect(exactMsText(-5)).toBe('−0.000005 ms')
  })
})

test.each([
  [0, '0 %'],
  [0.0001, '< 0.1 %'],
  [0.034, '3.4 %'],
  [0.0996, '10 %'],
  [0.314, '31 %'],
  [12.5, '1,250 %'],
  [-0.2, '−20 %'],
])('ratio %d is %s', (ratio, text) => {
  expect(percentText(ratio)).toBe(text)
})

test('a relative change has its sign', () => {
  expect(percentChangeText(0.5)).toBe('+50 %')
})

test('a figure is read by the unit that ends its name', () => {
  expect(figureText('medianBeforeMs', 82.4)).toEqual({ label: 'median before', text: '82.4 ms' })
  expect(figureText('hitRatio', 0.5)).toEqual({ label: 'hit', text: '50 %' })
  expect(figureText('exampleCount', 1200)).toEqual({ label: 'example', text: '1,200' })
  expect(figureText('eValue', 41.256)).toEqual({ label: 'e value', text: '41.3' })
})

test('ns as text become ms without losing the date', () => {
  expect(unixMsFrom('1772719392123456789')).toBe(1_772_719_392_123)
})
