import { describe, expect, test } from 'vitest'
import { buildExecution } from '../trace/build-execution.ts'
import type { Execution } from '../trace/execution.ts'
import { spansFromDiagram } from '../trace/trace-diagram.ts'
import { criticalPath } from './critical-path.ts'
import { drawnExecution } from './generated-execution.ts'

const cases = [
  {
    name: 'sequential steps with gaps',
    trace: `
      flow      ==========
        step.a   ===
        step.b      =====`,
    path: 'flow 0-1, a 1-4, b 4-9, flow 9-10',
  },
  {
    name: 'parallel steps: the later end wins',
    trace: `
      flow      ==========
        step.a   ===
        step.b   ========`,
    path: 'flow 0-1, b 1-9, flow 9-10',
  },
  {
    name: 'a pool of two: the task whose end let the next one start',
    trace: `
      flow      =========
        step.a  ======
        step.b  =====
        step.c       ====`,
    path: 'b 0-5, c 5-9',
  },
  {
    name: 'equal ends: the one that started first',
    trace: `
      flow      ==========
        step.b    =======
        step.a   ========`,
    path: 'flow 0-1, a 1-9, flow 9-10',
  },
  {
    name: 'equal intervals: the earlier row',
    trace: `
      flow      ====
        step.a  ====
        step.b  ====`,
    path: 'a 0-4',
  },
  {
    name: 'zero-length spans take no time',
    trace: `
      flow      ====
        step.a  |
        step.b    |
        step.c      |`,
    path: 'flow 0-4',
  },
  {
    name: 'a child that outlives its parent is clipped',
    trace: `
      flow        =====
        step.a     ===
          audit     =======`,
    path: 'flow 0-1, a 1-2, audit 2-4, flow 4-5',
  },
  {
    name: 'a child equal to its parent takes all of it',
    trace: `
      flow        =====
        step.a    =====
          GET     =====`,
    path: 'GET 0-5',
  },
  {
    name: 'the gap between attempts is backoff',
    trace: `
      flow        ===========
        step.a     =========
          try.1    ==
          try.2        =====`,
    path: 'flow 0-1, try 1-3, a/retry_backoff 3-5, try 5-10, flow 10-11',
  },
  {
    name: "the user's call inside an attempt belongs to the attempt",
    trace: `
      flow        ===========
        step.a     =========
          try.1    ==
          try.2        =====
          GET           ==`,
    path: 'flow 0-1, try 1-3, a/retry_backoff 3-5, try 5-6, GET 6-8, try 8-10, flow 10-11',
  },
  {
    name: 'a pause between segments',
    trace: `
      flow.paused  ====
        step.a      ==
      flow                ====
        step.b             ==`,
    path: 'flow 0-1, a 1-3, flow 3-4, paused 4-7, flow 7-8, b 8-10, flow 10-11',
  },
  {
    name: 'two loops of one execution at once',
    trace: `
      flow   ======
      flow       ======`,
    path: 'flow 0-4, flow 4-10',
  },
  {
    name: 'a held resource is not waited for',
    trace: `
      flow       ==========
        step.a   ==========
          acquire ==
          hold      ======
          GET        ====`,
    path: 'a 0-1, acquire 1-3, a 3-4, GET 4-8, a 8-10',
  },
]

describe('drawn', () => {
  test.each(cases)('$name', ({ trace, path }) => {
    expect(show(drawnExecution(trace))).toBe(path)
  })

  test('a span whose parent is missing hangs under the segment in which it starts', () => {
    const spans = spansFromDiagram(`
      flow      ==========
        step.a   ===
        step.b      =====`)
    const orphaned = spans.map((span, index) =>
      index === 2 ? { ...span, parentSpanId: 'f'.repeat(16) } : span,
    )
    const execution = buildExecution({ tenant: 't', executionId: 'e', records: orphaned })
    expect(show(execution)).toBe('flow 0-1, a 1-4, b 4-9, flow 9-10')
    expect(execution.flags).toContain('missing_parent')
  })

  test('without a root, time that no span covers has neither span nor phase', () => {
    const records = spansFromDiagram(`
      step.a   ===
      step.b       ===`)
    const execution = buildExecution({ tenant: 't', executionId: 'e', records })
    expect(show(execution)).toBe('a 0-3, nothing 3-4, b 4-7')
    expect(execution.flags).toContain('missing_root')
  })

  test('siblings that overlap by less than a hundredth count as one after the other', () => {
    const execution = drawnExecution(`
      flow     ${'='.repeat(300)}
        step.a ${'='.repeat(201)}
        step.b ${' '.repeat(200)}${'='.repeat(100)}`)
    expect(show(execution)).toBe('a 0-200, b 200-300')
  })
})

test('wide and deep traces need neither recursion nor quadratic time', () => {
  const wide = drawnExecution('flow =')
  const row = wide.spans[0]
  if (row === undefined) throw new Error('the drawing has a row')
  const count = 100_000
  const siblings = Array.from({ length: count }, (_, index) => ({
    ...row,
    spanId: `s${index}`,
    role: 'foreign' as const,
    startNs: index * 10 + 1,
    endNs: index * 10 + 9,
    parentRow: 0,
    depth: 1,
  }))
  const durationNs = count * 10
  const root = { ...row, endNs: durationNs }
  expect(criticalPath({ ...wide, durationNs, spans: [root, ...siblings] })).toHaveLength(
    2 * count + 1,
  )
  const levels = Array.from({ length: count }, (_, index) => ({
    ...row,
    startNs: index,
    endNs: 3 * count - index,
    parentRow: index - 1,
    depth: index,
  }))
  expect(criticalPath({ ...wide, durationNs: 3 * count, spans: levels })).toHaveLength(
    2 * count - 1,
  )
})

function show(execution: Execution): string {
  return criticalPath(execution)
    .map((part) => {
      const span = execution.spans[part.spanIndex ?? -1]
      const isStep = span?.role === 'step'
      const name = isStep ? part.stepId : (span?.name.split(' ')[0] ?? part.phase ?? 'nothing')
      const short = name === 'execute_flow' ? 'flow' : name === 'attempt' ? 'try' : name
      const phase = isStep && part.phase !== undefined ? `/${part.phase}` : ''
      return `${short}${phase} ${part.startNs}-${part.endNs}`
    })
    .join(', ')
}
