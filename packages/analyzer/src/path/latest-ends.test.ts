import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildExecution } from '../trace/build-execution.ts'
import { familyFrom, NONE } from './families.ts'
import { generatedExecution } from './generated-execution.ts'
import { LatestEnds } from './latest-ends.ts'
import { type SpanForest, spanForest } from './span-forest.ts'

test('the last end beside a row is what looking at every sibling finds', () => {
  fc.assert(
    fc.property(generatedExecution, fc.array(fc.nat(80), { maxLength: 5 }), (records, instants) => {
      const forest = spanForest(buildExecution({ tenant: 't', executionId: 'e', records }))
      const ends = new LatestEnds(forest)
      for (const row of forest.spans.keys())
        for (const beforeNs of instants)
          expect(ends.besides(row, beforeNs)).toBe(slowBesides(forest, row, beforeNs))
    }),
    { numRuns: 500, seed: 1 },
  )
})

/** The definition, read literally. */
function slowBesides(forest: SpanForest, row: number, beforeNs: number): number {
  const { spans, byStart } = forest
  const parent = spans[row]?.parentRow ?? NONE
  const siblings = [...byStart].slice(familyFrom(forest, parent), familyFrom(forest, parent + 1))
  const ends = siblings.flatMap((sibling) => {
    const span = spans[sibling]
    return span === undefined || sibling === row || span.startNs >= beforeNs ? [] : [span.endNs]
  })
  return Math.max(...ends)
}
