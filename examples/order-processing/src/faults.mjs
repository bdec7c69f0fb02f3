/** Real faults, as they happen in production. Each can be brought and taken away while the application runs. */
import { executionEngine } from '@anarq/qflow'

/**
 * @param shop what the faults act upon: partners and the permissions that executions start with
 * @returns a table name -> { bring(), heal() }
 */
export const faultsOf = (shop) => ({
  'slow-dependency': {
    bring: () => setLatency(shop, '/payments', 240),
    heal: () => setLatency(shop, '/payments', 60),
  },
  // A release began to pass the request's id among the permissions. They are part of what a verdict depends on,
  // so no cached verdict fits any more and each step fetches the signing key again.
  'cache-miss': {
    bring: () => Object.assign(shop, { hasUniquePermissions: true }),
    heal: () => Object.assign(shop, { hasUniquePermissions: false }),
  },
  'small-pool': {
    bring: () => resizePool(1),
    heal: () => resizePool(6),
  },
})

function setLatency({ partners }, path, ms) {
  partners.latencyMs[path] = ms
}

function resizePool(size) {
  return executionEngine.resourcePoolManager.getPool('packing-station').resize(size, size)
}
