import { expect, test } from 'vitest'
import { createVirtualTime } from '../core/VirtualTime.ts'
import type { StepResult } from '../models/Execution.ts'
import { manual, stepOf } from '../testing/Flows.ts'
import { ParallelExecutionEngine } from './ParallelExecutionEngine.ts'
import { ResourcePoolManager } from './ResourcePoolManager.ts'

const context = {
  ...manual,
  executionId: 'e',
  daoSubnet: 'd',
  resourceRequest: { cpu: 1, memory: 1, storage: 1, network: 1 },
}

test('goes through every hook for every step, and tries again when told so', async () => {
  const time = createVirtualTime()
  let calls = 0
  const executor = async (_id: string, { id: stepId }: { id: string }): Promise<StepResult> => {
    calls++
    return calls === 1
      ? { stepId, success: false, duration: 1 }
      : { stepId, success: true, duration: 1 }
  }
  const engine = new ParallelExecutionEngine(
    executor,
    new ResourcePoolManager(),
    { retryAttempts: 1 },
    time,
  )
  const hooks: string[] = []
  for (const name of ['executeGroup', 'executeStepWithRetry', 'executeStepOnResource'] as const) {
    const original = engine[name].bind(engine) as (...args: unknown[]) => unknown // Passed on as they came.
    Object.assign(engine, {
      [name]: (...args: unknown[]) => {
        hooks.push(name)
        return original(...args)
      },
    })
  }
  const running = engine.executeParallel([stepOf('a', 'x')], context)
  await time.advance(1_000)
  expect(await running).toMatchObject({ success: true })
  expect(hooks).toEqual([
    'executeGroup',
    'executeStepWithRetry',
    'executeStepOnResource',
    'executeStepOnResource',
  ])
})

test('a wasm task takes a runtime of the pool while it runs', async () => {
  const pools = new ResourcePoolManager()
  const pool = pools.createPool('wasm', {
    create: () => ({}),
    destroy: () => {},
    validate: () => true,
  })
  let inUse = 0
  const engine = new ParallelExecutionEngine(async (_id, { id: stepId }) => {
    inUse = pool.inUse.size
    return { stepId, success: true, duration: 0 }
  }, pools)
  await engine.executeParallel([stepOf('a', 'run-wasm')], context)
  expect([inUse, pool.inUse.size]).toEqual([1, 0])
})

test('plans one group with the limit that applies', () => {
  const engine = new ParallelExecutionEngine(async () => expect.unreachable(), undefined)
  const steps = ['a', 'b', 'c'].map((id) => stepOf(id, 'x', { timeout: 10 }))
  expect(engine.analyzeSteps(steps, 2)).toMatchObject({
    groups: [{ maxConcurrency: 2 }],
    totalSteps: 3,
    estimatedDuration: 10,
    parallelizationRatio: 1,
  })
  expect(engine.analyzeSteps(steps, 1).parallelizationRatio).toBe(0)
})
