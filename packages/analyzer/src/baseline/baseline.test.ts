import fc from 'fast-check'
import { expect, test } from 'vitest'
import { simulatedFigure, simulatedObservation } from '../detect/simulated-flow.ts'
import { sketchToJson } from '../stats/sketch.ts'
import type { Counters } from './counters.ts'
import { mergeHours, mergeVersions, remember, type VersionBaseline } from './flow-baseline.ts'
import {
  appendEntry,
  emptyHistory,
  entriesBetween,
  entryCapacity,
  MAX_ENTRY_COUNT,
  meanParts,
} from './history.ts'
import type { Observation, StepFigure } from './observation.ts'
import { MAX_PLACE_COUNT } from './place.ts'

test('versions merged equal all executions in one version', () => {
  const apart: VersionBaseline[] = []
  const together: VersionBaseline[] = []
  for (let index = 0; index < 60; index += 1) {
    const one = withStep(index, { validation: index, work: 2 })
    remember(apart, { ...one, flowVersion: `v${index % 3}` }, {})
    remember(together, one, {})
  }
  const [merged, whole] = [mergeVersions(apart), mergeVersions(together)]
  expect(apart).toHaveLength(3)
  expect(merged.executionCount).toBe(60)
  expect(sketchToJson(merged.durationMs)).toEqual(sketchToJson(whole.durationMs))
  expect(merged.steps[0]?.phases).toEqual(whole.steps[0]?.phases)
})

test('however executions are dealt to parts, versions and hours, the parts merged are the whole', () => {
  const execution = fc.record({
    part: fc.integer({ min: 0, max: 2 }),
    version: fc.constantFrom('1', '2', undefined),
    hour: fc.integer({ min: 0, max: 11 }),
    ms: fc.integer({ min: 1, max: 100_000 }),
    isFailed: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(execution, { maxLength: 60 }), (drawn) => {
      const parts: VersionBaseline[][] = [[], [], []]
      const whole: VersionBaseline[] = []
      for (const [index, { part, version, hour, ms, isFailed }] of drawn.entries()) {
        const one: Observation = {
          ...withStep(index, { work: ms }),
          durationMs: ms,
          flowVersion: version,
          endUnixNs: BigInt(hour) * HOUR_NS,
          unjudged: isFailed ? 'failed' : undefined,
        }
        remember(parts[part] ?? [], one, {})
        remember(whole, one, {})
      }
      expect(figuresOf(parts.flat())).toEqual(figuresOf(whole))
    }),
  )
})

test('a missing phase is named and not counted as 0', () => {
  const versions: VersionBaseline[] = []
  remember(versions, withStep(1, { work: 10 }), {})
  remember(versions, withStep(2, {}, ['work']), {})
  const step = versions[0]?.buckets[0]?.steps[0]
  expect(step?.missingPhases).toEqual(['work'])
  expect(step?.phases).toMatchObject([{ phase: 'work', missingCount: 1, sumMs: 10 }])
})

test('bounds are named', () => {
  const counters: Counters = {}
  const versions: VersionBaseline[] = []
  for (let index = 0; index < 10; index += 1) {
    const one = withStep(index, {})
    remember(versions, { ...one, flowVersion: `v${index}` }, counters)
  }
  expect(versions.map(({ version }) => version)).toEqual(
    [2, 3, 4, 5, 6, 7, 8, 9].map((index) => `v${index}`),
  )
  const steps = Array.from({ length: 501 }, (_, k) => simulatedFigure({ stepId: `step-${k}` }))
  remember(versions, { ...withStep(1, {}), flowVersion: 'v9', steps }, counters)
  expect(counters).toEqual({ version_limit: 2, step_limit: 2 })
})

test('hours are kept apart, the oldest become one, and together they are the whole', () => {
  const byHour: VersionBaseline[] = []
  const together: VersionBaseline[] = []
  for (let index = 0; index < 60; index += 1) {
    const one = withStep(index, { work: index })
    const hour = Math.floor(index / 5)
    remember(byHour, { ...one, endUnixNs: BigInt(hour) * HOUR_NS + 7n }, {})
    remember(together, one, {})
  }
  const starts = mergeHours(byHour).map(({ startUnixNs }) => Number(startUnixNs / HOUR_NS))
  expect(starts).toEqual([0, 5, 6, 7, 8, 9, 10, 11])
  expect(mergeHours(byHour).map(({ executionCount }) => executionCount)).toEqual([
    25, 5, 5, 5, 5, 5, 5, 5,
  ])
  expect(mergeVersions(byHour)).toEqual(mergeVersions(together))
})

test('an hour that comes late finds its place, and what is older than all goes to the oldest', () => {
  const versions: VersionBaseline[] = []
  for (const hour of [20, 22, 21, 3])
    remember(versions, { ...withStep(hour, {}), endUnixNs: BigInt(hour) * HOUR_NS }, {})
  const counts = mergeHours(versions).map(({ startUnixNs, executionCount }) => [
    Number(startUnixNs / HOUR_NS),
    executionCount,
  ])
  expect(counts).toEqual([
    [20, 2],
    [21, 1],
    [22, 1],
  ])
})

test('the history forgets the oldest, and its parts still add up beyond the table of places', () => {
  const history = emptyHistory()
  const counters: Counters = {}
  for (let index = 0; index < 300; index += 1) {
    const parts = [10, 5]
    const one = simulatedObservation({ seed: 1, index, parts })
    const place = { stepId: 'call', phase: 'work' as const, spanName: `GET /orders/${index}` }
    appendEntry(history, { ...one, parts: [{ place, ms: 15 }], savings: [] }, counters)
  }
  expect(history.entries).toHaveLength(MAX_ENTRY_COUNT)
  expect(history.places).toHaveLength(MAX_PLACE_COUNT)
  expect(counters['series_limit']).toBe(300 - (MAX_PLACE_COUNT - 1))
  const sum = meanParts(history, history.entries).reduce((total, ms) => total + ms, 0)
  expect(sum).toBeCloseTo(15, 9)
  expect(entriesBetween(history, 297).map(({ sequence }) => sequence)).toEqual([297, 298, 299])
})

test('with many flows each remembers less, and what it costs is counted', () => {
  expect([1, 100, 1_000, 100_000].map((count) => entryCapacity(count, 128e6))).toEqual([
    256, 256, 128, 64,
  ])
  const history = emptyHistory()
  const counters: Counters = {}
  for (let index = 0; index < 100; index += 1)
    appendEntry(history, simulatedObservation({ seed: 1, index, parts: [1] }), counters, {
      capacity: 64,
    })
  expect(history.entries.map(({ sequence }) => sequence).at(0)).toBe(36)
  expect(counters).toEqual({ history_limit: 36 })
})

function figuresOf(versions: readonly VersionBaseline[]) {
  const { executionCount, failedCount, durationMs, steps } = mergeVersions(versions)
  return {
    executionCount,
    failedCount,
    durationMs: sketchToJson(durationMs),
    steps: steps.map(({ stepId, runCount, phases, durationMs: ofStep }) => ({
      stepId,
      runCount,
      durationMs: sketchToJson(ofStep),
      phases: phases.map(({ phase, sumMs, ms }) => ({ phase, sumMs, ms: sketchToJson(ms) })),
    })),
  }
}

const HOUR_NS = 3_600_000_000_000n

function withStep(
  index: number,
  phasesMs: StepFigure['phasesMs'],
  missingPhases: StepFigure['missingPhases'] = [],
): Observation {
  const one = simulatedObservation({ seed: 1, index, parts: [index + 1] })
  return { ...one, steps: [simulatedFigure({ phasesMs, missingPhases })] }
}
