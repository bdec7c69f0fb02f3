import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildExecution } from '../trace/build-execution.ts'
import type { DrawnPhases } from '../trace/trace-diagram.ts'
import { criticalPath } from './critical-path.ts'
import { drawnExecution, generatedExecution, shuffled } from './generated-execution.ts'
import type { PathSegment } from './path-segment.ts'
import { ownPhases, pathTotals } from './phases.ts'

interface Case {
  readonly name: string
  readonly trace: string
  readonly phases: DrawnPhases
  readonly totals: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'a whole step has its measured phases',
    trace: `
      flow      ==========
        step.a   ========`,
    phases: { a: { validation: 1, work: 5, ledger: 2 } },
    totals: ['a work 5', '- engine 2', 'a ledger 2', 'a validation 1'],
  },
  {
    name: "the user's span comes out of work",
    trace: `
      flow      ==========
        step.a  ==========
          GET      ====`,
    phases: { a: { validation: 3, work: 7 } },
    totals: ['a work:GET 4', 'a validation 3', 'a work 3'],
  },
  {
    name: 'a step beside the path has no part in it',
    trace: `
      flow      ==========
        step.a  ======
        step.b     =======`,
    phases: { a: { work: 6 }, b: { work: 5, engine: 2 } },
    totals: ['b work 5', '- engine 3', 'b engine 2'],
  },
  {
    name: 'a step clipped by its parent is split in proportion, and says so',
    trace: `
      flow      =====
        step.a   ========`,
    phases: { a: { work: 6, engine: 2 } },
    totals: ['a work ~3', '- engine 1', 'a engine ~1'],
  },
  {
    name: 'a group counts its steps as work, and they speak for themselves',
    trace: `
      flow        ==========
        step.g    ==========
          step.a   ===
          step.b   =======`,
    phases: { g: { validation: 1, work: 7, engine: 2 }, a: { work: 3 }, b: { queue: 2, work: 5 } },
    totals: ['b work 5', 'b queue 2', 'g engine 2', 'g validation 1'],
  },
  {
    name: 'two runs of one step are one place',
    trace: `
      flow      ==========
        step.a  ====
        step.a      ======`,
    phases: { a: { work: 4 } },
    totals: ['a work 8', 'a engine 2'],
  },
  {
    name: 'a step that measured nothing has no phase',
    trace: `
      flow      ====
        step.a  ====`,
    phases: {},
    totals: ['a - 4'],
  },
  {
    name: 'a pause is a place of its own',
    trace: `
      flow.paused ==
      flow            ==`,
    phases: {},
    totals: ['- engine 4', '- paused 2'],
  },
]

test.each(cases)('$name', ({ trace, phases, totals }) => {
  const execution = drawnExecution(trace, phases)
  expect(pathTotals(execution, criticalPath(execution)).map(show)).toEqual(totals)
})

test.each<readonly [string, (path: readonly PathSegment[]) => readonly PathSegment[], string]>([
  ['its middle', (path) => path.slice(1, -1), 'ends at 9 ns, found 2 to 7 ns at path[0]'],
  ['all but its last', (path) => path.slice(0, -1), 'ends at 9 ns, found 2 to 7 ns at path[1]'],
  ['all but its first', (path) => path.slice(1), 'nothing before 2 ns at path[0]'],
  ['none', () => [], 'nothing before 9 ns at path[0]'],
  ['it twice', (path) => [...path, ...path], 'ends at 0 ns, found 7 to 9 ns at path[2]'],
  ['it backwards', (path) => path.toReversed(), 'ends at 9 ns, found 0 to 2 ns at path[2]'],
])('of a path %s is refused', (_, part, message) => {
  const execution = drawnExecution(`
    flow      =========
      step.a    =====`)
  const path = criticalPath(execution)
  expect(path).toHaveLength(3)
  expect(() => pathTotals(execution, part(path))).toThrow(RangeError)
  expect(() => pathTotals(execution, part(path))).toThrow(message)
})

