import { expect, test } from 'vitest'
import { createVirtualTime } from '../core/VirtualTime.ts'
import { QflowEventEmitter } from '../events/EventEmitter.ts'
import { manual } from '../testing/Flows.ts'
import { type DAOPolicy, DAOSubnetService } from './DAOSubnetService.ts'

const request = { cpu: 1, memory: 128, storage: 10, network: 1 }
const context = { ...manual, daoSubnet: 'dao.test', resourceRequest: request }
const policyOf = (changes: Partial<DAOPolicy>): DAOPolicy => ({
  id: 'p',
  type: 'custom',
  name: 'Policy',
  enforcement: 'strict',
  version: '1',
  rules: [{ condition: 'executionContext.triggerType == "manual"', action: 'deny', message: 'no' }],
  ...changes,
})

async function setUp(policies: DAOPolicy[], limits = {}) {
  const time = createVirtualTime()
  const dao = new DAOSubnetService({ ...time, events: new QflowEventEmitter() })
  await dao.registerDAOSubnet({ id: 'dao.test', name: 'Test', policies, limits })
  return { dao, time }
}

test.each([
  [policyOf({}), 'fail'],
  [policyOf({ enforcement: 'advisory' }), 'warning'],
  [policyOf({ enforcement: 'disabled' }), 'pass'],
  [policyOf({ rules: [{ condition: 'flowId == "other"', action: 'deny' }] }), 'pass'],
  [policyOf({ rules: [{ condition: 'flowId ==', action: 'allow' }] }), 'fail'],
] as const)('%j gives %s', async (policy, result) => {
  const { dao } = await setUp([policy])
  expect(await dao.validateDAOExecution('flow', context)).toMatchObject([{ policyId: 'p', result }])
})

test('an unknown subnet fails', async () => {
  const { dao } = await setUp([])
  const results = await dao.validateDAOExecution('flow', { ...context, daoSubnet: 'none' })
  expect(results).toMatchObject([{ result: 'fail', message: 'DAO subnet none is unknown' }])
})

test('limits hold, and what is released can be had again', async () => {
  const { dao, time } = await setUp([], { maxConcurrentExecutions: 2, dailyExecutionLimit: 3 })
  const reasons: unknown[] = []
  const allocate = async (change = {}) =>
    reasons.push((await dao.allocateResources('dao.test', { ...request, ...change })).reason)
  await allocate()
  await allocate()
  await allocate()
  await dao.releaseResources('dao.test', request)
  await allocate({ memory: 1_000 })
  await allocate({ cpu: 3 })
  await allocate()
  await dao.releaseResources('dao.test', request)
  await allocate()
  await time.advance(24 * 60 * 60 * 1000)
  await allocate()
  expect(reasons).toEqual([
    undefined,
    undefined,
    'Maximum concurrent executions reached',
    'Memory limit per execution exceeded',
    'CPU limit per execution exceeded',
    undefined,
    'Daily execution limit reached',
    undefined,
  ])
  expect(dao.usageOf('dao.test')).toMatchObject({ executions: 2, memory: 256 })
})
