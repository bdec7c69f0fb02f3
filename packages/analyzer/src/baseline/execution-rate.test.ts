import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unixMsFromNs } from '../time/unix-ns.ts'
import { emptyRecentEnds, executionRatePerMs, noteEnd } from './execution-rate.ts'

const MINUTE_NS = 60_000_000_000n
const MINUTE_MS = 60_000
const PER_MINUTE = 1 / 60_000

test('a burst of a second is spread over a minute', () => {
  const entries = Array.from({ length: 100 }, (_, at) => endedAt(at, BigInt(at) * 10_000_000n))
  expect(executionRatePerMs({ recent: counted(entries) }, entries)).toBeCloseTo(
    100 * PER_MINUTE,
    12,
  )
})

test('a flow that began two minutes ago is counted over these', () => {
  const entries = Array.from({ length: 481 }, (_, at) => endedAt(at, BigInt(at) * 250_000_000n))
  const rate = executionRatePerMs({ recent: counted(entries) }, entries.slice(-100))
  expect(rate).toBeCloseTo(481 / 120_000, 12)
})

test('what an earlier release counted is taken as ten whole minutes', () => {
  const entries = Array.from({ length: 3_600 }, (_, at) => endedAt(at, BigInt(at) * 1_000_000_000n))
  const { minute, counts } = counted(entries)
  const rate = executionRatePerMs({ recent: { minute, counts } }, entries.slice(-100))
  expect(rate).toBeCloseTo(60 * PER_MINUTE, 12)
})

test('of a fast flow all of the last ten minutes count, though only the newest are asked about', () => {
  // One a second for an hour: of the newest minute all but its last second has passed.
  const entries = Array.from({ length: 3_600 }, (_, at) => endedAt(at, BigInt(at) * 1_000_000_000n))
  const rate = executionRatePerMs({ recent: counted(entries) }, entries.slice(-100))
  expect(rate).toBeCloseTo(600 / 599_000, 12)
})

test('of a slow flow these over the time that they span', () => {
  const entries = Array.from({ length: 31 }, (_, at) => endedAt(at, BigInt(at) * 60n * MINUTE_NS))
  expect(executionRatePerMs({ recent: counted(entries) }, entries)).toBeCloseTo(
    31 / 1_800 / 60_000,
    12,
  )
})

test('executions that were left out in between count', () => {
  const entries = Array.from({ length: 31 }, (_, at) => endedAt(at, BigInt(at) * 60n * MINUTE_NS))
  const some = entries.filter(({ sequence }) => sequence % 5 === 0)
  const recent = counted(entries)
  expect(executionRatePerMs({ recent }, some)).toBe(executionRatePerMs({ recent }, entries))
})

test('without executions there is no rate', () => {
  expect(executionRatePerMs({ recent: emptyRecentEnds() }, [])).toBe(0)
})

test('counts what ended in the ten minutes up to the newest, in whatever order it comes', () => {
  const minutes = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(minutes, (all) => {
      const ends = emptyRecentEnds()
      for (const minute of all) noteEnd(ends, minute * MINUTE_MS)
      // An early one that comes when later ones had pushed its minute out is lost; sorted ones never are.
      const sorted = emptyRecentEnds()
      for (const minute of [...all].sort((a, b) => a - b)) noteEnd(sorted, minute * MINUTE_MS)
      const newest = Math.max(...all)
      const recent = all.filter((minute) => minute > newest - 10).length
      expect(sumOf(sorted.counts)).toBe(recent)
      expect(sumOf(ends.counts)).toBe(recent)
    }),
  )
})

function endedAt(sequence: number, endUnixNs: bigint) {
  return { sequence, startUnixNs: endUnixNs, endUnixNs }
}

function counted(entries: readonly { readonly endUnixNs: bigint }[]) {
  const ends = emptyRecentEnds()
  for (const { endUnixNs } of entries) noteEnd(ends, unixMsFromNs(endUnixNs))
  return ends
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
