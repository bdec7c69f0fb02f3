import { expect, test } from 'vitest'
import type { Wait } from '../detect/bottleneck/bottleneck.ts'
import type { Change } from '../detect/change/change.ts'
import { bottleneckSentence, regressionSentence } from './sentence.ts'

const slower: Change = {
  id: 'f'.repeat(32),
  direction: 'regression',
  series: undefined,
  onset: {
    sequence: 80,
    executionId: 'e-80',
    unixNs: 1_700_000_000_000_000_000n,
    flowVersion: '1',
  },
  beforeFrom: 0,
  before: [],
  partsBeforeMs: [],
  partsOpenedMs: [],
  partsAfterMs: [],
  cacheBefore: [],
  cacheAfter: [],
  effect: {
    ratio: { value: 1.1, low: 0.91, high: 1.32, n: 11 },
    medianBefore: 155,
    medianAfter: 325.4,
  },
  openedRatio: 1.1,
  logEvidence: 12,
  levelFrom: 80,
  state: 'open',
  opened: { sequence: 90, unixNs: 1_700_000_010_000_000_000n },
  updatedUnixNs: 1_700_000_010_000_000_000n,
  toldSequence: 90,
  toldRatio: { value: 1.1, low: 0.91, high: 1.32, n: 11 },
  typical: [],
}
const payment = { stepId: 'charge-card', phase: 'work' as const, spanName: 'POST payments.example' }
const rest = { stepId: '_OTHER', phase: undefined, spanName: undefined }

test('slower: how much, since when, and where', () => {
  const parts = [
    { ...payment, changeMs: 171.2 },
    { ...rest, changeMs: -5.1 },
  ]
  expect(regressionSentence('checkout', slower, { parts, causes: [] })).toBe(
    'checkout is 110 % slower (median 155 ms -> 325 ms, 95 % CI 91 % to 132 %, n = 11) since 22:13:20 UTC: ' +
      'mean +166 ms, of which charge-card › POST payments.example +171 ms',
  )
})

test('a wait that hardly was any before: times, and no percents', () => {
  const waits: Change = {
    ...slower,
    series: { metric: 'phase', stepId: 'pack', phase: 'resource_wait' },
    effect: {
      ratio: { value: 3327.6, low: 24.67, high: 431_574.99, n: 7 },
      medianBefore: 0.0244,
      medianAfter: 81.2,
    },
    openedRatio: 3327.6,
  }
  expect(regressionSentence('fulfilment', waits, { parts: [], causes: [] })).toBe(
    'pack › resource wait of fulfilment is 3,330 times as long (median 24.4 µs -> 81.2 ms, ' +
      '95 % CI 25.7 to 432,000 times, n = 7) since 22:13:20 UTC',
  )
  const over: Change = { ...waits, state: 'resolved' }
  expect(regressionSentence('fulfilment', over, { parts: [], causes: [] })).toContain(
    'then 3,330 times as long)',
  )
})

test('faster, in one phase: no minus signs but those of time', () => {
  const faster: Change = {
    ...slower,
    direction: 'improvement',
    series: { metric: 'phase', stepId: 'pack', phase: 'resource_wait' },
    effect: {
      ratio: { value: -0.4, low: -0.45, high: -0.35, n: 40 },
      medianBefore: 155,
      medianAfter: 93,
    },
  }
  expect(
    regressionSentence('fulfilment', faster, {
      parts: [{ ...payment, changeMs: -62 }],
      causes: [],
    }),
  ).toBe(
    'pack › resource wait of fulfilment is 40 % faster (median 155 ms -> 93 ms, 95 % CI 35 % to 45 %, n = 40) ' +
      'since 22:13:20 UTC: mean -62 ms, of which charge-card › POST payments.example -62 ms',
  )
})

test('over: where it is now, and what it was', () => {
  const over: Change = {
    ...slower,
    state: 'resolved',
    effect: { ...slower.effect, medianAfter: 156 },
  }
  expect(regressionSentence('checkout', over, { parts: [], causes: [] })).toBe(
    'checkout is back at a median of 156 ms (155 ms before 22:13:20 UTC, then 110 % slower)',
  )
})

test('of independent steps in series the sentence says what they might have done', () => {
  const serial: Wait = {
    id: 'a',
    place: { stepId: 'checks', phase: undefined, spanName: undefined },
    class: 'serial-work',
    severity: 'low',
    state: 'open',
    speedup: { value: 0.31, low: 0.28, high: 0.34, n: 100 },
    savedMs: { value: 41, low: 38, high: 44, n: 100 },
    meanDurationMs: 132,
    lostMsPerHour: 1_000,
    openedUnixNs: 0n,
    updatedUnixNs: 0n,
    toldSequence: 0,
    slowest: [],
  }
  expect(bottleneckSentence('order', serial)).toBe(
    'If the steps of checks ran at once, order would be 31 % ± 3 % faster (41 ms per execution, n = 100).',
  )
  expect(bottleneckSentence('order', { ...serial, state: 'resolved' })).toBe(
    'Running the steps of checks in series no longer holds order up: 31 % of its time.',
  )
})
