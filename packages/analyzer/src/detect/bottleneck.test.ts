import { expect, test } from 'vitest'
import { appendEntry, emptyHistory } from '../baseline/history.ts'
import type { PlaceMs } from '../baseline/observation.ts'
import { applyWaitSteps, judgeWaits, type Wait, type WaitStep } from './bottleneck.ts'
import { simulatedObservation } from './simulated-flow.ts'

const flow = { tenant: 'default', flowId: 'order' }
const work = { stepId: 'charge', phase: 'work' as const, spanName: undefined }
const call = { ...work, spanName: 'GET api' }
const wait = { stepId: 'charge', phase: 'resource_wait' as const, spanName: undefined }

test('opens once 20 executions say so, with share, interval, time and n', () => {
  const steps = run(40, () => [{ place: wait, ms: 30 }])
  expect(steps.map(({ index, step }) => [index, step])).toEqual([[19, 'opened']])
  const opened = steps[0]?.wait
  expect(opened?.speedup).toEqual({ value: 0.3, low: 0.3, high: 0.3, n: 20 })
  expect(opened?.savedMs.value).toBe(30)
  expect(opened?.class).toBe('resource-wait')
  // 30 ms in each of one execution a second: 0.03 wait at any moment.
  expect(opened?.severity).toBe('medium')
})

test('below a tenth of the flow there is none', () => {
  expect(run(100, () => [{ place: wait, ms: 9 }])).toEqual([])
})

test('an uncertain share does not open', () => {
  // A mean of 20 % from one execution in five that saves everything: the interval begins below 10 %.
  expect(run(20, (index) => [{ place: wait, ms: index % 10 === 0 ? 100 : 0 }])).toEqual([])
})

test('resolves below 7 %, not at 9 %', () => {
  const at = (ms: number) => run(300, (index) => [{ place: wait, ms: index < 100 ? 30 : ms }])
  expect(at(9).map(({ step }) => step)).not.toContain('resolved')
  expect(at(2).map(({ step }) => step)).toContain('resolved')
})

test('a kind of span that covers its phase names the place', () => {
  const [named] = run(20, () => [
    { place: work, ms: 50 },
    { place: call, ms: 45 },
  ])
  expect(named?.wait.place).toEqual(call)
  expect(named?.wait.speedup.value).toBe(0.5)
  const [unnamed] = run(20, () => [
    { place: work, ms: 50 },
    { place: call, ms: 20 },
  ])
  expect(unnamed?.wait.place).toEqual(work)
})

test('at most five are open at once, the largest', () => {
  const rows = Array.from({ length: 7 }, (_, index) => ({
    place: { ...wait, stepId: `step-${index}` },
    ms: 12 + index,
  }))
  const steps = run(60, () => rows)
  expect(steps).toHaveLength(5)
  expect(steps.map(({ wait: { place } }) => place.stepId)).toEqual(
    [6, 5, 4, 3, 2].map((index) => `step-${index}`),
  )
})

/** Executions of 100 ms that would have saved these. */
function run(
  count: number,
  savingsOf: (index: number) => PlaceMs[],
): (WaitStep & { index: number })[] {
  const history = emptyHistory()
  const told: (WaitStep & { index: number })[] = []
  let waits: readonly Wait[] = []
  for (let index = 0; index < count; index += 1) {
    const one = simulatedObservation({ seed: 1, index, parts: [100] })
    const entry = appendEntry(history, { ...one, savings: savingsOf(index) }, {})
    const steps = judgeWaits(waits, { history, entry, from: 0 }, flow)
    waits = applyWaitSteps(waits, steps)
    told.push(...steps.map((step) => ({ ...step, index })))
  }
  return told
}
