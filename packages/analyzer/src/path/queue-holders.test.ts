import { expect, test } from 'vitest'
import { buildExecution } from '../trace/build-execution.ts'
import { type DrawnPhases, spansFromDiagram } from '../trace/trace-diagram.ts'
import { queueHolders } from './queue-holders.ts'

test('one slot: each waits for those before it', () => {
  const drawing = `
    flow             ====================
      step.fan        ==================
        step.a        ======
        step.b        ==========
        step.c        ==================
  `
  expect(holders(drawing, { b: { queue: 6, work: 4 }, c: { queue: 10, work: 8 } })).toEqual([
    ['fan', 'b', undefined, 6],
    ['fan', 'b', 'a', 6],
    ['fan', 'c', undefined, 10],
    ['fan', 'c', 'a', 6],
    ['fan', 'c', 'b', 4],
  ])
})

test('two slots: both who ran are told, each with what it ran', () => {
  const drawing = `
    flow             ====================
      step.fan        ==================
        step.a        ======
        step.b        ========
        step.c        ==================
  `
  expect(holders(drawing, { c: { queue: 6, work: 12 } })).toEqual([
    ['fan', 'c', undefined, 6],
    ['fan', 'c', 'a', 6],
    ['fan', 'c', 'b', 6],
  ])
})

test('steps of another group hold nobody up, and without a queue there is nothing to tell', () => {
  const drawing = `
    flow             ====================
      step.other      ==================
      step.fan        ==================
        step.a        =========
  `
  expect(holders(drawing, { a: { queue: 4, work: 5 } })).toEqual([['fan', 'a', undefined, 4]])
  expect(holders(drawing, {})).toEqual([])
})

function holders(drawing: string, phases: DrawnPhases) {
  const records = spansFromDiagram(drawing, phases)
  const execution = buildExecution({ tenant: 'default', executionId: 'e', records })
  return queueHolders(execution).map(({ containerId, waiterId, holderId, ns }) => [
    containerId,
    waiterId,
    holderId,
    ns,
  ])
}
