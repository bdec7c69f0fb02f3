import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ENGINE,
  LEDGER,
  type Phase,
  PhaseClock,
  phaseNames,
  RESOURCE_WAIT,
  RETRY_BACKOFF,
  VALIDATION,
  WORK,
} from './phases.ts'

/** An interval of one phase: calls nest and overlap as concurrent ones do. */
interface Interval {
  readonly phase: Phase
  readonly startNs: number
  readonly endNs: number
}

const interval = fc
  .tuple(
    fc.constantFrom<Phase>(RESOURCE_WAIT, VALIDATION, LEDGER, WORK),
    fc.integer({ min: 0, max: 60 }),
    fc.integer({ min: 0, max: 60 }),
  )
  .map(([phase, a, b]): Interval => ({ phase, startNs: Math.min(a, b), endNs: Math.max(a, b) }))

test('in 10,000 sequences the phases sum exactly to the duration, each instant to the first open one', () => {
  fc.assert(
    fc.property(
      fc.array(interval, { maxLength: 8 }),
      fc.integer({ min: 0, max: 1e15 }),
      (intervals, originNs) => {
        const endNs = 61
        const clock = replay(intervals, originNs, endNs)
        expect(clock.totalsNs).toEqual(slowTotals(intervals, endNs))
        expect(sum(clock.totalsNs)).toBe(endNs)
      },
    ),
    { numRuns: 10_000, seed: 1 },
  )
})

test('with pauses between attempts they sum exactly as well, and no phase is negative', () => {
  const attempts = fc.array(
    fc.record({
      workNs: fc.nat(1000),
      waitNs: fc.nat(1000),
      pauseNs: fc.nat(1000),
      isWaitingInPause: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  fc.assert(
    fc.property(attempts, fc.nat(1e6), (list, originNs) => {
      const clock = new PhaseClock(originNs)
      let ns = originNs
      let backoffNs = 0
      for (const [index, { workNs, waitNs, pauseNs, isWaitingInPause }] of list.entries()) {
        clock.claimGap(ns)
        clock.enter(WORK, ns)
        clock.enter(RESOURCE_WAIT, ns)
        ns += waitNs
        clock.leave(RESOURCE_WAIT, ns)
        ns += workNs
        clock.leave(WORK, ns)
        clock.markAttemptEnd(ns)
        if (isWaitingInPause) clock.enter(VALIDATION, ns)
        ns += pauseNs
        if (isWaitingInPause) clock.leave(VALIDATION, ns)
        if (index < list.length - 1) backoffNs += pauseNs
      }
      clock.finish(ns)
      expect(sum(clock.totalsNs)).toBe(ns - originNs)
      expect(clock.totalsNs[RETRY_BACKOFF]).toBe(backoffNs)
      expect(Math.min(...clock.totalsNs)).toBeGreaterThanOrEqual(0)
    }),
    { numRuns: 2_000, seed: 2 },
  )
})

test('phases that are left open end with the step', () => {
  const clock = new PhaseClock(10)
  clock.enter(WORK, 12)
  clock.enter(LEDGER, 15)
  clock.finish(20)
  expect(named(clock)).toEqual({ engine: 2, work: 3, ledger: 5 })
})

/** Ends before starts at the same instant: an interval is half-open. */
function replay(intervals: readonly Interval[], originNs: number, endNs: number): PhaseClock {
  const clock = new PhaseClock(originNs)
  const events = intervals.flatMap(({ phase, startNs, endNs: end }) => [
    { ns: startNs, order: 0, apply: () => clock.enter(phase, originNs + startNs) },
    { ns: end, order: 1, apply: () => clock.leave(phase, originNs + end) },
  ])
  for (const { apply } of events.sort((a, b) => a.ns - b.ns || a.order - b.order)) apply()
  clock.finish(originNs + endNs)
  return clock
}

/** The definition itself, one ns after the other. */
function slowTotals(intervals: readonly Interval[], endNs: number): number[] {
  const totals = phaseNames.map(() => 0)
  for (let ns = 0; ns < endNs; ns++) {
    const open = intervals
      .filter((one) => one.startNs <= ns && ns < one.endNs)
      .map(({ phase }) => phase)
    const first = Math.min(...open, ENGINE)
    totals[first] = (totals[first] ?? 0) + 1
  }
  return totals
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function named(clock: PhaseClock): Record<string, number> {
  const pairs = phaseNames.map((name, index) => [name, clock.totalsNs[index] ?? 0] as const)
  return Object.fromEntries(pairs.filter(([, ns]) => ns > 0))
}
