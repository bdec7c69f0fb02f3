import { expect, test } from 'vitest'
import { createVirtualTime } from '../core/VirtualTime.ts'
import { QflowEventEmitter } from '../events/EventEmitter.ts'
import { ResourceBillingService } from './ResourceBillingService.ts'

const usage = {
  cpuTime: 3_600_000,
  memoryUsage: 1024,
  storageUsed: 10,
  networkTransfer: 1,
  duration: 3_600_000,
}

function setUp() {
  const time = createVirtualTime(Date.UTC(2026, 0, 31))
  const events = new QflowEventEmitter()
  return { time, events, billing: new ResourceBillingService({ ...time, events }) }
}

test('a tenant that nobody initialized may do nothing', async () => {
  const { billing } = setUp()
  const decision = await billing.canAllocateResources('t', { executions: 1 })
  expect(decision).toEqual({ allowed: false, reason: 'Tenant limits not found' })
})

test('use adds up to a limit, a tier lifts it, a month ends it', async () => {
  const { billing, time } = setUp()
  await billing.initializeTenant('t', 'free')
  for (let hour = 0; hour < 10; hour++) await billing.trackExecutionUsage('t', `e${hour}`, usage)
  const may = async () => (await billing.canAllocateResources('t', { executions: 1 })).reason
  expect(await may()).toBe('CPU hours limit exceeded')
  expect(await billing.getTenantUsage('t')).toMatchObject({
    cpuHours: 10,
    memoryGBHours: 10,
    executions: 10,
  })
  await billing.updateBillingTier('t', 'basic')
  expect(await may()).toBeUndefined()
  await billing.updateBillingTier('t', 'free')
  await time.advance(24 * 60 * 60 * 1000)
  expect(await may()).toBeUndefined()
})

test('the free tier ends after 100 executions', async () => {
  const { billing } = setUp()
  await billing.initializeTenant('t')
  const small = { ...usage, cpuTime: 1, duration: 1 }
  for (let index = 0; index < 100; index++)
    await billing.trackExecutionUsage('t', `e${index}`, small)
  expect((await billing.canAllocateResources('t', {})).reason).toBe('Execution limit exceeded')
})

test('what was used is told as an envelope', async () => {
  const { billing, events } = setUp()
  const told: unknown[] = []
  events.on('q.qflow.billing.usage.tracked.v1', (data) => told.push(data))
  await billing.trackExecutionUsage('t', 'e', usage)
  expect(told).toMatchObject([
    {
      actor: 'system',
      data: {
        tenantId: 't',
        executionId: 'e',
        period: '2026-01',
        totalCost: expect.closeTo(0.0601, 10),
      },
    },
  ])
})
