import fc from 'fast-check'
import { expect, test } from 'vitest'
import { moveEarlier, orderByEnd } from './order-by-end.ts'

/** Ends of few instants or of many, up to days in ns, of families on both sides of where the way of sorting changes. */
const families = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 4 }),
    fc.constantFrom(1, 20, 1e6, 5e9, 2 ** 50),
    fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
  )
  .map(([sizes, rangeNs, ratios]) => {
    const childFrom = [0]
    for (const size of sizes) childFrom.push((childFrom.at(-1) ?? 0) + size)
    const byStart = Array.from({ length: childFrom.at(-1) ?? 0 }, (_, row) => row)
    const endsNs = byStart.map(() => Math.floor((ratios.next().value ?? 0) * rangeNs))
    return { childFrom, byStart, endsNs }
  })

test('each family is in order of end, of equal ends the later row first', () => {
  fc.assert(
    fc.property(families, (drawn) => {
      expect(orderByEnd(drawn)).toEqual(sortedFamilies(drawn))
    }),
    { numRuns: 300, seed: 20261126 },
  )
})

test('rows that end earlier stand where sorting anew would put them', () => {
  fc.assert(
    fc.property(families, fc.infiniteStream(fc.nat(5)), (drawn, draws) => {
      const { childFrom, byStart, endsNs: wereNs } = drawn
      const endsNs = wereNs.map((ns) => (draws.next().value === 0 ? Math.floor(0.9 * ns) : ns))
      const byEnd = orderByEnd(drawn)
      for (const [family, from] of childFrom.slice(0, -1).entries()) {
        const to = childFrom[family + 1] ?? 0
        const moved = byStart.slice(from, to).filter((row) => endsNs[row] !== wereNs[row])
        moveEarlier(byEnd, { from, to }, { moved, wereNs, endsNs })
      }
      expect(byEnd).toEqual(sortedFamilies({ ...drawn, endsNs }))
    }),
    { numRuns: 300, seed: 20261127 },
  )
})

/** The definition, read literally. */
function sortedFamilies({
  childFrom,
  byStart,
  endsNs,
}: Parameters<typeof orderByEnd>[0]): readonly number[] {
  const rows = [...byStart]
  const froms = [...childFrom].slice(0, -1)
  return froms.flatMap((from, family) =>
    rows
      .slice(from, childFrom[family + 1])
      .sort((a, b) => (endsNs[a] ?? 0) - (endsNs[b] ?? 0) || b - a),
  )
}
