import fc from 'fast-check'
import { expect, test } from 'vitest'
import { criticalPath } from '../path/critical-path.ts'
import { drawnExecution, generatedExecution } from '../path/generated-execution.ts'
import { buildExecution } from '../trace/build-execution.ts'
import type { Execution } from '../trace/execution.ts'
import { bracketRows, type Lane, lanesOf } from './lanes.ts'

const cases = [
  {
    name: 'one after the other',
    trace: `
      flow      ==========
        step.a   ===
          GET     =
        step.b      =====`,
    lanes: ['flow( a( GET ) b )'],
  },
  {
    name: 'of siblings that overlap the one on the critical path stays, even if it starts later',
    trace: `
      GET       ==========
        SELECT   ===
        audit     =====
          write    ==
        POST        =====`,
    lanes: ['GET( SELECT POST )', 'audit( write )'],
  },
  {
    name: 'a gap beside the critical path is used',
    trace: `
      GET       ==========
        early   ===
        POST        ======
        late       ==`,
    lanes: ['GET( early POST )', 'late'],
  },
  {
    name: 'what outlives its parent cannot stand within it',
    trace: `
      GET       =====
        mail      ======
          smtp     ==`,
    lanes: ['GET', 'mail( smtp )'],
  },
  {
    name: 'a lane is used again once it is free',
    trace: `
      GET       ==========
        a       ===
        b       ===
        c          =======
        d          ==
        e          ==`,
    lanes: ['GET( a c )', 'b d', 'e'],
  },
  {
    name: 'spans without length, before and after each other',
    trace: `
      GET       ====
        a         |
        b         ==
        c         |`,
    lanes: ['GET( a c b )'],
  },
]

test.each(cases)('$name', ({ trace, lanes }) => {
  const execution = drawnExecution(trace)
  const found = lanesOf(execution, criticalPath(execution))
  expect(found.lanes.map((lane) => show(lane, execution))).toEqual(lanes)
  expect(found.unplacedSpanCount).toBe(0)
})

test('every span is in one lane, once', () => {
  fc.assert(
    fc.property(generatedExecution, (records) => {
      const execution = buildExecution({ tenant: 't', executionId: 'e', records })
      const { lanes, unplacedSpanCount } = lanesOf(execution, criticalPath(execution))
      const rows = lanes.flatMap((lane) => lane.flatMap(bracketRows))
      expect(unplacedSpanCount).toBe(0)
      expect(rows.toSorted((a, b) => a - b)).toEqual(execution.spans.map((_, row) => row))
    }),
    { numRuns: 2_000, seed: 20261101 },
  )
})

test('a thousand things at once: the lanes are bounded and the rest is counted', () => {
  const drawn = drawnExecution(`
      GET    ====
        work  ==`)
  const [root, work] = drawn.spans
  if (root === undefined || work === undefined) throw new Error('the drawing has two rows')
  const spans = [root, ...Array.from({ length: 1_000 }, (_, at) => ({ ...work, spanId: `${at}` }))]
  const { lanes, unplacedSpanCount } = lanesOf({ ...drawn, spans }, [])
  expect(lanes).toHaveLength(128)
  expect(lanes.flatMap((lane) => lane.flatMap(bracketRows)).length + unplacedSpanCount).toBe(1_001)
})

function show(lane: Lane, { spans }: Execution): string {
  return lane
    .map(({ row, inner }) => {
      const name = spans[row]?.name.replace(/^execute_(step )?/, '').replace(/^flow f$/, 'flow')
      return inner.length === 0 ? name : `${name}( ${show(inner, { spans } as Execution)} )`
    })
    .join(' ')
}
