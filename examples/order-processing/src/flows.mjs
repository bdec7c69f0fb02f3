/** The flows of the shop. All they do is wait for timers and partners, so that a busy machine is no fault. */

const metadata = {
  tags: ['orders'],
  category: 'commerce',
  visibility: 'public',
  requiredPermissions: ['orders:write'],
}

const flow = (id, steps) => ({
  id,
  name: id,
  version: '1.0.0',
  owner: 'shop',
  steps,
  metadata,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
})

const http = (id, url, onSuccess) => ({
  id,
  type: 'task',
  action: 'qflow.action.http',
  params: { url, method: 'POST', body: { order: '${data.orderId}' } },
  retryPolicy: { maxAttempts: 3, backoffStrategy: 'exponential', initialDelay: 20, maxDelay: 200 },
  timeout: 5000,
  ...(onSuccess && { onSuccess }),
})

const delay = (id, ms, onSuccess, more = {}) => ({
  id,
  type: 'task',
  action: 'qflow.action.delay',
  params: { ms, ...more },
  ...(onSuccess && { onSuccess }),
})

/** A customer pays: stock, payment, receipt. */
const checkout = (partners) =>
  flow('checkout', [
    http('reserve-stock', `${partners}/stock`, 'is-large-order'),
    {
      id: 'is-large-order',
      type: 'condition',
      action: 'qflow.condition.if',
      params: { condition: 'data.amount > 100' },
      onTrue: 'review-order',
      onFalse: 'charge-card',
    },
    delay('review-order', 20, 'charge-card'),
    http('charge-card', `${partners}/payments`, 'send-receipt'),
    delay('send-receipt', 30),
  ])

/** Packing stations are a bounded pool; the messages at the end go out side by side. */
const fulfilment = (partners) =>
  flow('fulfilment', [
    delay('pack', 80, 'print-label', { pool: 'packing-station' }),
    http('print-label', `${partners}/labels`, 'notify'),
    {
      id: 'notify',
      type: 'parallel',
      action: 'qflow.action.parallel',
      params: { maxConcurrency: 2, steps: [delay('send-mail', 40), delay('send-push', 20)] },
    },
  ])

/** Every few moments the shop compares its stock with the warehouse. */
const inventorySync = (partners) =>
  flow('inventory-sync', [
    http('fetch-stock', `${partners}/stock`, 'compare'),
    delay('compare', 40, 'publish'),
    delay('publish', 40),
  ])

export const allFlows = (partnersUrl) => [
  checkout(partnersUrl),
  fulfilment(partnersUrl),
  inventorySync(partnersUrl),
]
