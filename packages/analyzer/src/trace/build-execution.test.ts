import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SpanRecord } from '../otlp/span-record.ts'
import { buildExecution } from './build-execution.ts'
import { splitExactly } from './split-exactly.ts'
import { DIAGRAM_START_UNIX_NS, spansFromDiagram } from './trace-diagram.ts'

const build = (records: readonly SpanRecord[]) =>
  buildExecution({ tenant: 't', executionId: 'e', records, closeReason: 'root_ended' })
const rows = (records: readonly SpanRecord[]) =>
  build(records).spans.map(
    ({ name, depth, startNs, endNs }) => `${depth} ${name} ${startNs}-${endNs}`,
  )
const at = (records: readonly SpanRecord[], index: number): SpanRecord => {
  const record = records[index]
  if (record === undefined) throw new Error('the drawing has fewer spans')
  return record
}

const drawing = `
  flow        ===========
    step.a     ===
      GET       =
    step.b         =====`

test('rows: parents before children, siblings in order of time', () => {
  const spans = spansFromDiagram(drawing)
  expect(rows([...spans].reverse())).toEqual([
    '0 execute_flow f 0-11',
    '1 execute_step a 1-4',
    '2 GET 2-3',
    '1 execute_step b 5-10',
  ])
  expect(build(spans)).toMatchObject({
    flowId: 'f',
    status: 'completed',
    startUnixNs: DIAGRAM_START_UNIX_NS,
    durationNs: 11,
    activeNs: 11,
    flags: [],
  })
})

describe('what is not as it should be is a flag, and the rest stands', () => {
  const spans = spansFromDiagram(drawing)
  const changed = (index: number, change: Partial<SpanRecord>): SpanRecord[] =>
    spans.map((span, position) => (position === index ? { ...span, ...change } : span))

  test.each<[string, SpanRecord[], string[]]>([
    [
      'a span that is its own parent',
      changed(1, { parentSpanId: at(spans, 1).spanId }),
      ['self_parent'],
    ],
    ['a cycle', changed(1, { parentSpanId: at(spans, 2).spanId }), ['cycle']],
    ['a missing parent', changed(1, { parentSpanId: 'f'.repeat(16) }), ['missing_parent']],
    ['a span that has not ended', changed(3, { endUnixNs: 0n }), ['unended_span']],
    ['an end before the start', changed(3, { endUnixNs: 7n }), ['end_before_start']],
    ['the same span twice', [...spans, at(spans, 1)], ['duplicate_span']],
    ['no root', spans.slice(1), ['missing_parent', 'missing_root']],
    [
      'a step that goes on after the end',
      changed(3, { endUnixNs: DIAGRAM_START_UNIX_NS + 50n }),
      ['outlives_root'],
    ],
    [
      'a child that starts before its parent by less than clocks of one process differ',
      changed(2, { startUnixNs: DIAGRAM_START_UNIX_NS }),
      [],
    ],
    [
      'a clock that is years away',
      changed(2, { startUnixNs: 1n, endUnixNs: 2n }),
      ['out_of_range_span'],
    ],
  ])('%s', (_name, records, flags) => {
    const execution = build(records)
    expect(execution.flags).toEqual(flags)
    expect(execution.durationNs).toBe(records.length < 4 ? 9 : 11)
  })

  test('a child that starts 2 ms before its parent has another clock', () => {
    const records = changed(2, { startUnixNs: DIAGRAM_START_UNIX_NS - 2_000_000n })
    expect(build(records).flags).toEqual(['clock_skew'])
  })

  test('a trace without a flow lacks nothing but a root of its own', () => {
    const plain = spans.map((span) => ({ ...span, name: 'GET', attributes: new Map() }))
    expect(build(plain).flags).toEqual([])
    expect(build(plain.slice(1)).flags).toEqual(['missing_parent', 'missing_root'])
  })

  test('nothing at all', () => {
    expect(build([])).toMatchObject({ durationNs: 0, spans: [], flags: ['missing_root'] })
  })
})

test("the caller and its other children are not part of the execution; the user's spans inside are", () => {
  const records = spansFromDiagram(`
    POST          ==================
      auth        ===
      flow           ===========
        step.a        ===
          GET          =
      render                    ====`)
  expect(rows(records)).toEqual(['0 execute_flow f 0-11', '1 execute_step a 1-4', '2 GET 2-3'])
})

test("the user's spans within an attempt stand under it", () => {
  const records = spansFromDiagram(`
    flow        ===========
      step.a    ===========
        try.1   ===
        try.2        ======
        GET     ==
        GET2         ==
        GET3      ====`)
  expect(rows(records)).toEqual([
    '0 execute_flow f 0-11',
    '1 execute_step a 0-11',
    '2 attempt a 0-3',
    '3 GET 0-2',
    '2 GET3 2-6',
    '2 attempt a 5-11',
    '3 GET2 5-7',
  ])
  expect(build(records).steps[0]?.attemptCount).toBe(2)
})

