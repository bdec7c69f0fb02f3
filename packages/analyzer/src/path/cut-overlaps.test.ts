import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ExecutionSpan } from '../trace/execution.ts'
import { cutOverlaps } from './cut-overlaps.ts'
import { familiesOf } from './families.ts'
import { drawnExecution } from './generated-execution.ts'

/** Starts and ends around few instants, ns apart, of spans that take up to 1,000 ns: many overlaps of about 1 %. */
const bars = fc.array(
  fc.record({
    from: fc.integer({ min: 0, max: 4 }),
    lengths: fc.integer({ min: 0, max: 4 }),
    early: fc.integer({ min: -6, max: 6 }),
    late: fc.integer({ min: -6, max: 6 }),
  }),
  { minLength: 2, maxLength: 6 },
)

test('cuts what its definition, read literally, cuts', () => {
  const [row] = drawnExecution('flow =').spans
  if (row === undefined) throw new Error('the drawing has a row')
  fc.assert(
    fc.property(bars, (drawn) => {
      const children = drawn
        .map(({ from, lengths, early, late }) => {
          const startNs = 1000 + from * 250 + early
          return {
            ...row,
            parentRow: 0,
            startNs,
            endNs: startNs + Math.max(0, lengths * 250 + late),
          }
        })
        .sort((a, b) => a.startNs - b.startNs || a.endNs - b.endNs)
      const spans = [{ ...row, startNs: 0, endNs: 5000 }, ...children]
      const { endsNs: foundNs, byEnd } = cutOverlaps(familiesOf(spans, 5000))
      const expected = children.map((child, index) => cutEnd(children, child, index) ?? child.endNs)
      expect(foundNs.slice(1)).toEqual(expected)
      const endsNs = byEnd.slice(1).map((at) => expected[at - 1] ?? 0)
      expect(endsNs).toEqual([...endsNs].sort((a, b) => a - b))
    }),
    { numRuns: 5000, seed: 20261121 },
  )
})

/** When the first to start in the last hundredth of a span did, if it outlasts it and nothing ended just before. */
function cutEnd(
  siblings: readonly ExecutionSpan[],
  span: ExecutionSpan,
  index: number,
): number | undefined {
  const tolerance = (one: ExecutionSpan): number => (one.endNs - one.startNs) / 100
  const next = siblings.slice(index + 1).find((one) => span.endNs - one.startNs <= tolerance(span))
  if (next === undefined || next.startNs >= span.endNs || next.endNs <= span.endNs) return undefined
  const ended = siblings.filter((one) => one.endNs <= next.startNs)
  const lastEndNs = Math.max(...ended.map((one) => one.endNs))
  // Of several that ended last the one that started first.
  const last = ended.find((one) => one.endNs === lastEndNs)
  return last !== undefined && next.startNs - last.endNs <= tolerance(last)
    ? undefined
    : next.startNs
}