test('10,000 generated executions: totals sum exactly, whatever the order of the spans', () => {
  fc.assert(
    fc.property(generatedExecution, fc.nat(), (records, seed) => {
      const execution = buildExecution({ tenant: 't', executionId: 'e', records })
      const totals = pathTotals(execution, criticalPath(execution))
      expect(totals.reduce((sum, { ns }) => sum + ns, 0)).toBe(execution.durationNs)
      expect(totals.every(({ ns }) => Number.isInteger(ns) && ns > 0)).toBe(true)
      const again = buildExecution({
        tenant: 't',
        executionId: 'e',
        records: shuffled(records, seed),
      })
      expect(pathTotals(again, criticalPath(again))).toEqual(totals)
    }),
    { numRuns: 10_000, seed: 20261102 },
  )
})

test('phases of every step sum to its duration, also where the attributes do not', () => {
  fc.assert(
    fc.property(generatedExecution, (records) => {
      const { steps } = buildExecution({ tenant: 't', executionId: 'e', records })
      for (const { phasesNs, startNs, endNs } of steps) {
        const sumNs = Object.values(phasesNs).reduce((sum: number, ns) => sum + (ns ?? 0), 0)
        expect(sumNs).toBe(endNs - startNs)
      }
    }),
    { numRuns: 10_000, seed: 20261103 },
  )
})

function show(total: ReturnType<typeof pathTotals>[number]): string {
  const span = total.spanName === undefined ? '' : `:${total.spanName}`
  const mark = total.isEstimated ? '~' : ''
  return `${total.stepId ?? '-'} ${total.phase ?? '-'}${span} ${mark}${total.ns}`
}

test('what a step does itself consists of what is left of its phases', () => {
  const execution = drawnExecution(
    `
      flow        ============
        step.a     ==========
          GET         ====
        step.b               =`,
    { a: { validation: 3, work: 6, ledger: 1 } },
  )
  const path = criticalPath(execution)
  const phases = ownPhases(execution, path)
  const own = [
    { phase: 'validation', ratio: 0.5 },
    { phase: 'work', ratio: expect.closeTo(1 / 3, 9) },
    { phase: 'ledger', ratio: expect.closeTo(1 / 6, 9) },
  ]
  const told = path.map(({ stepId, phase }, index) => [stepId, phase, phases[index]])
  expect(told).toEqual([
    [undefined, 'engine', undefined],
    ['a', undefined, own],
    ['a', 'work', undefined],
    ['a', undefined, own],
    ['b', undefined, undefined],
  ])
})

test('own phases sum to 1, and with what spans of users tell to the totals', () => {
  fc.assert(
    fc.property(generatedExecution, (records) => {
      const execution = buildExecution({ tenant: 't', executionId: 'e', records })
      const path = criticalPath(execution)
      // A detail span may tell more of a phase than the step measured: then one of both is wrong.
      const isTold = ({ phase, stepId }: PathSegment) => stepId !== undefined && phase !== 'work'
      fc.pre(!path.some((one) => one.phase !== undefined && isTold(one)))
      const phases = ownPhases(execution, path)
      const sums = new Map<string, number>()
      const add = (stepId: string | undefined, phase: string | undefined, ns: number) => {
        const key = `${stepId} ${phase}`
        sums.set(key, (sums.get(key) ?? 0) + ns)
      }
      for (const [index, { stepId, phase, startNs, endNs }] of path.entries()) {
        const own = phases[index]
        if (own === undefined) add(stepId, phase, endNs - startNs)
        else {
          expect(own.reduce((sum, { ratio }) => sum + ratio, 0)).toBeCloseTo(1, 9)
          for (const { phase, ratio } of own) add(stepId, phase, ratio * (endNs - startNs))
        }
      }
      for (const { stepId, phase, ns } of pathTotals(execution, path)) add(stepId, phase, -ns)
      // Of each run what is estimated is rounded to whole ns.
      for (const [key, ns] of sums)
        expect(Math.abs(ns), key).toBeLessThan(execution.steps.length + 1)
    }),
    { numRuns: 2_000, seed: 20261104 },
  )
})
