import { expect, test } from 'vitest'
import { drawnExecution } from '../path/generated-execution.ts'
import { ClosedOutput } from './closed-output.ts'
import { storeExecution } from './stored-execution.ts'

const execution = drawnExecution('flow =')
const input = { ...execution, records: [] }
const stored = storeExecution(execution, input)
const closed = { execution, isReplacement: false, stored, endUnixNs: 1n }

test('bounded while nobody reads; what closes for a reader who waits is all given', () => {
  const output = new ClosedOutput(100)
  const given = [60, 60, 60].map((bytes) => output.give(closed, bytes))
  expect(given).toEqual([true, true, false])
  output.expectTake()
  expect(output.give(closed, 60)).toBe(true)
  expect(output.take()).toHaveLength(3)
  expect([60, 60, 60].map((bytes) => output.give(closed, bytes))).toEqual([true, true, false])
})
