import { expect, test } from 'vitest'
import type { FlowDefinition } from '../otlp/span-record.ts'
import { type FlowOrder, flowOrder } from './flow-order.ts'
import { drawnExecution } from './generated-execution.ts'
import { slack } from './slack.ts'

const cases: readonly {
  readonly name: string
  readonly trace: string
  readonly order?: FlowOrder
  /** By span id of the drawing's lines: slack, self time, wait. */
  readonly found: readonly string[]
}[] = [
  {
    name: 'in a row there is none',
    trace: `
      flow      ==========
        step.a   ===
        step.b       =====`,
    found: ['flow 0, self 2', 'a 0, self 3', 'b 0, self 5, wait 1'],
  },
  {
    name: 'beside a longer step: until that one ends',
    trace: `
      flow      ==========
        step.a   ===
        step.b   =======`,
    found: ['flow 0, self 3', 'a 4, self 3', 'b 0, self 7'],
  },
  {
    name: 'two in a row beside a longer one share it',
    trace: `
      flow      ===========
        step.a   ===
        step.b   =========
        step.c      ===`,
    found: ['flow 0, self 2', 'a 3, self 3', 'b 0, self 9', 'c 3, self 3, wait 0'],
  },
  {
    name: 'what lies in a span with slack has as much, and its own',
    trace: `
      flow      ===========
        step.a   =====
          GET    ===
          POST   ==
        step.b   =========`,
    found: ['flow 0, self 2', 'a 4, self 2', 'GET 4, self 3', 'POST 5, self 2', 'b 0, self 9'],
  },
  {
    name: 'by timing b leads to c',
    trace: `
      flow      ==========
        step.a   ==
        step.b   ====
        step.c       ====`,
    found: ['flow 0, self 2', 'a 2, self 2', 'b 0, self 4', 'c 0, self 4, wait 0'],
  },
  {
    name: 'by the definition a does',
    trace: `
      flow      ==========
        step.a   ==
        step.b   ====
        step.c       ====`,
    order: flowOrder(flowOf('a', 'c')),
    found: ['flow 0, self 2', 'a 0, self 2', 'b 4, self 4', 'c 0, self 4, wait 2'],
  },
  {
    name: 'a held resource, and what lies outside its parent, are waited for by nobody',
    trace: `
      flow      ==========
        step.a  =====
          hold   ==
          GET         ==`,
    found: ['flow 0, self 5', 'a 0, self 5', 'hold -, self 2', 'GET -, self 2'],
  },
  {
    name: 'a pause is not a reason to hurry, and none to be late',
    trace: `
      flow.paused ===
        step.a     =
      flow            ===
        step.b        ==`,
    found: ['flow 0, self 2', 'a 0, self 1', 'flow 0, self 1, wait 1', 'b 0, self 2'],
  },
]

test.each(cases)('$name', ({ trace, order, found }) => {
  const execution = drawnExecution(trace)
  const slacks = slack(execution, order)
  const shown = execution.spans
    .map(({ spanId, name }, row) => ({ spanId, name, ...slacks[row] }))
    .sort((a, b) => (a.spanId < b.spanId ? -1 : 1))
    .map(({ name, slackNs, selfNs, waitNs }) => {
      const label = name.replace(/^execute_step |^execute_| [fx]$/g, '')
      return `${label} ${slackNs ?? '-'}, self ${selfNs}${waitNs === undefined ? '' : `, wait ${waitNs}`}`
    })
  expect(shown).toEqual(found)
})

function flowOf(id: string, onSuccess: string): FlowDefinition {
  const steps = [{ id, type: 'task', action: 'x', onSuccess }]
  return { flowId: 'f', version: '1', sha256: '', steps }
}
