import { expect, test } from 'vitest'
import { appendEntry, emptyHistory } from '../../baseline/history.ts'
import type { HistoryEntry } from '../../baseline/history-entry.ts'
import type { StepFigure } from '../../baseline/observation.ts'
import { simulatedFigure, simulatedObservation } from '../simulated-flow.ts'
import { classify } from './classify.ts'

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
  ['hardly any CPU: a call, a timer, who knows', { exclusiveCpuMs: 5 }, 'work'],
  ['shared CPU covers it: an upper bound never rules in', { sharedCpuMs: 100 }, 'work'],
  ['client spans cover it', { clientMs: 80 }, 'io'],
  ['client spans cover it while others used CPU', { clientMs: 80, sharedCpuMs: 100 }, 'io'],
  ['no run of the step', { stepId: 'other', exclusiveCpuMs: 90 }, 'work'],
  ['a heap that grows and is never collected', { exclusiveCpuMs: 90, heapGrowthBytes: 8e6 }, 'cpu'],
] as const)('work: %s', (_name, figure, expected) => {
  expect(classify(place('work'), [entryWith(figure)])).toBe(expected)
})

const computing = { exclusiveCpuMs: 90 }
const growing = { ...computing, heapGrowthBytes: 8 * 2 ** 20 }
const creeping = { ...computing, heapGrowthBytes: 2 ** 20 }

test.each([
  ['a collection in every second run of a heap that grows fast', [computing, growing], 'memory'],
  ['in one of three', [computing, growing, growing], 'cpu'],
  ['the heap hardly grows: somebody else fills it', [computing, creeping], 'cpu'],
  ['no growth was ever recorded', [computing, computing], 'cpu'],
] as const)('memory or CPU: %s', (_name, figures, expected) => {
  const entries = Array.from({ length: 6 }, () => figures.map(entryWith)).flat()
  expect(classify(place('work'), entries)).toBe(expected)
})

test('one run that was alone does not speak for a hundred that were not', () => {
  const entries = [entryWith(computing), ...Array.from({ length: 99 }, () => entryWith({}))]
  expect(classify(place('work'), entries)).toBe('work')
  const more = [...Array.from({ length: 5 }, () => entryWith(computing)), ...entries]
  expect(classify(place('work'), more)).toBe('cpu')
})

test("the user's own span is input or output", () => {
  expect(classify(place('work', 'GET api'), [])).toBe('io')
})

function entryWith(figure: Partial<StepFigure>): HistoryEntry {
  const observation = simulatedObservation({ seed: 1, index: 0, parts: [100] })
  const step = simulatedFigure({ durationMs: 100, phasesMs: { work: 100 }, ...figure })
  return appendEntry(emptyHistory(), { ...observation, steps: [step] }, {})
}
