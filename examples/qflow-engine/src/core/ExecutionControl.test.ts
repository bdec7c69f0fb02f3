import { beforeEach, describe, expect, test } from 'vitest'
import {
  type Bench,
  createBench,
  delayStep,
  execEvents,
  flowOf,
  manual,
  stepOf,
} from '../testing/Flows.ts'
import { ExecutionEngine } from './ExecutionEngine.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
  const { executionEngine } = bench.qflow
  executionEngine.registerAction('echo', (params) => params)
})

const slots = () => bench.qflow.services.dao.usageOf('dao.public.default').executions

describe('control', () => {
  const two = () => flowOf([delayStep('a', 10, { onSuccess: 'b' }), delayStep('b', 10)])

  test('pause lets the step finish; resume goes on after it', async () => {
    const { executionEngine } = bench.qflow
    const state = await bench.start(two())
    await executionEngine.pauseExecution(state.executionId)
    await bench.time.advance(50)
    expect(state).toMatchObject({ status: 'paused', completedSteps: ['a'], currentStep: 'b' })
    await executionEngine.resumeExecution(state.executionId)
    await bench.time.advance(10)
    expect(state).toMatchObject({ status: 'completed', completedSteps: ['a', 'b'] })
    await expect(executionEngine.resumeExecution(state.executionId)).rejects.toThrow(
      'expected paused',
    )
  })

  test('pause in the last step, then resume, completes without running a step again', async () => {
    const { executionEngine } = bench.qflow
    const state = await bench.start(flowOf([delayStep('a', 10)]))
    await executionEngine.pauseExecution(state.executionId)
    await bench.time.advance(10)
    await executionEngine.resumeExecution(state.executionId)
    await bench.time.settle()
    expect(state).toMatchObject({ status: 'completed', completedSteps: ['a'] })
  })

  test('pause and a quick resume never run two loops', async () => {
    const { executionEngine } = bench.qflow
    const state = await bench.start(two())
    await executionEngine.pauseExecution(state.executionId)
    await executionEngine.resumeExecution(state.executionId)
    await bench.time.advance(20)
    expect(state).toMatchObject({ status: 'completed', completedSteps: ['a', 'b'] })
  })

  test('abort leaves the running step alone and gives the slot back after it', async () => {
    const { executionEngine } = bench.qflow
    const state = await bench.start(two())
    await bench.time.settle()
    await executionEngine.abortExecution(state.executionId)
    expect([state.status, slots()]).toEqual(['aborted', 1])
    await bench.time.advance(10)
    expect(state).toMatchObject({ status: 'aborted', completedSteps: ['a'] })
    expect(execEvents(bench).slice(-2)).toEqual(['exec.aborted', 'exec.step.completed'])
    expect(slots()).toBe(0)
  })

  test('abort while paused gives the slot back at once', async () => {
    const { executionEngine } = bench.qflow
    const state = await bench.start(two())
    await executionEngine.pauseExecution(state.executionId)
    await bench.time.advance(10)
    await executionEngine.abortExecution(state.executionId)
    await bench.time.settle()
    expect(slots()).toBe(0)
  })
})

test('schedules start flows until stopped', async () => {
  const { executionEngine } = bench.qflow
  executionEngine.registerFlow(flowOf([stepOf('a', 'echo')]))
  const schedule = executionEngine.scheduleFlow('flow', 1_000)
  await bench.time.advance(3_500)
  expect(executionEngine.getAllExecutions().map(({ context }) => context.triggerType)).toEqual(
    Array.from({ length: 3 }, () => 'schedule'),
  )
  expect(executionEngine.unscheduleFlow(schedule)).toBe(true)
  executionEngine.scheduleFlow('flow', 1_000)
  await executionEngine.cleanup()
  await bench.time.advance(5_000)
  expect(executionEngine.getAllExecutions()).toHaveLength(3)
  expect(bench.time.pendingCount()).toBe(0)
})

test('ended executions beyond the bound are forgotten with their ledger, and counted', async () => {
  const engine = new ExecutionEngine(true, {
    ...bench.time,
    ...bench.qflow.services,
    maxEndedExecutions: 2,
  })
  engine.registerFlow(flowOf([stepOf('a', 'echo')]))
  for (let index = 0; index < 5; index++) {
    await engine.waitForExecution(await engine.startExecution('flow', manual))
  }
  expect(engine.getAllExecutions()).toHaveLength(2)
  expect(engine.getOptimizationMetrics()).toMatchObject({ evictedExecutions: 3 })
  expect(bench.qflow.services.ledger.getStatistics()).toEqual({ executions: 2, records: 2 })
  await bench.time.advance(1)
  engine.cleanupExecutions(0)
  expect(engine.getAllExecutions()).toEqual([])
})
