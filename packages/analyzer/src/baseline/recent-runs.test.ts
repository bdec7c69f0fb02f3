import { expect, test } from 'vitest'
import { simulatedFigure, simulatedObservation } from '../detect/simulated-flow.ts'
import { flowConcurrency, noteRun, type RecentRun } from './recent-runs.ts'

//                0         1         2         3 s
//   execution 0  ├─────────────┤ 1.4 s
//     a          ├────┤
//     b               ├────────┤
//   execution 1            ├─────────────┤
//     a                    ├────┤
//     b                         ├────────┤
test('how many of a flow and of each step were open at once, over the time that they span', () => {
  const found = flowConcurrency(runsOf(2))
  expect(found?.flow).toMatchObject({ count: 2, windowMs: 2_400, maxOpenCount: 2, busyRatio: 1 })
  expect(found?.flow.meanOpenCount).toBeCloseTo(2.8 / 2.4, 9)
  expect(found?.steps.get('a')).toMatchObject({ count: 2, maxOpenCount: 1, windowMs: 2_400 })
  expect(found?.steps.get('a')?.busyRatio).toBeCloseTo(1 / 2.4, 9)
  expect(found?.steps.get('b')).toMatchObject({ count: 2, maxOpenCount: 1 })
})

test('remembers the last 64, and shares the list of steps while they are the same', () => {
  const runs = runsOf(200)
  expect(runs).toHaveLength(64)
  expect(new Set(runs.map(({ stepIds }) => stepIds)).size).toBe(1)
  expect(flowConcurrency(runs)?.flow.count).toBe(64)
})

test('a step that goes on beyond its execution lies in the window too', () => {
  const runs: RecentRun[] = []
  const steps = [simulatedFigure({ stepId: 'a', durationMs: 900 })]
  noteRun(runs, { ...simulatedObservation({ seed: 1, index: 0, parts: [400] }), steps })
  expect(flowConcurrency(runs)?.steps.get('a')?.windowMs).toBe(900)
})

test('without executions nothing is known', () => {
  expect(flowConcurrency([])).toBeUndefined()
})

/** One a second. */
function runsOf(count: number): RecentRun[] {
  const runs: RecentRun[] = []
  for (let index = 0; index < count; index += 1) {
    const one = simulatedObservation({ seed: 1, index, parts: [500, 900] })
    const steps = [
      simulatedFigure({ stepId: 'a', startMs: 0, durationMs: 500 }),
      simulatedFigure({ stepId: 'b', startMs: 500, durationMs: 900 }),
    ]
    noteRun(runs, { ...one, steps })
  }
  return runs
}
