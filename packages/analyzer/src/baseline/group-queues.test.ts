import { expect, test } from 'vitest'
import { simulatedObservation } from '../detect/simulated-flow.ts'
import { queueReports } from '../queue-report.ts'
import type { Counters } from './counters.ts'
import { type GroupQueue, rememberQueues } from './group-queues.ts'
import type { Observation } from './observation.ts'

const group = { containerId: 'fan' }

test('sums what each step waited and who ran meanwhile, the longest first', () => {
  const { queues } = remembered([
    [
      { ...group, waiterId: 'b', holderId: undefined, ms: 6 },
      { ...group, waiterId: 'b', holderId: 'a', ms: 6 },
      { ...group, waiterId: 'c', holderId: undefined, ms: 10 },
      { ...group, waiterId: 'c', holderId: 'b', ms: 4 },
      { ...group, waiterId: 'c', holderId: 'a', ms: 6 },
    ],
    [
      { ...group, waiterId: 'b', holderId: undefined, ms: 2 },
      { containerId: 'other', waiterId: 'b', holderId: undefined, ms: 1 },
    ],
  ])
  expect(queueReports(queues)).toEqual([
    {
      containerId: 'fan',
      stepId: 'c',
      waitCount: 1,
      waitMs: 10,
      holders: [
        { stepId: 'a', ranMs: 6 },
        { stepId: 'b', ranMs: 4 },
      ],
    },
    {
      containerId: 'fan',
      stepId: 'b',
      waitCount: 2,
      waitMs: 8,
      holders: [{ stepId: 'a', ranMs: 6 }],
    },
    { containerId: 'other', stepId: 'b', waitCount: 1, waitMs: 1, holders: [] },
  ])
})

test('pairs beyond the bound are counted', () => {
  const many = Array.from({ length: 70 }, (_, index) => ({
    ...group,
    waiterId: `step-${index}`,
    holderId: undefined,
    ms: 1,
  }))
  const { queues, counters } = remembered([many, many])
  expect(queues).toHaveLength(64)
  expect(counters).toEqual({ queue_limit: 12 })
})

function remembered(executions: readonly Observation['queued'][]) {
  const queues: GroupQueue[] = []
  const counters: Counters = {}
  for (const [index, queued] of executions.entries()) {
    const one = simulatedObservation({ seed: 1, index, parts: [20] })
    rememberQueues(queues, { ...one, queued }, counters)
  }
  return { queues, counters }
}
