import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PlaceTotal } from '../path/path-total.ts'
import { isSamePlace, OVERALL_PHASES, type PathPlace } from './place.ts'
import { candidatesOf } from './savings.ts'

const total: fc.Arbitrary<PlaceTotal> = fc.record({
  place: fc.record({
    stepId: fc.option(
      fc.integer({ min: 0, max: 50 }).map((step) => `step-${step}`),
      { nil: undefined },
    ),
    phase: fc.constantFrom(undefined, 'paused' as const, 'work' as const, ...OVERALL_PHASES),
    spanName: fc.option(fc.constantFrom('GET', 'POST'), { nil: undefined }),
  }),
  ns: fc.integer({ min: 1, max: 20 }),
  isEstimated: fc.constant(false),
  position: fc.constant(0),
})

test('the places asked about are those of a plain reading of the rule', () => {
  fc.assert(
    fc.property(fc.array(total, { maxLength: 120 }), (all) => {
      const totals = all.filter(
        ({ place }, index) => all.findIndex((one) => isSamePlace(one.place, place)) === index,
      )
      totals.sort((a, b) => b.ns - a.ns)
      for (const durationNs of [10, 200, 1_000]) {
        const places = candidatesOf(totals, durationNs).map(({ place }) => place)
        expect(places).toEqual(slowCandidates(totals, durationNs))
      }
    }),
  )
})

/** Every phase of a step, every named span and every phase of all steps together, with all that lies in it. */
function slowCandidates(totals: readonly PlaceTotal[], durationNs: number): PathPlace[] {
  const places: PathPlace[] = []
  const add = (place: PathPlace) => {
    if (!places.some((one) => isSamePlace(one, place))) places.push(place)
  }
  for (const { place } of totals) {
    if (place.phase === 'paused') continue
    if (place.phase !== undefined) add({ ...place, spanName: undefined })
    if (place.spanName !== undefined) add(place)
  }
  const nsOf = (place: PathPlace) =>
    totals
      .filter((one) =>
        place.spanName === undefined
          ? one.place.phase === place.phase && one.place.stepId === place.stepId
          : isSamePlace(one.place, place),
      )
      .reduce((sum, { ns }) => sum + ns, 0)
  const candidates = places.map((place) => ({ place, ns: nsOf(place) }))
  const overall = OVERALL_PHASES.flatMap((phase) => {
    const parts = candidates.filter(({ place }) => place.phase === phase)
    const ns = parts.reduce((sum, part) => sum + part.ns, 0)
    return parts.length > 1
      ? [{ place: { stepId: undefined, phase, spanName: undefined }, ns }]
      : []
  })
  return [...candidates, ...overall]
    .filter(({ ns }) => ns >= 0.08 * durationNs)
    .sort((a, b) => b.ns - a.ns)
    .slice(0, 6)
    .map(({ place }) => place)
}
