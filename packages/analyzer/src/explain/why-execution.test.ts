import { expect, test } from 'vitest'
import type { Execution, StepRun } from '../trace/execution.ts'
import { whyExecution } from './why-execution.ts'

const part = { place: { stepId: 'charge', phase: 'work' as const, spanName: undefined }, ms: 80 }
const comparison = {
  medianMs: 50,
  n: 40,
  percentileRank: 0.95,
  excess: [{ stepId: 'charge', phase: 'work', excessMs: 45 }],
}

test.each([
  [
    'slow',
    {},
    comparison,
    /took 100 ms, 100 % more than the median, mostly in work of step charge/,
  ],
  ['usual', {}, { ...comparison, medianMs: 98 }, /took 100 ms, as usual/],
  ['fast', {}, { ...comparison, medianMs: 200 }, /50 % less than the median/],
  ['too early to compare', {}, undefined, /too few others are known/],
  ['running', { closeReason: undefined }, undefined, /still runs, 100 ms so far/],
  [
    'failed',
    { status: 'failed', errorType: 'TimeoutError' },
    comparison,
    /failed after 100 ms with TimeoutError/,
  ],
  ['aborted', { status: 'aborted' }, comparison, /aborted after 100 ms\./],
] as const)('%s', (_name, own, compared, headline) => {
  const answer = whyExecution({
    execution: execution(own),
    parts: [part],
    comparison: compared,
    findings: [],
  })
  expect(answer.headline).toMatch(headline)
  expect(answer.facts[0]).toBe('It waited 80 ms (80 %) for work of step charge.')
  expect(answer.evidence.figures['durationMs']).toBe(100)
})

test('a step that failed, a pause and a broken trace are facts', () => {
  const step: StepRun = {
    stepId: 'charge',
    type: 'task',
    action: 'call',
    spanId: 'a',
    startNs: 0,
    endNs: 1,
    attemptCount: 3,
    errorType: 'TimeoutError',
    phasesNs: {},
    missingPhases: [],
    cpuNs: undefined,
    heapGrowthBytes: undefined,
    attribution: undefined,
    cacheHits: undefined,
    cacheMisses: undefined,
  }
  const { facts } = whyExecution({
    execution: execution({ steps: [step], durationNs: 150e6, flags: ['missing_parent'] }),
    parts: [],
    comparison: undefined,
    findings: [],
  })
  expect(facts).toEqual([
    'Step charge failed with TimeoutError after 3 attempts.',
    'It was paused for 50 ms, which is not counted.',
    'The trace is not complete or not clean: missing_parent.',
  ])
})

function execution(own: Partial<Execution>): Execution {
  return {
    tenant: 'default',
    executionId: 'execution-1',
    flowId: 'order',
    flowVersion: '1',
    serviceVersion: undefined,
    weight: 1,
    node: undefined,
    traceIds: ['a'.repeat(32)],
    parentExecutionId: undefined,
    triggerType: undefined,
    startUnixNs: 0n,
    durationNs: 100e6,
    activeNs: 100e6,
    status: 'completed',
    errorType: undefined,
    closeReason: 'root_ended',
    spans: [],
    steps: [],
    spanCount: 4,
    flags: [],
    ...own,
  }
}
