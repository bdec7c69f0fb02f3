import { expect, test } from 'vitest'
import { createStepSeriesTable, MAX_STEP_SERIES, OTHER } from './series.ts'

test('steps beyond the limit share one series, and each measurement in it is said', () => {
  let overflowCount = 0
  const table = createStepSeriesTable(() => overflowCount++)
  const steps = Array.from({ length: MAX_STEP_SERIES }, (_, index) => `s${index}`)
  const [first] = steps.map((id) => table.seriesOf('f', id))
  const shared = table.seriesOf('f', 'one more')
  expect(table.seriesOf('f', 's0')).toBe(first)
  expect(table.seriesOf('g', 'another')).toBe(shared)
  expect([shared.flowId, shared.stepId]).toEqual([OTHER, OTHER])
  if (first) table.countOverflow(first)
  table.countOverflow(shared)
  table.countOverflow(shared)
  expect(overflowCount).toBe(2)
  expect([...table.all()]).toHaveLength(MAX_STEP_SERIES + 1)
})

test('ids that look like each other’s keys stay apart', () => {
  const table = createStepSeriesTable(() => {})
  expect(table.seriesOf('a","b', 'c')).not.toBe(table.seriesOf('a', 'b","c'))
})

test('error classes beyond the bound count as other', () => {
  const series = createStepSeriesTable(() => {}).seriesOf('f', 'a')
  const names = Array.from({ length: 40 }, (_, index) => `Error${index}`)
  const seen = new Set(names.map((name) => series.durationAttributes(name)['error.type']))
  expect(seen.size).toBe(21)
  expect(seen.has(OTHER)).toBe(true)
  expect(series.durationAttributes(undefined)['error.type']).toBeUndefined()
})
