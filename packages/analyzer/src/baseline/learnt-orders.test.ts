import { expect, test } from 'vitest'
import { type LearntOrders, learntOrder, orderFor } from './learnt-orders.ts'

test('each version learns for itself, and the one begun first is forgotten beyond the bound', () => {
  const orders: LearntOrders = []
  const first = orderFor(orders, 'v0')
  expect(orderFor(orders, 'v0')).toBe(first)
  expect(orderFor(orders, undefined)).not.toBe(first)
  for (let index = 1; index < 8; index += 1) orderFor(orders, `v${index}`)
  expect(learntOrder(orders, 'v0')).toBeUndefined()
  expect(learntOrder(orders, undefined)).toBeDefined()
  expect(orders).toHaveLength(8)
})
