import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PathSample } from './observation.ts'
import { noteSample, pathSample, type SampledExecution } from './path-samples.ts'

const place = fc.constantFrom('a', 'b', 'c').map((stepId) => ({
  stepId,
  phase: 'work' as const,
  spanName: undefined,
}))
const ms = fc.nat(1_000).map((tenths) => tenths / 10)
const sample: fc.Arbitrary<PathSample> = fc.record({
  curves: fc.array(fc.record({ place, savedMs: fc.tuple(ms, ms, ms, ms) }), { maxLength: 3 }),
  slacks: fc.array(fc.record({ stepId: fc.constantFrom('a', 'b'), ms }), { maxLength: 4 }),
})

test('samples come back as they were noted, the last of them', () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 80 }), (noted) => {
      const samples: SampledExecution[] = []
      for (const [sequence, one] of noted.entries())
        noteSample(samples, { sample: one }, { durationMs: 1, sequence })
      expect(samples.map(pathSample)).toEqual(noted.slice(-64))
    }),
    { numRuns: 200, seed: 20261127 },
  )
})

test('samples of the same places and runs share the lists of both', () => {
  const samples: SampledExecution[] = []
  for (const saved of [1, 2]) {
    const curves = [{ place: { stepId: 'a', phase: undefined, spanName: 'x' }, savedMs: [saved] }]
    noteSample(
      samples,
      { sample: { curves, slacks: [{ stepId: 'a', ms: 3 }] } },
      { durationMs: 9, sequence: 0 },
    )
  }
  expect(samples[1]?.places).toBe(samples[0]?.places)
  expect(samples[1]?.stepIds).toBe(samples[0]?.stepIds)
})
