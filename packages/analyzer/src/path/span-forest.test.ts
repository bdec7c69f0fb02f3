import { expect, test } from 'vitest'
import { buildExecution } from '../trace/build-execution.ts'
import type { StepRun } from '../trace/execution.ts'
import { spansFromDiagram } from '../trace/trace-diagram.ts'
import { runAt, spanForest } from './span-forest.ts'

//   fan    ├────────┤
//     m0   ├────────┤      all members of a group start with it, and many end together
//     m1   ├────┤
//     m2   ├────────┤
test('the run of a row is found among many that start at once without looking at all of them', () => {
  const count = 1_000
  const members = Array.from(
    { length: count },
    (_, index) => `    ${`step.m${index}`.padEnd(12)} ${'='.repeat(3 + (index % 3))}`,
  )
  const drawing = ['flow             =====', '  step.fan       =====', ...members].join('\n')
  const records = spansFromDiagram(drawing)
  const forest = spanForest(buildExecution({ tenant: 't', executionId: 'e', records }))
  let readCount = 0
  const steps = new Proxy(forest.steps, {
    get(runs, place) {
      readCount += 1
      return Reflect.get(runs, place) as StepRun
    },
  })
  const stepRows = [...forest.spans.keys()].filter((row) => forest.spans[row]?.role === 'step')
  const found = stepRows.map((row) => runAt({ ...forest, steps }, row)?.spanId)
  expect(found).toEqual(stepRows.map((row) => forest.spans[row]?.spanId))
  expect(found).toHaveLength(count + 1)
  expect(readCount).toBeLessThan(20 * count)
})
