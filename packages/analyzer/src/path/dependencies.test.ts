import { describe, test } from 'vitest'
import type { FlowDefinition } from '../otlp/span-record.ts'
import { expectPath } from './drawn-path.ts'
import { flowOrder } from './flow-order.ts'
import { drawnExecution } from './generated-execution.ts'
import { emptyOrder, learnOrder, MIN_TOGETHER_COUNT } from './learn-order.ts'
import { spanForest } from './span-forest.ts'

describe('explicit dependencies beat timing', () => {
  const byTiming = `
    flow      #---------#
      step.a   --
      step.b   #####
      step.c        ####`
  const byOrder = `
    flow      #--###----#
      step.a   ##
      step.b   -----
      step.c        ####`

  test('the definition', () => {
    expectPath(byTiming)
    expectPath(byOrder, { order: flowOrder(flowOf({ a: 'c' })) })
  })

  test('a definition that the clock contradicts does not', () => {
    expectPath(byTiming, { order: flowOrder(flowOf({ c: 'a', x: 'c' })) })
  })

  test('what many executions had in common, until one has not', () => {
    const state = emptyOrder()
    const learn = (drawing: string, count: number): void => {
      for (let seen = 0; seen < count; seen++)
        learnOrder(state, spanForest(drawnExecution(drawing)))
    }
    const overlapping = `
      flow      ==========
        step.a   ==
        step.b   =======
        step.c     ====`
    learn(byOrder, MIN_TOGETHER_COUNT - 2)
    learn(overlapping, 1)
    expectPath(byTiming, { order: flowOrder(undefined, state) })
    learn(byOrder, 1)
    expectPath(byOrder, { order: flowOrder(undefined, state) })
    learn(
      `
      flow      ==========
        step.a   =====
        step.b   ==
        step.c     ====`,
      1,
    )
    expectPath(byTiming, { order: flowOrder(undefined, state) })
  })

  test('through a step that took no time', () => {
    expectPath(
      `
      flow      #--###----#
        step.a   ##
        step.b   -----
        step.x     |
        step.c        ####`,
      { order: flowOrder(flowOf({ a: 'x', x: 'c' })) },
    )
  })

  test('the last run of a predecessor, in a loop', () => {
    expectPath(
      `
      flow      #----##--#
        step.a   ##
        step.a     ##
        step.b   -----
        step.c         ##`,
      { order: flowOrder(flowOf({ a: 'c' })) },
    )
  })
})

/** Each step leads to the other. */
function flowOf(edges: Readonly<Record<string, string>>): FlowDefinition {
  const steps = Object.entries(edges).map(([id, onSuccess]) => ({
    id,
    type: 'task',
    action: 'x',
    onSuccess,
  }))
  return { flowId: 'f', version: '1', sha256: '', steps }
}
