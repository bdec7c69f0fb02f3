import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

const ids = ['order-fulfilment', 'order-cancel', 'refund', 'exec-1207', 'exec-1208']

test.each([
  ['order-fulfillment', ['order-fulfilment']],
  ['fulfil', ['order-fulfilment']],
  ['exec-1209', ['exec-1207', 'exec-1208']],
  ['REFUND', ['refund']],
  ['nothing-like-it-at-all', []],
])('%s', (wanted, found) => {
  expect(nearest(wanted, ids, { limit: 2, maxDistance: 3 })).toEqual(found)
})

test('hostile lengths stay cheap and the list short', () => {
  const many = Array.from({ length: 1_000 }, (_, at) => `${'x'.repeat(10_000)}${at}`)
  expect(nearest('x'.repeat(100_000), many, { limit: 5, maxDistance: 8 })).toHaveLength(5)
})
