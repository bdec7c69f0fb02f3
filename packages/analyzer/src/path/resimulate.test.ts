import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FlowDefinition } from '../otlp/span-record.ts'
import { buildExecution } from '../trace/build-execution.ts'
import type { DrawnPhases } from '../trace/trace-diagram.ts'
import { flowOrder } from './flow-order.ts'
import { drawnExecution, generatedExecution } from './generated-execution.ts'
import { durationWithout, type Removal } from './resimulate.ts'

interface Case {
  readonly name: string
  readonly trace: string
  readonly phases?: DrawnPhases
  readonly without: Removal
  readonly durationNs: number
}

const cases: readonly Case[] = [
  {
    name: 'steps in a row: all that follows moves forward',
    trace: `
      flow      ==========
        step.a   ===
        step.b      =====`,
    phases: { a: { work: 2, ledger: 1 } },
    without: { stepId: 'a', phase: 'work' },
    durationNs: 8,
  },
  {
    name: 'beside a longer step nothing is gained',
    trace: `
      flow      ==========
        step.a   ===
        step.b   ========`,
    phases: { a: { work: 3 } },
    without: { stepId: 'a', phase: 'work' },
    durationNs: 10,
  },
  {
    name: 'only until the other branch is the longer one',
    trace: `
      flow      ==========
        step.a   =====
        step.b   ========`,
    phases: { b: { work: 8 } },
    without: { stepId: 'b', phase: 'work' },
    durationNs: 7,
  },
  {
    name: 'a step after a join waits for both',
    trace: `
      flow      ==========
        step.a  ===
        step.b  =====
        step.c       =====`,
    phases: { b: { work: 5 } },
    without: { stepId: 'b', phase: 'work' },
    durationNs: 8,
  },
  {
    name: 'without a step a phase goes from every step',
    trace: `
      flow      ==========
        step.a   ===
        step.b      =====`,
    phases: { a: { work: 2, ledger: 1 }, b: { work: 3, ledger: 2 } },
    without: { stepId: undefined, phase: 'ledger' },
    durationNs: 7,
  },
  {
    name: "the user's call inside a step",
    trace: `
      flow      ==========
        step.a   ========
          GET      =====`,
    phases: { a: { work: 8 } },
    without: { spanName: 'GET' },
    durationNs: 5,
  },
  {
    name: 'work with the call in it',
    trace: `
      flow      ==========
        step.a   ========
          GET      =====`,
    phases: { a: { work: 6, ledger: 2 } },
    without: { stepId: 'a', phase: 'work' },
    durationNs: 4,
  },
  {
    name: 'work of a group is not the work of its steps',
    trace: `
      flow        ==========
        step.g    ==========
          step.a   =======`,
    phases: { g: { work: 8, engine: 2 }, a: { work: 7 } },
    without: { stepId: 'g', phase: 'work' },
    durationNs: 9,
  },
  {
    name: 'backoff is the gap between attempts',
    trace: `
      flow        ===========
        step.a     =========
          try.1    ==
          try.2        =====`,
    phases: { a: { retry_backoff: 2, work: 7 } },
    without: { stepId: 'a', phase: 'retry_backoff' },
    durationNs: 9,
  },
  {
    name: 'a detail span vanishes where it stands',
    trace: `
      flow        ==========
        step.a    ==========
          validate  ====
          GET           ===`,
    phases: { a: { validation: 4, work: 6 } },
    without: { stepId: 'a', phase: 'validation' },
    durationNs: 6,
  },
  {
    name: 'waiting in the queue is at the start',
    trace: `
      flow        ==========
        step.a    ==========
          GET         ====`,
    phases: { a: { queue: 3, work: 7 } },
    without: { stepId: 'a', phase: 'queue' },
    durationNs: 7,
  },
  {
    name: 'a group of two slots: the step that queued takes the slot that comes free first',
    trace: `
      flow        =========
        step.g    =========
          step.a  ======
          step.b  =====
          step.c  =========`,
    phases: { g: { work: 9 }, a: { work: 6 }, b: { work: 5 }, c: { queue: 5, work: 4 } },
    without: { stepId: 'b', phase: 'work' },
    durationNs: 6,
  },
  {
    name: 'work that queued for a slot does not take the wait with it',
    trace: `
      flow        =========
        step.g    =========
          step.a  ======
          step.b  =====
          step.c  =========`,
    phases: { g: { work: 9 }, a: { work: 6 }, b: { work: 5 }, c: { queue: 5, work: 4 } },
    without: { stepId: 'c', phase: 'work' },
    durationNs: 6,
  },
  {
    name: 'without its queue a step starts with its group',
    trace: `
      flow        =========
        step.g    =========
          step.a  ======
          step.b  =====
          step.c  =========`,
    phases: { g: { work: 9 }, a: { work: 6 }, b: { work: 5 }, c: { queue: 5, work: 4 } },
    without: { stepId: undefined, phase: 'queue' },
    durationNs: 6,
  },
  {
    name: 'between steps',
    trace: `
      flow      ==========
        step.a   ===
        step.b       ===`,
    without: { stepId: undefined, phase: 'engine' },
    durationNs: 6,
  },
  {
    name: 'pauses stay',
    trace: `
      flow.paused ====
        step.a    ====
      flow             ====`,
    phases: { a: { work: 4 } },
    without: { stepId: 'a', phase: 'work' },
    durationNs: 5,
  },
]

test.each(cases)('$name', ({ trace, phases, without, durationNs }) => {
  expect(durationWithout(drawnExecution(trace, phases), without)).toBe(durationNs)
})

test("the definition's edges beat timing", () => {
  const execution = drawnExecution(
    `
      flow      =========
        step.a  ==
        step.b  ====
        step.c      =====`,
    { b: { work: 4 }, a: { work: 2 } },
  )
  const step = { type: 'task', action: 'x' }
  const flow: FlowDefinition = {
    flowId: 'f',
    version: '1',
    sha256: '',
    steps: [
      { id: 'a', onSuccess: 'c', ...step },
      { id: 'b', ...step },
      { id: 'c', ...step },
    ],
  }
  expect(durationWithout(execution, { stepId: 'b', phase: 'work' })).toBe(7)
  expect(durationWithout(execution, { stepId: 'b', phase: 'work' }, flowOrder(flow))).toBe(9)
  expect(durationWithout(execution, { stepId: 'a', phase: 'work' }, flowOrder(flow))).toBe(7)
})

const removals: fc.Arbitrary<Removal> = fc.oneof(
  fc.record({
    stepId: fc.constantFrom('s0', 's1', 's2', 's3', undefined),
    phase: fc.constantFrom('work' as const, 'engine' as const, 'validation' as const),
  }),
  fc.record({ spanName: fc.constantFrom('GET 0', 'GET 1') }),
)

test('never longer, never negative, whole ns; exactly the duration when nothing matches', () => {
  fc.assert(
    fc.property(generatedExecution, removals, (records, removal) => {
      const execution = buildExecution({ tenant: 't', executionId: 'e', records })
      const ns = durationWithout(execution, removal)
      expect(ns).toBeGreaterThanOrEqual(0)
      expect(ns).toBeLessThanOrEqual(execution.durationNs)
      expect(Number.isInteger(ns)).toBe(true)
      expect(durationWithout(execution, { spanName: 'none' })).toBe(execution.durationNs)
      expect(durationWithout(execution, { stepId: 'none', phase: 'work' })).toBe(
        execution.durationNs,
      )
    }),
    { numRuns: 10_000, seed: 20261104 },
  )
})
