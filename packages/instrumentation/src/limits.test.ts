import { expect, test } from 'vitest'
import { createLineages } from './lineage.ts'
import { createOpenSteps } from './open-steps.ts'
import { MAX_ATTRIBUTES, MAX_HEALTHY_ATTRIBUTES } from './records/step-attributes.ts'
import { MAX_STEP_SERIES, OTHER } from './signals/series.ts'
import { createTally } from './signals/tally.ts'
import { chainOf, TestEngine } from './test-engine.ts'
import { createTestTelemetry, instrument } from './test-telemetry.ts'

const sampler = {
  mark: () => ({ atNs: 0, reading: 0, cpuMicros: 0, heapBytes: 0, gcCount: 0 }),
  read: () => {},
  forget: () => {},
  heapAfterGcBytes: () => undefined,
  heapLimitBytes: () => 4_096,
  start: () => {},
  stop: () => {},
}

test('steps beyond the cap share one series, and each measurement of them is counted', () => {
  const tally = createTally(sampler)
  const series = Array.from({ length: MAX_STEP_SERIES + 2 }, (_, index) =>
    tally.steps.seriesOf('f', `s${index}`),
  )
  expect(series[MAX_STEP_SERIES - 1]?.stepId).toBe(`s${MAX_STEP_SERIES - 1}`)
  expect(series[MAX_STEP_SERIES]).toMatchObject({ flowId: OTHER, stepId: OTHER })
  expect(series[MAX_STEP_SERIES + 1]).toBe(series[MAX_STEP_SERIES])
  expect(tally.steps.seriesOf('f', 's0')).toBe(series[0])
  for (const one of series) tally.steps.countOverflow(one)
  expect([...tally.dropped()]).toEqual([['series_limit', 2]])
  expect([...tally.steps.all()]).toHaveLength(MAX_STEP_SERIES + 1)
})

test('flows beyond the cap are counted as one, without losing a start or an end', () => {
  const tally = createTally(sampler)
  const ids = Array.from({ length: 1_003 }, (_, index) => `f${index}`)
  for (const id of ids) tally.activeByFlow.add(id, 1)
  expect(new Map(tally.activeByFlow.entries()).get(OTHER)).toBe(3)
  for (const id of ids) tally.activeByFlow.add(id, -1)
  expect([...tally.activeByFlow.entries()].filter(([, count]) => count !== 0)).toEqual([])
  expect([...tally.dropped()]).toEqual([['series_limit', 3]])
  expect(ids.map((id) => tally.flowName(id)).filter((name) => name === OTHER)).toHaveLength(3)
})

test('a step is alone only if no other was open at any time of it', () => {
  //     a ├──────┤      b ├───┤        d ├─────────┤
  //                                    c   ├──┤
  const steps = createOpenSteps()
  const a = steps.open()
  expect(steps.close(a)).toBe(false)
  const b = steps.open()
  expect(steps.close(b)).toBe(false)
  const d = steps.open()
  const c = steps.open()
  expect(steps.close(c)).toBe(true)
  expect(steps.close(d)).toBe(true)
})

test('an engine without states is remembered by id, up to a bound that is counted', () => {
  let forgotten = 0
  const lineages = createLineages(() => forgotten++)
  const first = lineages.of('e0', undefined)
  expect(lineages.of('e0', undefined)).toBe(first)
  for (let index = 1; index <= 1_000; index++) lineages.of(`e${index}`, undefined)
  expect(forgotten).toBe(1)
  expect(lineages.of('e0', undefined)).not.toBe(first)
})

test('the limits are those of the contract', () => {
  expect([MAX_HEALTHY_ATTRIBUTES, MAX_ATTRIBUTES]).toEqual([16, 24])
})

test.each([
  ['healthy', false, MAX_HEALTHY_ATTRIBUTES],
  ['failed', true, MAX_ATTRIBUTES],
])(
  'a %s step with everything on it has at most %i attributes, and what was left out is counted',
  async (_case, fails, limit) => {
    const engine = new TestEngine()
    const telemetry = createTestTelemetry()
    const captureAttributes = fails
      ? ['qflow.step.params', 'qflow.step.result', 'qflow.error.message']
      : []
    const handle = instrument(engine, telemetry, { captureAttributes })
    engine.maxAttempts = 3
    let calls = 0
    const until = performance.now() + 3
    engine.work = async () => {
      // Long enough for CPU and heap figures.
      while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve))
      if (++calls < 3 || fails) throw new TypeError('no')
    }
    const child = { id: 'child', type: 'task', action: 'x', params: { a: 1 } }
    const { steps, ...flow } = chainOf('wide', 'group')
    engine.registerFlow({
      ...flow,
      steps: steps.map((step) => ({ ...step, type: 'parallel', params: [child] })),
    })
    await engine.startExecution('wide', { triggerType: 'manual' })
    await engine.idle()
    handle.disable()
    const [step] = telemetry.spans().filter(({ name }) => name === 'execute_step child')
    expect(Object.keys(step?.attributes ?? {}).length).toBeLessThanOrEqual(limit)
    expect(Object.keys(step?.attributes ?? {}).length).toBeGreaterThan(10)
  },
)
