import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  durationUnixNs,
  earlierOf,
  laterOf,
  MAX_OFFSET_NS,
  msFromNs,
  nsFromMs,
  nsFromSeconds,
  offsetNs,
  UnixNsOffsets,
  unixMsFromNs,
  unixNsAt,
  unixNsFromMs,
  unixNsFromUs,
} from './unix-ns.ts'

const NOW = 1_700_000_000_123_456_789n

test('ms are those of the division of the whole number, for any time', () => {
  const literal = (ns: bigint) => Number(ns / 1_000_000n) + Number(ns % 1_000_000n) / 1e6
  const edges = [0n, 999_999n, 1_000_000n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 64n, -5n]
  for (const ns of edges) expect(unixMsFromNs(ns)).toBe(literal(ns))
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n }), (ns) => {
      expect(unixMsFromNs(ns)).toBe(literal(ns))
      const wholeMs = ns - (ns % 1_000_000n)
      expect(unixMsFromNs(wholeMs)).toBe(literal(wholeMs))
      expect(unixMsFromNs(wholeMs + 999_999n)).toBe(literal(wholeMs + 999_999n))
    }),
  )
})

test('ns that became seconds come back exactly, up to 11 days', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e15 }), (ns) => {
      expect(nsFromSeconds(ns / 1e9)).toBe(ns)
    }),
    { numRuns: 20_000, seed: 1 },
  )
})

test('offsets are exact, and clipped beyond what a number holds', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (offset) => {
      expect(offsetNs(unixNsAt(NOW, offset), NOW)).toBe(offset)
    }),
    { numRuns: 2000, seed: 2 },
  )
  expect(offsetNs(2n ** 64n, 0n)).toBe(MAX_OFFSET_NS)
  expect(offsetNs(0n, 2n ** 64n)).toBe(-MAX_OFFSET_NS)
})

test('points in time', () => {
  expect(unixNsFromMs(1_700_000_000_123)).toBe(1_700_000_000_123_000_000n)
  expect(unixNsFromMs(0.5)).toBe(500_000n)
  expect(unixNsFromUs(1_700_000_000_123_456)).toBe(1_700_000_000_123_456_000n)
  expect(unixMsFromNs(NOW)).toBeCloseTo(1_700_000_000_123.457, 2)
})

test('lengths', () => {
  expect(msFromNs(1_500_000)).toBe(1.5)
  expect(nsFromMs(1.5)).toBe(1_500_000)
  expect(durationUnixNs(2)).toBe(2_000_000n)
  expect([earlierOf(1n, 2n), laterOf(1n, 2n)]).toEqual([1n, 2n])
})

test('offsets by halves are the differences, or as far beyond what a number holds', () => {
  const offsets = new UnixNsOffsets()
  const near = fc.bigInt(-(2n ** 34n), 2n ** 34n)
  const far = fc.bigInt(-(2n ** 60n), 2n ** 60n)
  fc.assert(
    fc.property(fc.bigInt(2n ** 60n, 2n ** 63n), fc.oneof(near, far), (anchor, offset) => {
      offsets.setAnchor(anchor)
      expect(offsets.offsetNs(anchor)).toBe(0)
      const found = offsets.offsetNs(anchor + offset)
      if (Math.abs(Number(offset)) <= MAX_OFFSET_NS) expect(found).toBe(Number(offset))
      else expect(Math.abs(found)).toBeGreaterThanOrEqual(MAX_OFFSET_NS)
    }),
    { numRuns: 20_000, seed: 1 },
  )
})
