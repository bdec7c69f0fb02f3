import { emptyOrder, type OrderState } from '../path/learn-order.ts'

/** What was learnt of the order of steps in each version of a flow, the most recently begun last. Plain data. */
export type LearntOrders = { readonly version: string | undefined; readonly order: OrderState }[]

/** As many as baselines keep apart. A version that is forgotten is learnt anew. */
const MAX_VERSION_COUNT = 8

/** Of one version; a new one begins with nothing, since its steps may wait for others. */
export function orderFor(orders: LearntOrders, version: string | undefined): OrderState {
  const known = learntOrder(orders, version)
  if (known !== undefined) return known
  const order = emptyOrder()
  orders.push({ version, order })
  if (orders.length > MAX_VERSION_COUNT) orders.shift()
  return order
}

/** To learn on from without changing the original. */
export function copyOrders(orders: LearntOrders): LearntOrders {
  return orders.map(({ version, order }) => ({
    version,
    order: {
      ...order,
      stepIds: [...order.stepIds],
      together: [...order.together],
      before: [...order.before],
      after: [...order.after],
    },
  }))
}

/** Absent where nothing was learnt of the version. */
export function learntOrder(
  orders: LearntOrders,
  version: string | undefined,
): OrderState | undefined {
  for (const known of orders) if (known.version === version) return known.order
  return undefined
}
