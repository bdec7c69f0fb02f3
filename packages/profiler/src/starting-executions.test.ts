import { expect, test } from 'vitest'
import type { StartedSpan } from './ended-span.ts'
import { StartingExecutions } from './starting-executions.ts'

function rootSpan(id: string): StartedSpan {
  return {
    name: 'execute_flow pay',
    kind: 0,
    spanContext: () => ({ traceId: 't', spanId: id }),
    startTime: [1, 2],
    endTime: [0, 0],
    status: { code: 0 },
    attributes: { 'qflow.flow.id': 'pay', 'qflow.flow.version': '1', 'qflow.execution.id': id },
    links: [],
    resource: { attributes: {} },
    ended: false,
  }
}

test('gives each execution once, and none that has ended', () => {
  const starting = new StartingExecutions()
  starting.add(rootSpan('e1'))
  starting.add({ ...rootSpan('e2'), ended: true })
  starting.add({ ...rootSpan('e3'), name: 'execute_step charge' })
  const started = { executionId: 'e1', flowId: 'pay', flowVersion: '1', traceId: 't' }
  expect(starting.take()).toEqual([{ ...started, startUnixNs: 1_000_000_002n }])
  expect(starting.take()).toEqual([])
})

test('notes none whose id is too long', () => {
  const starting = new StartingExecutions()
  starting.add(rootSpan('x'.repeat(257)))
  starting.add(rootSpan('x'.repeat(256)))
  expect(starting.take()).toHaveLength(1)
})

test('holds a bounded number and counts the rest', () => {
  const starting = new StartingExecutions()
  for (let id = 0; id < 1_004; id += 1) starting.add(rootSpan(String(id)))
  expect(starting.take()).toHaveLength(1_000)
  expect(starting.notKeptCount).toBe(4)
})
