import { expect, test } from 'vitest'
import type { Change } from '../detect/change.ts'
import { regressionSentence } from './sentence.ts'

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
  beforeMs: [],
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
  expect(regressionSentence('checkout', slower, parts)).toBe(
    'checkout is 110 % slower (155 ms -> 325 ms, 95 % CI 91 % to 132 %, n = 11) since 22:13:20 UTC: ' +
      'charge-card › POST payments.example +171 ms of +166 ms',
  )
})

test('faster, in one phase: no minus signs but those of time', () => {
  const faster: Change = {
    ...slower,
    direction: 'improvement',
    series: { stepId: 'pack', phase: 'resource_wait' },
    effect: {
      ratio: { value: -0.4, low: -0.45, high: -0.35, n: 40 },
      medianBefore: 155,
      medianAfter: 93,
    },
  }
  expect(regressionSentence('fulfilment', faster, [{ ...payment, changeMs: -62 }])).toBe(
    'pack › resource wait of fulfilment is 40 % faster (155 ms -> 93 ms, 95 % CI 35 % to 45 %, n = 40) ' +
      'since 22:13:20 UTC: charge-card › POST payments.example -62 ms of -62 ms',
  )
})

test('over: where it is now, and what it was', () => {
  const over: Change = {
    ...slower,
    state: 'resolved',
    effect: { ...slower.effect, medianAfter: 156 },
  }
  expect(regressionSentence('checkout', over, [])).toBe(
    'checkout is back at 156 ms (155 ms before 22:13:20 UTC, then 110 % slower)',
  )
})
