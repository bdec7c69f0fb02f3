import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addKey,
  countAt,
  countBetween,
  emptyHistogram,
  fadeHistogram,
  keysOf,
} from './histogram.ts'

const someKeys = fc.array(fc.integer({ min: 0, max: 2_500 }), { maxLength: 60 })

test('counts what lies between two keys, as a list would', () => {
  fc.assert(
    fc.property(someKeys, fc.nat(2_600), fc.nat(2_600), (keys, from, to) => {
      const histogram = histogramOf(keys)
      // What lies beyond the last key is counted as the last.
      const slow = keys.map((key) => Math.min(key, 2_047)).filter((key) => key >= from && key < to)
      expect(countBetween(histogram, from, to)).toBe(slow.length)
    }),
  )
})

test('is the same whatever the order', () => {
  fc.assert(
    fc.property(someKeys, (keys) => {
      expect(histogramOf(keys.toReversed())).toEqual(histogramOf(keys))
    }),
  )
})

test('fades to a share of its counts, rare keys and frequent ones alike', () => {
  fc.assert(
    fc.property(someKeys, fc.integer({ min: 2, max: 9 }), (keys, divisor) => {
      const histogram = histogramOf(keys)
      fadeHistogram(histogram, divisor)
      expect(histogram.total).toBe(Math.round(keys.length / divisor))
      const left = keysOf(histogram).map((key) => countAt(histogram, key))
      expect(left.reduce((sum, count) => sum + count, 0)).toBe(histogram.total)
    }),
  )
})

function histogramOf(keys: readonly number[]) {
  const histogram = emptyHistogram()
  for (const key of keys) addKey(histogram, key)
  return histogram
}
