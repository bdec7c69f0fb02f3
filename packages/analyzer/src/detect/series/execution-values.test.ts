import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendEntry, emptyHistory } from '../../baseline/history.ts'
import type { StepFigure } from '../../baseline/observation.ts'
import { simulatedFigure, simulatedObservation } from '../simulated-flow.ts'
import { executionValues } from './execution-values.ts'
import type { SeriesPlace } from './series-place.ts'
import { SeriesTable } from './series-table.ts'
import { seriesValue } from './series-value.ts'

const steps = ['a', 'b', 'c']
const places: (SeriesPlace | undefined)[] = [
  undefined,
  ...['step-0', 'step-1'].map((stepId) => ({
    metric: 'phase' as const,
    stepId,
    phase: 'work' as const,
  })),
  ...steps.flatMap((stepId) =>
    (['cpu', 'memory', 'queue_wait', 'error_rate'] as const).map((metric) => ({
      metric,
      stepId,
      phase: undefined,
    })),
  ),
]

const figure = fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined })
const run: fc.Arbitrary<StepFigure> = fc
  .record({
    stepId: fc.constantFrom(...steps),
    exclusiveCpuMs: figure,
    heapGrowthBytes: figure,
    queue: figure,
    isFailed: fc.boolean(),
  })
  .map(({ queue, ...own }) => simulatedFigure({ ...own, phasesMs: { queue } }))

test('one pass over an execution gives each series the value that asking for it gives', () => {
  fc.assert(
    fc.property(
      fc.array(run, { maxLength: 6 }),
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 3 }),
      (runs, parts) => {
        const history = emptyHistory()
        const one = { ...simulatedObservation({ seed: 1, index: 0, parts }), steps: runs }
        const entry = appendEntry(history, one, {})
        const series = new SeriesTable()
        for (const place of places) series.add(place, 0)
        const watching = { series, seriesByPlace: [], stepSeries: [] }
        // The second time from what the first looked up.
        executionValues(watching, { history, entry })
        executionValues(watching, { history, entry })
        const { values } = series.rows
        const known = Array.from(places, (_, stream) => values[stream] ?? Number.NaN).map(
          (value) => (value >= 0 ? value : Number.NaN),
        )
        expect(known).toEqual(places.map((place) => seriesValue(history, entry, place)))
      },
    ),
  )
})

test('a place and a step that nothing watches are said', () => {
  const history = emptyHistory()
  const runs = [simulatedFigure({ stepId: 'a' })]
  const one = { ...simulatedObservation({ seed: 1, index: 0, parts: [4, 0] }), steps: runs }
  const entry = appendEntry(history, one, {})
  const watching = { series: new SeriesTable(), seriesByPlace: [], stepSeries: [] }
  expect(executionValues(watching, { history, entry })).toEqual([
    { metric: 'phase', stepId: 'step-0', phase: 'work' },
    { metric: 'error_rate', stepId: 'a', phase: undefined },
  ])
})

test('steps without end are not all remembered, and still said', () => {
  const history = emptyHistory()
  const watching = { series: new SeriesTable(), seriesByPlace: [], stepSeries: [] }
  for (let index = 0; index < 2_000; index += 1) {
    const runs = [simulatedFigure({ stepId: `made-up-${index}` })]
    const one = { ...simulatedObservation({ seed: 1, index, parts: [4] }), steps: runs }
    const entry = appendEntry(history, one, {})
    const late = executionValues(watching, { history, entry })
    expect(late).toContainEqual({
      metric: 'error_rate',
      stepId: `made-up-${index}`,
      phase: undefined,
    })
  }
  expect(watching.stepSeries).toHaveLength(512)
})
