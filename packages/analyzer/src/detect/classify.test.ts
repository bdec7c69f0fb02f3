import { expect, test } from 'vitest'
import { appendEntry, emptyHistory, type HistoryEntry } from '../baseline/history.ts'
import type { StepFigure } from '../baseline/observation.ts'
import { classify } from './classify.ts'
import { simulatedObservation } from './simulated-flow.ts'

const place = (
  phase: 'work' | 'retry_backoff' | 'resource_wait' | 'validation',
  spanName?: string,
) => ({
  stepId: 'charge',
  phase,
  spanName,
})

test.each([
  ['retry_backoff', 'retry'],
  ['resource_wait', 'resource-wait'],
  ['validation', 'validation'],
] as const)('phase %s is %s', (phase, expected) => {
  expect(classify(place(phase), [])).toBe(expected)
})

test.each([
  ['nothing measured', {}, 'work'],
  ['CPU alone covers it', { exclusiveCpuMs: 90 }, 'cpu'],
  ['CPU covers half: neither', { exclusiveCpuMs: 50 }, 'work'],
  ['hardly any CPU', { exclusiveCpuMs: 5 }, 'io'],
  ['client spans cover it', { clientMs: 80 }, 'io'],
  ['no run of the step', { stepId: 'other', exclusiveCpuMs: 90 }, 'work'],
] as const)('work: %s', (_name, figure, expected) => {
  expect(classify(place('work'), [entryWith(figure)])).toBe(expected)
})

test("the user's own span is input or output", () => {
  expect(classify(place('work', 'GET api'), [])).toBe('io')
})

function entryWith(figure: Partial<StepFigure>): HistoryEntry {
  const observation = simulatedObservation({ seed: 1, index: 0, parts: [100] })
  const step: StepFigure = {
    stepId: 'charge',
    type: 'task',
    action: 'call',
    isFailed: false,
    durationMs: 100,
    phasesMs: { work: 100 },
    missingPhases: [],
    exclusiveCpuMs: undefined,
    clientMs: 0,
    heapGrowthBytes: undefined,
    cacheHits: undefined,
    cacheMisses: undefined,
    ...figure,
  }
  return appendEntry(emptyHistory(), { ...observation, steps: [step] }, {})
}
