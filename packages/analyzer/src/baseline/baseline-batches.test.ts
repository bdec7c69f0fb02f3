import fc from 'fast-check'
import { expect, test } from 'vitest'
import { simulatedFigure, simulatedObservation } from '../detect/simulated-flow.ts'
import type { Phase } from '../trace/execution.ts'
import { BaselineBatches } from './baseline-batches.ts'
import { remember, type VersionBaseline } from './flow-baseline.ts'
import type { Observation } from './observation.ts'

const HOUR_NS = 3_600_000_000_000n

/** Mostly alike: what makes one unlike the others is rare, as in a flow. */
const rarely = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  )
const ms = fc.double({ min: 0, max: 1e4, noNaN: true })
const run = fc.record({
  durationMs: ms,
  work: fc.option(ms, { nil: undefined, freq: 20 }),
  queue: rarely<number | undefined>(undefined, 0, 3),
  action: rarely<string | undefined>('call', 'other', undefined),
  isFailed: rarely(false, true),
  missing: rarely<readonly Phase[]>([], ['ledger']),
})
const execution = fc.record({
  durationMs: ms,
  flowVersion: rarely('1', '2'),
  hour: rarely(3, 2, 4),
  unjudged: rarely<Observation['unjudged']>(undefined, 'failed'),
  stepIds: rarely(['a', 'b'], ['a'], ['b', 'a'], ['a', 'a'], ['c', 'b']),
  runs: fc.tuple(run, run),
})

test('make of executions what remembering one after the other makes of them, whenever somebody looks', () => {
  fc.assert(
    fc.property(
      fc.array(execution, { maxLength: 60 }),
      fc.integer({ min: 1, max: 60 }),
      (all, every) => {
        const batches = new BaselineBatches()
        const batched: VersionBaseline[] = []
        const direct: VersionBaseline[] = []
        for (const [index, one] of all.entries()) {
          const observation = observationOf(index, one)
          batches.add(batched, observation, {})
          remember(direct, observation, {})
          if (index % every !== 0) continue
          batches.settle(batched)
          expect(batched).toEqual(direct)
        }
        batches.settle(batched)
        expect(batched).toEqual(direct)
      },
    ),
  )
})

test('lets up to eight executions like the one before wait', () => {
  const batches = new BaselineBatches()
  const versions: VersionBaseline[] = []
  const one = { durationMs: 1, work: 1, queue: undefined, action: 'call' }
  const usual = { ...one, isFailed: false, missing: [] }
  const counts = Array.from({ length: 11 }, (_, index) => {
    const runs: [typeof usual, typeof usual] = [usual, usual]
    const known = { flowVersion: '1', hour: 3, unjudged: undefined, stepIds: ['a', 'b'], runs }
    batches.add(versions, observationOf(index, { durationMs: 2, ...known }), {})
    return versions[0]?.buckets[0]?.executionCount
  })
  expect(counts).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 9, 9, 9])
})

type Drawn = typeof execution extends fc.Arbitrary<infer T> ? T : never

function observationOf(index: number, one: Drawn): Observation {
  const { durationMs, flowVersion, hour, unjudged, stepIds, runs } = one
  const steps = stepIds.map((stepId, at) => {
    const { work, queue, action, isFailed, missing, durationMs } = runs[at] ?? runs[0]
    const phasesMs = { work, queue }
    return simulatedFigure({
      stepId,
      durationMs,
      action,
      isFailed,
      phasesMs,
      missingPhases: missing,
    })
  })
  const endUnixNs = BigInt(hour) * HOUR_NS + BigInt(index)
  const model = simulatedObservation({ seed: 1, index, parts: [durationMs] })
  return { ...model, durationMs, flowVersion, unjudged, endUnixNs, steps }
}
