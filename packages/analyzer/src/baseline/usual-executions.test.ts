import fc from 'fast-check'
import { expect, test } from 'vitest'
import { simulatedFigure, simulatedObservation } from '../detect/simulated-flow.ts'
import { emptyFlow, type FlowState } from '../flow-state.ts'
import type { Phase } from '../trace/execution.ts'
import { rememberCircumstance } from './circumstances.ts'
import type { Counters } from './counters.ts'
import { noteVersions } from './deployments.ts'
import { remember } from './flow-baseline.ts'
import { appendEntry } from './history.ts'
import type { Observation } from './observation.ts'
import { noteRun } from './recent-runs.ts'
import { runTable } from './run-table.ts'
import { UsualExecutions } from './usual-executions.ts'
import { rememberVariant } from './variants.ts'

const HOUR_NS = 3_600_000_000_000n

/** Mostly alike: what makes one unlike the others is rare, as in a flow. */
const rarely = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  )
const ms = fc.oneof(fc.double({ min: 0, max: 1e4, noNaN: true }), fc.constantFrom(0, 1))
const run = fc.record({
  startMs: ms,
  durationMs: ms,
  work: fc.option(ms, { nil: undefined, freq: 20 }),
  queue: rarely<number | undefined>(undefined, 0, 3),
  action: rarely<string | undefined>('call', 'other', undefined),
  isFailed: rarely(false, true),
  missing: rarely<readonly Phase[]>([], ['ledger']),
})
/** Lists that executions share while they say the same, as those of one layout do; and one that says what the first says. */
const shared = ['1', '2', '1'].map((value) => [{ key: 'service.version', value }])
const own = Array.from({ length: 70 }, (_, index) => [{ key: 'order', value: String(index) }])
const execution = fc.record({
  durationMs: ms,
  flowVersion: rarely('1', '2'),
  hour: rarely(3, 2, 4),
  unjudged: rarely<Observation['unjudged']>(undefined, 'failed'),
  weight: rarely<number | undefined>(1, 3, undefined),
  facts: fc.oneof(
    { weight: 12, arbitrary: fc.constant(shared[0]) },
    { weight: 3, arbitrary: fc.constantFrom(...shared, ...own) },
  ),
  stepIds: rarely(['a', 'b'], ['a'], ['b', 'a'], ['a', 'a'], ['c', 'b']),
  runs: fc.tuple(run, run),
})
/** So many of them follow each other that batches fill. */
const calm = fc
  .tuple(execution, fc.array(fc.tuple(ms, ms, ms, ms), { maxLength: 80 }))
  .map(([one, figures]) =>
    figures.map(([durationMs, startMs, stepMs, work]): typeof one => {
      const figure = { startMs, durationMs: stepMs, work }
      const [first, second] = one.runs
      return {
        ...one,
        durationMs,
        runs: [
          { ...first, ...figure },
          { ...second, ...figure },
        ],
      }
    }),
  )
const executions = fc.oneof(
  fc.array(execution, { maxLength: 150 }),
  fc.array(calm, { maxLength: 6 }).map((all) => all.flat()),
)

test('make of executions what remembering one after the other makes of them, whenever somebody looks', () => {
  fc.assert(
    fc.property(executions, fc.integer({ min: 1, max: 150 }), (all, every) => {
      const usual = new UsualExecutions()
      const [batched, direct] = [emptyFlow('t', 'f'), emptyFlow('t', 'f')]
      const counters: { batched: Counters; direct: Counters } = { batched: {}, direct: {} }
      for (const [index, one] of all.entries()) {
        const observation = observationOf(index, one)
        enterUsual(batched, observation, usual, counters.batched)
        enterAlone(direct, observation, counters.direct)
        if (index % every !== 0) continue
        usual.settle(batched)
        expect(batched).toEqual(direct)
      }
      usual.settle(batched)
      expect(batched).toEqual(direct)
      expect(counters.batched).toEqual(counters.direct)
    }),
  )
})

test('lets up to 32 executions like the one before wait', () => {
  const usual = new UsualExecutions()
  const flow = emptyFlow('t', 'f')
  const one = { startMs: 0, durationMs: 1, work: 1, queue: undefined, action: 'call' }
  const like = { ...one, isFailed: false, missing: [] }
  const counts = Array.from({ length: 35 }, (_, index) => {
    const runs: [typeof like, typeof like] = [like, like]
    const known = { flowVersion: '1', hour: 3, unjudged: undefined, weight: 1, facts: shared[0] }
    const drawn = { durationMs: 2, ...known, stepIds: ['a', 'b'], runs }
    enterUsual(flow, observationOf(index, drawn), usual, {})
    return [flow.versions[0]?.buckets[0]?.executionCount, flow.runs.length]
  })
  const firsts = Array.from({ length: 32 }, () => [1, 1])
  expect(counts).toEqual([...firsts, [33, 1], [33, 1], [33, 1]])
  usual.settle(flow)
  expect([flow.versions[0]?.buckets[0]?.executionCount, flow.runs.length]).toEqual([35, 35])
})

function enterUsual(
  flow: FlowState,
  observation: Observation,
  usual: UsualExecutions,
  counters: Counters,
): void {
  const own = usual.of(flow)
  const taken = own.take(observation, runTable(observation))
  const kind = taken ?? rememberAlone(flow, observation, counters)
  if (taken === undefined) own.begin(observation, kind)
  const circumstance = own.noteFacts(observation, counters)
  if (observation.unjudged === undefined)
    appendEntry(flow.history, observation, counters, { ...kind, circumstance })
}

/** The oracle. */
function enterAlone(flow: FlowState, observation: Observation, counters: Counters): void {
  const { variant } = rememberAlone(flow, observation, counters)
  const { deployments, circumstances, history } = flow
  const { nextSequence: sequence, entries } = history
  noteVersions(deployments, observation, sequence, counters)
  if (observation.unjudged !== undefined) return
  const place = { entries, sequence }
  const circumstance = rememberCircumstance(circumstances, observation.facts, place, counters)
  appendEntry(history, observation, counters, { variant, circumstance })
}

function rememberAlone(flow: FlowState, observation: Observation, counters: Counters) {
  remember(flow.versions, observation, counters)
  const { stepIds } = noteRun(flow.runs, observation)
  return { variant: rememberVariant(flow.variants, observation, counters), stepIds }
}

type Drawn = typeof execution extends fc.Arbitrary<infer T> ? T : never

function observationOf(index: number, one: Drawn): Observation {
  const { durationMs, flowVersion, hour, unjudged, weight, facts = [], stepIds, runs } = one
  const steps = stepIds.map((stepId, at) => {
    const { work, queue, missing, ...figure } = runs[at] ?? runs[0]
    const phasesMs = { work, queue }
    return simulatedFigure({ ...figure, stepId, phasesMs, missingPhases: missing })
  })
  const endUnixNs = BigInt(hour) * HOUR_NS + BigInt(index)
  const model = simulatedObservation({ seed: 1, index, parts: [durationMs] })
  const known = { durationMs, flowVersion, unjudged, weight, facts }
  return { ...model, ...known, endUnixNs, steps }
}
