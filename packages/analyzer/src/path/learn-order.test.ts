import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildExecution } from '../trace/build-execution.ts'
import type { Execution, ExecutionSpan } from '../trace/execution.ts'
import {
  drawnExecution,
  GENERATED_COUNT,
  GENERATED_TIMEOUT_MS,
  generatedExecution,
  shuffled,
} from './generated-execution.ts'
import {
  emptyOrder,
  learnOrder,
  MAX_LEARNT_STEP_COUNT,
  MIN_TOGETHER_COUNT,
  mergeOrder,
  type OrderState,
  precedence,
} from './learn-order.ts'
import { spanForest } from './span-forest.ts'

const batches = fc.array(fc.array(generatedExecution, { maxLength: 6 }), { maxLength: 3 })

test(
  'counts what an oracle counts pair by pair, whatever the order of executions and the split',
  () => {
    fc.assert(
      fc.property(batches, fc.nat(), (split, seed) => {
        const parts = split.map((batch) => batch.map(built))
        const all = parts.flat()
        const whole = learnt(all)
        const merged = emptyOrder()
        for (const part of parts) mergeOrder(merged, learnt(part))
        const expected = counted(all)
        expect(counts(whole)).toEqual(expected)
        expect(counts(learnt(shuffled(all, seed)))).toEqual(expected)
        expect(counts(merged)).toEqual(expected)
      }),
      // Each has up to 18 executions.
      { numRuns: Math.ceil(GENERATED_COUNT / 3), seed: 20261120 },
    )
  },
  GENERATED_TIMEOUT_MS,
)

const sequence = drawnExecution(`
  flow      ========
    step.a  ===
    step.b     =====`)
const overlap = drawnExecution(`
  flow      ========
    step.a  =====
    step.b     =====`)

test('an edge takes many executions, and one counter-example ends it for good', () => {
  const state = emptyOrder()
  const repeat = (execution: Execution, count: number): void => {
    for (let at = 0; at < count; at++) learnOrder(state, spanForest(execution))
  }
  repeat(sequence, MIN_TOGETHER_COUNT - 1)
  expect([precedence(state, 0, 1), precedence(state, 1, 0)]).toEqual(['open', 'refuted'])
  repeat(sequence, 1)
  expect(precedence(state, 0, 1)).toBe('first')
  repeat(overlap, 1)
  repeat(sequence, 1000)
  expect([precedence(state, 0, 1), precedence(state, 1, 0)]).toEqual(['refuted', 'refuted'])
})

test('an overlap of under 1 % is no counter-example', () => {
  const state = emptyOrder()
  const drawing = `
    flow     ${'='.repeat(300)}
      step.a ${'='.repeat(201)}
      step.b ${' '.repeat(200)}${'='.repeat(100)}`
  for (let at = 0; at < MIN_TOGETHER_COUNT; at++)
    learnOrder(state, spanForest(drawnExecution(drawing)))
  expect(precedence(state, 0, 1)).toBe('first')
})

test('steps beyond the limit are counted and not learnt', () => {
  const rows = Array.from({ length: MAX_LEARNT_STEP_COUNT + 2 }, (_, at) => `step.s${at} =`)
  const wide = drawnExecution(['flow =', ...rows.map((row) => `  ${row}`)].join('\n'))
  const state = emptyOrder()
  learnOrder(state, spanForest(wide))
  expect(state.stepIds).toHaveLength(MAX_LEARNT_STEP_COUNT)
  expect(state.unlearntCount).toBe(2)
  expect(state.together).toHaveLength((MAX_LEARNT_STEP_COUNT * (MAX_LEARNT_STEP_COUNT - 1)) / 2)
})

function built(records: Parameters<typeof buildExecution>[0]['records']): Execution {
  return buildExecution({ tenant: 't', executionId: 'e', records })
}

function learnt(executions: readonly Execution[]): OrderState {
  const state = emptyOrder()
  for (const execution of executions) learnOrder(state, spanForest(execution))
  return state
}

type Counts = Record<string, { together: number; before: number }>

/** By pair of step ids, both ways. */
function counts({ stepIds, together, before, after }: OrderState): Counts {
  const found: Counts = {}
  for (const [b, later] of stepIds.entries())
    for (const [a, earlier] of stepIds.slice(0, b).entries()) {
      const pair = (b * (b - 1)) / 2 + a
      if ((together[pair] ?? 0) === 0) continue
      found[`${earlier}>${later}`] = { together: together[pair] ?? 0, before: before[pair] ?? 0 }
      found[`${later}>${earlier}`] = { together: together[pair] ?? 0, before: after[pair] ?? 0 }
    }
  return found
}

/** Pair by pair of spans: `a` is before `b` where every run of it is. */
function counted(executions: readonly Execution[]): Counts {
  const found: Counts = {}
  for (const { spans } of executions)
    for (const parentRow of [-1, ...spans.keys()]) {
      const steps = spans.filter((span) => span.role === 'step' && span.parentRow === parentRow)
      const runs = (id: string) => steps.filter((span) => stepIdOf(span) === id)
      const ids = [...new Set(steps.map(stepIdOf))]
      for (const [a, b] of ids.flatMap((one) => ids.map((other) => [one, other] as const))) {
        if (a === b) continue
        const isBefore = runs(a).every((x) => runs(b).every((y) => x.endNs <= y.startNs))
        const { together, before } = found[`${a}>${b}`] ?? { together: 0, before: 0 }
        found[`${a}>${b}`] = { together: together + 1, before: before + (isBefore ? 1 : 0) }
      }
    }
  return found
}

function stepIdOf({ attributes }: ExecutionSpan): string {
  return String(attributes.get('qflow.step.id'))
}
