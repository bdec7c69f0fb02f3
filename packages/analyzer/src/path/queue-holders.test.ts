import { expect, test } from 'vitest'
import { buildExecution } from '../trace/build-execution.ts'
import { type DrawnPhases, spansFromDiagram } from '../trace/trace-diagram.ts'
import { queueHolders } from './queue-holders.ts'
import { spanForest } from './span-forest.ts'

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

test('of many groups in one execution the first are compared, and of the others it is counted who queued', () => {
  const members = Array.from({ length: 101 }, (_, index) => `step.m${index}`)
  const groups = Array.from({ length: 5 }, (_, index) => `step.g${index}`)
  const rows = groups.flatMap((group) => [
    `  ${group.padEnd(20)} ==================`,
    ...members.map((member) => `    ${member.padEnd(18)} ==================`),
  ])
  const drawing = [`${'flow'.padEnd(22)} ==================`, ...rows].join('\n')
  // The first member of each group runs for 6 while all others queue.
  const queued = members.slice(1).map((name) => [name.slice(5), { queue: 6, work: 12 }] as const)
  const records = spansFromDiagram(drawing, { ...Object.fromEntries(queued), m0: { work: 18 } })
  const execution = buildExecution({ tenant: 'default', executionId: 'e', records })
  const found = queueHolders(spanForest(execution))
  // 40,000 comparisons are 396 of the 500 waiters with the 101 members of their group.
  expect(found.untoldCount).toBe(500 - 396)
  expect(found.holders.filter(({ holderId }) => holderId === undefined)).toHaveLength(500)
  expect(found.holders.filter(({ holderId }) => holderId === 'm0')).toHaveLength(396)
})

function holders(drawing: string, phases: DrawnPhases) {
  const records = spansFromDiagram(drawing, phases)
  const execution = buildExecution({ tenant: 'default', executionId: 'e', records })
  return queueHolders(spanForest(execution)).holders.map(
    ({ containerId, waiterId, holderId, ns }) => [containerId, waiterId, holderId, ns],
  )
}
