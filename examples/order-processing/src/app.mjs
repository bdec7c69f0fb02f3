/**
 * The order-processing application. It uses Qflow and nothing of qflow-otel: run it alone with
 * `node src/app.mjs`, or instrumented as start.mjs does. A parent process may send
 * { fault: 'slow-dependency' | 'cache-miss' | 'small-pool', isActive: boolean }.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { executionEngine, executionLedger, universalValidationPipeline } from '@anarq/qflow'
import { resourceBillingService } from '@anarq/qflow/dist/billing/ResourceBillingService.js'
import { daoSubnetService } from '@anarq/qflow/dist/governance/DAOSubnetService.js'
import { faultsOf } from './faults.mjs'
import { allFlows } from './flows.mjs'
import { startPartners } from './partners.mjs'

const SUBNET = 'dao.shop'
/** Of the public subnet's 10, a small pool's queue would take all. */
const MAX_CONCURRENT_EXECUTIONS = 200
/** What fetching a signing key takes when no cached verdict spares it. */
const KEY_LOOKUP_MS = 40
/** Executions of each flow per second, and how many arrive together. */
const ARRIVALS = [
  { flowId: 'checkout', perSecond: 4, together: 1, triggerType: 'webhook' },
  { flowId: 'fulfilment', perSecond: 1.5, together: 3, triggerType: 'event' },
  { flowId: 'inventory-sync', perSecond: 3, together: 1, triggerType: 'schedule' },
]

const shop = { partners: await startPartners(), hasUniquePermissions: false }
const faults = faultsOf(shop)
await setUp()
const timers = ARRIVALS.map((arrival) =>
  setInterval(() => arrive(arrival), 1000 / arrival.perSecond),
)

process.on('message', ({ fault, isActive }) =>
  isActive ? faults[fault].bring() : faults[fault].heal(),
)
process.once('disconnect', stop)
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
process.send?.({ ready: true })

async function setUp() {
  await executionLedger.initialize()
  await universalValidationPipeline.initialize()
  await daoSubnetService.registerDAOSubnet({
    id: SUBNET,
    name: SUBNET,
    policies: [],
    limits: { maxConcurrentExecutions: MAX_CONCURRENT_EXECUTIONS },
  })
  await resourceBillingService.initializeTenant(SUBNET, 'enterprise')
  const lookUpKey = universalValidationPipeline.keyLookup
  universalValidationPipeline.setKeyLookup(async (keyId) => {
    await wait(KEY_LOOKUP_MS)
    return lookUpKey(keyId)
  })
  executionEngine.resourcePoolManager.createPool(
    'packing-station',
    { create: async () => ({}), destroy: async () => {}, validate: async () => true },
    { minSize: 6, maxSize: 6 },
  )
  for (const flow of allFlows(shop.partners.url)) executionEngine.registerFlow(flow)
}

let orderCount = 0

function arrive({ flowId, together, triggerType }) {
  for (let i = 0; i < together; i++) {
    orderCount += 1
    executionEngine
      .startExecution(flowId, contextOf(flowId, triggerType))
      .catch((error) => console.error(`${flowId} was not started: ${error.message}`))
  }
}

function contextOf(flowId, triggerType) {
  const orderId = `order-${orderCount}`
  const isAffected = shop.hasUniquePermissions && flowId === 'inventory-sync'
  return {
    triggeredBy: 'shop',
    triggerType,
    // Every fifth order is large, in a fixed pattern.
    inputData: { orderId, amount: orderCount % 5 === 0 ? 150 : 40 },
    variables: {},
    daoSubnet: SUBNET,
    permissions: isAffected ? ['orders:write', `request:${orderId}`] : ['orders:write'],
  }
}

async function stop() {
  for (const timer of timers) clearInterval(timer)
  await executionEngine.cleanup()
  await shop.partners.close()
  if (process.connected) process.disconnect()
}
