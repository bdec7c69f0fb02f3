import { expect, test } from 'vitest'
import { appendEntry, emptyHistory } from '../../baseline/history.ts'
import type { PlaceMs } from '../../baseline/observation.ts'
import { simulatedObservation } from '../simulated-flow.ts'
import { applyWaitSteps, judgeWaits, type Wait, type WaitStep } from './bottleneck.ts'
import { PresentSavings } from './present-savings.ts'

const flow = { tenant: 'default', flowId: 'order' }
const work = { stepId: 'charge', phase: 'work' as const, spanName: undefined }
const call = { ...work, spanName: 'GET api' }
const wait = { stepId: 'charge', phase: 'resource_wait' as const, spanName: undefined }

test('opens once 30 executions say so, with share, interval, time and n', () => {
  const steps = run(40, () => [{ place: wait, ms: 30 }])
  expect(steps.map(({ index, step }) => [index, step])).toEqual([[29, 'opened']])
  const opened = steps[0]?.wait
  expect(opened?.speedup).toEqual({ value: 0.3, low: 0.3, high: 0.3, n: 30 })
  expect(opened?.savedMs.value).toBe(30)
  expect(opened?.class).toBe('resource-wait')
  // 30 ms in each of 30 executions in at least a minute.
  expect(opened?.lostMsPerHour).toBeCloseTo(30 * 30 * 60, 6)
  expect(opened?.severity).toBe('low')
})

test('below a fifth of the flow there is none', () => {
  expect(run(100, () => [{ place: wait, ms: 19 }])).toEqual([])
})

test('a phase that no single step makes up is told of all steps, else of the step', () => {
  const ledger = (stepId: string | undefined, ms: number): PlaceMs => ({
    place: { stepId, phase: 'ledger', spanName: undefined },
    ms,
  })
  const spread = run(40, () => [ledger(undefined, 60), ledger('a', 20), ledger('b', 20)])
  expect(spread.map(({ wait }) => wait.place.stepId)).toEqual([undefined])
  const inOne = run(40, () => [ledger(undefined, 60), ledger('a', 50)])
  expect(inOne.map(({ wait }) => wait.place.stepId)).toEqual(['a'])
})

test('an uncertain share does not open', () => {
  // A mean of 30 % from three executions in ten that save everything: the interval begins below 20 %.
  expect(run(40, (index) => [{ place: wait, ms: index % 10 < 3 ? 100 : 0 }])).toEqual([])
})

test('resolves below 15 %, not at 17 %', () => {
  const at = (ms: number) => run(300, (index) => [{ place: wait, ms: index < 100 ? 30 : ms }])
  expect(at(17).map(({ step }) => step)).not.toContain('resolved')
  expect(at(2).map(({ step }) => step)).toContain('resolved')
})

test('does not end because the rest of the flow got slower', () => {
  const steps = run(
    300,
    () => [{ place: wait, ms: 30 }],
    (index) => (index < 100 ? 100 : 400),
  )
  expect(steps.map(({ step }) => step)).not.toContain('resolved')
})

test('of equal ones none replaces another', () => {
  const steps = run(300, (index) =>
    ['a', 'b', 'c'].map((stepId, at) => ({
      place: { ...wait, stepId },
      ms: 30 + ((Math.floor(index / 50) + at) % 3) + (index % 7),
    })),
  )
  expect(steps.map(({ step }) => step)).toEqual(['opened', 'opened'])
})

test('is told again when its share left the interval that was told, after 50 executions at least', () => {
  const moving = run(300, (index) => [{ place: wait, ms: index < 100 ? 30 : 60 }])
  const told = moving.flatMap(({ index, step }) => (step === 'updated' ? [index] : []))
  expect(told[0]).toBeGreaterThanOrEqual(100)
  expect(told[1]).toBeGreaterThanOrEqual(150)
  const noisy = (index: number) => [{ place: wait, ms: index % 2 === 0 ? 20 : 40 }]
  expect(run(600, noisy).map(({ step }) => step)).toEqual(['opened'])
})

test('a kind of span that covers its phase names the place', () => {
  const [named] = run(30, () => [
    { place: work, ms: 50 },
    { place: call, ms: 45 },
  ])
  expect(named?.wait.place).toEqual(call)
  expect(named?.wait.speedup.value).toBe(0.5)
  const [unnamed] = run(30, () => [
    { place: work, ms: 50 },
    { place: call, ms: 20 },
  ])
  expect(unnamed?.wait.place).toEqual(work)
})

test('of many only the two largest are told', () => {
  const rows = Array.from({ length: 4 }, (_, index) => ({
    place: { ...wait, stepId: `step-${index}` },
    ms: 21 + index,
  }))
  const steps = run(60, () => rows)
  expect(steps.map(({ wait: { place } }) => place.stepId)).toEqual(['step-3', 'step-2'])
})

test('a new largest one is told although two are open', () => {
  const at = (stepId: string, ms: number) => ({ place: { ...wait, stepId }, ms })
  const steps = run(160, (index) => [at('a', 24), at('b', 25), at('c', index < 60 ? 5 : 50)])
  const opened = steps.filter(({ step }) => step === 'opened')
  expect(opened.map(({ wait: { place } }) => place.stepId)).toEqual(['b', 'a', 'c'])
})

/** Executions of 100 ms, if nothing else is said, that would have saved these. */
function run(
  count: number,
  savingsOf: (index: number) => PlaceMs[],
  durationMsOf: (index: number) => number = () => 100,
): (WaitStep & { index: number })[] {
  const history = emptyHistory()
  const savings = new PresentSavings()
  const told: (WaitStep & { index: number })[] = []
  let waits: readonly Wait[] = []
  for (let index = 0; index < count; index += 1) {
    const one = simulatedObservation({ seed: 1, index, parts: [durationMsOf(index)] })
    const entry = appendEntry(history, { ...one, savings: savingsOf(index) }, {})
    const steps = judgeWaits(waits, { history, entry, from: 0, savings }, flow)
    waits = applyWaitSteps(waits, steps)
    told.push(...steps.map((step) => ({ ...step, index })))
  }
  return told
}