describe('phases of a step', () => {
  const step = `
    flow     ==========
      step.a ==========`
  test.each([
    [{ work: 7, ledger: 3 }, { work: 7, ledger: 3 }, []],
    [{ work: 7 }, { work: 7, engine: 3 }, []],
    [{ work: 16, ledger: 4 }, { work: 8, ledger: 2 }, []],
  ])('%j', (measured, phasesNs, flags) => {
    const execution = build(spansFromDiagram(step, { a: measured }))
    expect(execution.steps[0]?.phasesNs).toEqual(phasesNs)
    expect(execution.flags).toEqual(flags)
  })

  test('a sum that misses by more than the µs of a carrier is flagged', () => {
    const wide = `
      flow     ${'='.repeat(4000)}
        step.a ${'='.repeat(4000)}`
    const execution = build(spansFromDiagram(wide, { a: { work: 1000, queue: 500 } }))
    expect(execution.steps[0]?.phasesNs).toEqual({ work: 1000, queue: 500, engine: 2500 })
    expect(execution.flags).toEqual(['phase_sum_mismatch'])
  })

  test('a step without any phase has measured none', () => {
    const [run] = build(spansFromDiagram(step)).steps
    expect(run?.phasesNs).toEqual({})
    expect(run?.missingPhases).toHaveLength(7)
  })

  test.each([1e300, 1e10, -5, Number.NaN, Number.POSITIVE_INFINITY, 2n ** 60n, 'x'])(
    'a phase of %s seconds is no length of time and was not measured',
    (seconds) => {
      const records = spansFromDiagram(step, { a: { work: 7 } })
      const run = at(records, 1)
      const attributes = new Map([...run.attributes, ['qflow.step.phase.ledger', seconds]] as const)
      const execution = build([at(records, 0), { ...run, attributes }])
      expect(execution.steps[0]?.phasesNs).toEqual({ work: 7, engine: 3 })
      expect(execution.steps[0]?.missingPhases).toEqual(['ledger'])
      expect(execution.flags).toEqual(['invalid_phase'])
    },
  )

  test('figures beyond what is exact are absent', () => {
    const records = spansFromDiagram(step)
    const run = at(records, 1)
    const attributes = new Map([
      ...run.attributes,
      ['qflow.step.cpu.time', 1e300],
      ['qflow.step.memory.heap_growth', 1e308],
      ['qflow.step.attempt_count', -1e300],
    ] as const)
    const [figures] = build([at(records, 0), { ...run, attributes }]).steps
    expect(figures).toMatchObject({ cpuNs: undefined, heapGrowthBytes: undefined, attemptCount: 1 })
  })

  test.each([[['queue', 'ledger']], ['["queue","ledger"]']])('missing phases as %j', (missing) => {
    const records = spansFromDiagram(step, { a: { work: 10 } })
    const run = at(records, 1)
    const attributes = new Map([...run.attributes, ['qflow.step.phases.missing', missing]] as const)
    const execution = build([at(records, 0), { ...run, attributes }])
    expect(execution.steps[0]?.missingPhases).toEqual(['ledger', 'queue'])
  })
})

test('a split sums exactly, and no part is off by more than one', () => {
  fc.assert(
    fc.property(
      fc.nat(1e12),
      fc.array(fc.nat(1e9), { minLength: 1, maxLength: 8 }),
      (total, weights) => {
        const parts = splitExactly(total, weights)
        const sum = weights.reduce((a, b) => a + b, 0)
        expect(parts.reduce((a, b) => a + b, 0)).toBe(total)
        for (const [index, part] of parts.entries())
          if (sum > 0)
            expect(Math.abs(part - (total * (weights[index] ?? 0)) / sum)).toBeLessThan(1.01)
      },
    ),
    { numRuns: 5000, seed: 3 },
  )
})

test.each([
  [Number.MAX_SAFE_INTEGER, [1, 1e300, 3]],
  [Number.MAX_SAFE_INTEGER, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]],
  [Number.MAX_SAFE_INTEGER - 1, Array.from({ length: 1000 }, () => Number.MAX_SAFE_INTEGER)],
])('a split of %d ends and sums exactly', (total, weights) => {
  const parts = splitExactly(total, weights)
  expect(parts.reduce((sum, part) => sum + BigInt(part), 0n)).toBe(BigInt(total))
  expect(parts.every((part) => part >= 0)).toBe(true)
})

test.each([
  [10, [1, Number.NaN]],
  [10, [1e308, 1e308]],
  [10, [-1, 2]],
  [Number.NaN, [1]],
  [1e300, [1]],
])('a split of %d by %j is refused', (total, weights) => {
  expect(() => splitExactly(total, weights)).toThrow(/expected .* found/)
})
