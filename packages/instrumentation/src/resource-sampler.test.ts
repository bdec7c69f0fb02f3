import type { Attributes } from '@opentelemetry/api'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { nowNs } from './clock.ts'
import { createResourceSampler, SAMPLE_PERIOD_NS } from './resource-sampler.ts'
import { chainOf, TestEngine } from './test-engine.ts'
import {
  createTestTelemetry,
  durationNs,
  instrument,
  type TestTelemetry,
  useContextManager,
} from './test-telemetry.ts'
import type { QflowHandle } from './types.ts'

let engine: TestEngine
let telemetry: TestTelemetry
let handle: QflowHandle

beforeAll(useContextManager)
beforeEach(() => {
  engine = new TestEngine()
  telemetry = createTestTelemetry()
  handle = instrument(engine, telemetry)
})
afterEach(() => handle.disable())

test('marks within one period are one mark', () => {
  const sampler = createResourceSampler()
  const first = sampler.mark(0)
  expect(sampler.mark(SAMPLE_PERIOD_NS - 1)).toBe(first)
  expect(sampler.mark(SAMPLE_PERIOD_NS)).not.toBe(first)
  expect(sampler.heapAfterGcBytes()).toBeUndefined()
})

test('a mark is put back by the time until it was read, and never before an earlier one', () => {
  const sampler = createResourceSampler()
  const nowMicros = () => process.cpuUsage().user + process.cpuUsage().system
  const early = sampler.mark(nowNs() - 5e6)
  const late = sampler.mark(nowNs())
  // The process has not lived as long as that.
  const beforeAll = sampler.mark(nowNs() - 86_400e9)
  sampler.read()
  expect(late.cpuMicros).toBeLessThanOrEqual(nowMicros())
  expect(late.cpuMicros - early.cpuMicros).toBeGreaterThanOrEqual(4_999)
  expect(beforeAll).toBe(late)
  expect([early.reading, late.reading]).toEqual([1, 1])
  const another = sampler.mark(nowNs() + SAMPLE_PERIOD_NS)
  sampler.read()
  expect(another.reading).toBe(2)
  expect(another.cpuMicros).toBeGreaterThanOrEqual(late.cpuMicros)
})

test('starting and stopping in any order is harmless', () => {
  const sampler = createResourceSampler()
  sampler.stop()
  sampler.start()
  sampler.start()
  sampler.stop()
  sampler.read()
  expect(sampler.mark(0).gcCount).toBe(0)
})

test('a step under the period has no figure, neither 0 nor another', async () => {
  handle.disable()
  engine.executeStep = async (_id, { id: stepId }) => ({
    success: true,
    error: { type: '', message: '', stepId },
  })
  handle = instrument(engine, telemetry)
  const ids = Array.from({ length: 50 }, (_, index) => `s${index}`)
  engine.registerFlow(chainOf('quick', ...ids))
  await engine.startExecution('quick', {})
  await engine.idle()
  // Some may be held up by the machine; what is short has none.
  const short = ids.filter(
    (id) => durationNs(telemetry.span(`execute_step ${id}`)) < SAMPLE_PERIOD_NS,
  )
  expect(short.length).toBeGreaterThan(0)
  expect(short.flatMap(figuresOf).filter((figure) => figure !== undefined)).toEqual([])
})

test('a step alone in the process is exclusive, and has the CPU time that it used', async () => {
  engine.registerFlow(chainOf('busy', 'a'))
  engine.work = () => burn(20)
  await engine.startExecution('busy', {})
  await engine.idle()
  const [attribution, cpuSeconds, heapGrowth] = figuresOf('a')
  expect(attribution).toBe('exclusive')
  // A reading may be one period old; other threads may add to it.
  expect(Number(cpuSeconds)).toBeGreaterThan(0.018)
  // Absent when a collection ran.
  if (heapGrowth !== undefined) expect(Number.isInteger(heapGrowth)).toBe(true)
})

test('steps that were open at the same time share, whichever ended first', async () => {
  engine.registerFlow(chainOf('one', 'a'))
  engine.registerFlow(chainOf('two', 'b'))
  engine.work = async () => {
    burn(3)
    await new Promise((resolve) => setImmediate(resolve))
    burn(3)
  }
  await Promise.all([engine.startExecution('one', {}), engine.startExecution('two', {})])
  await engine.idle()
  expect([figuresOf('a')[0], figuresOf('b')[0]]).toEqual(['shared', 'shared'])
  const points = await telemetry.metric('qflow.step.cpu.time')
  expect(points.map(({ attributes }) => attributes['qflow.step.resource.attribution'])).toEqual([
    'shared',
    'shared',
  ])
})

function figuresOf(stepId: string): Attributes[string][] {
  const { attributes } = telemetry.span(`execute_step ${stepId}`)
  return ['resource.attribution', 'cpu.time', 'memory.heap_growth'].map(
    (name) => attributes[`qflow.step.${name}`],
  )
}

/** Uses CPU time, however long that takes on a busy machine. */
function burn(cpuMs: number): void {
  const before = process.cpuUsage()
  let used = 0
  while (used < cpuMs * 1_000) {
    const { user, system } = process.cpuUsage(before)
    used = user + system
  }
}
