import { ATTR_QFLOW_STEP_GROUP_ID } from '@qflow-otel/semconv'
import { describe, expect, test } from 'vitest'
import type { FlowDefinition } from '../otlp/span-record.ts'
import { buildExecution } from '../trace/build-execution.ts'
import { type DrawnPhases, spansFromDiagram } from '../trace/trace-diagram.ts'
import { serialSteps } from './serial-steps.ts'
import { spanForest } from './span-forest.ts'

const inSeries = `
  flow             ====================
    step.fan        ===============
      step.a        ======
      step.b              ====
      step.c                  =====
    step.then                      ====
`

const definition: FlowDefinition = {
  flowId: 'f',
  version: '1',
  sha256: '',
  steps: [
    { id: 'fan', type: 'parallel', action: '', onSuccess: 'then', steps: ['a', 'b', 'c'] },
    { id: 'then', type: 'task', action: '' },
  ],
}

test('of a group in series all but the longest is saved, whether spans or the definition say it is one', () => {
  const expected = [{ containerId: 'fan', savedNs: 9 }]
  expect(found(inSeries, { flow: definition })).toEqual(expected)
  expect(found(inSeries, { grouped: ['a', 'b', 'c'] })).toEqual(expected)
})

describe('nothing is told', () => {
  test('of steps that nobody says are independent', () => {
    expect(found(inSeries)).toEqual([])
  })

  test('of a group whose steps ran at once', () => {
    const atOnce = `
      flow             ===========
        step.fan        ========
          step.a        ========
          step.b        =====
    `
    expect(found(atOnce, { grouped: ['a', 'b'] })).toEqual([])
  })

  test('where the queue was measured: that is what the group waits for', () => {
    const phases = { b: { queue: 2, work: 2 } }
    expect(found(inSeries, { grouped: ['a', 'b', 'c'], phases })).toEqual([])
  })
})

describe('what ran beside it bounds what is saved', () => {
  test('in the step around it', () => {
    const beside = `
      flow             ==================
        step.fan        ===============
          step.a        ======
          step.b              =========
          GET            ===========
    `
    expect(found(beside, { grouped: ['a', 'b'] })).toEqual([{ containerId: 'fan', savedNs: 3 }])
  })

  test('and further out', () => {
    const beside = `
      flow             ==================
        step.fan        ===============
          step.a        ======
          step.b              =========
        step.slow       =================
    `
    expect(found(beside, { grouped: ['a', 'b'] })).toEqual([])
  })
})

function found(
  drawing: string,
  options: { grouped?: readonly string[]; flow?: FlowDefinition; phases?: DrawnPhases } = {},
) {
  const { grouped = [], flow, phases } = options
  const records = spansFromDiagram(drawing, phases).map((span) => {
    const isGrouped = grouped.some((id) => span.name === `execute_step ${id}`)
    if (!isGrouped) return span
    return { ...span, attributes: new Map([...span.attributes, [ATTR_QFLOW_STEP_GROUP_ID, 'g']]) }
  })
  const execution = buildExecution({ tenant: 'default', executionId: 'e', records })
  return serialSteps(spanForest(execution), flow)
}
