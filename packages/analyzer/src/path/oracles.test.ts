import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FlowDefinition } from '../otlp/span-record.ts'
import { buildExecution } from '../trace/build-execution.ts'
import type { Execution } from '../trace/execution.ts'
import { criticalPathOf } from './critical-path.ts'
import { type Dependencies, dependenciesOf } from './dependencies.ts'
import { flowOrder } from './flow-order.ts'
import {
  GENERATED_COUNT,
  GENERATED_TIMEOUT_MS,
  generatedExecution,
  generatedFlow,
  generatedLearnt,
} from './generated-execution.ts'
import { type OrderState, precedence } from './learn-order.ts'
import { segmentsOf } from './path-segment.ts'
import { type PathTotal, PlaceTotals } from './path-total.ts'
import { pathTotals, pathTotalsOf } from './phases.ts'
import { type Removal, resimulation } from './resimulate.ts'
import { slackOf } from './slack.ts'
import { slowCriticalPath } from './slow-critical-path.ts'
import { type SlowOrder, slowDependencies } from './slow-dependencies.ts'
import { slowPathTotals } from './slow-path-totals.ts'
import { slowDuration } from './slow-schedule.ts'
import { type SpanForest, spanForest } from './span-forest.ts'

const generated = fc.record({
  records: generatedExecution,
  flow: fc.option(generatedFlow, { nil: undefined }),
  learnt: fc.option(generatedLearnt, { nil: undefined }),
})

interface Case {
  readonly execution: Execution
  readonly forest: SpanForest
  readonly dependencies: Dependencies | undefined
  /** What the oracle found by itself. */
  readonly known: ReadonlyMap<number, readonly number[]>
}

function everyCase(check: (one: Case) => void, seed: number): void {
  fc.assert(
    fc.property(generated, ({ records, flow, learnt }) => {
      const execution = buildExecution({ tenant: 't', executionId: 'e', records })
      const forest = spanForest(execution)
      const isOrdered = flow !== undefined || learnt !== undefined
      const dependencies = dependenciesOf(forest, isOrdered ? flowOrder(flow, learnt) : undefined)
      const known = slowDependencies(execution, slowOrder(flow, learnt))
      check({ execution, forest, dependencies, known })
    }),
    { numRuns: GENERATED_COUNT, seed },
  )
}

function slowOrder(flow: FlowDefinition | undefined, learnt: OrderState | undefined): SlowOrder {
  const placeOf = (stepId: string): number => learnt?.stepIds.indexOf(stepId) ?? -1
  return {
    flow,
    isKnown: (stepId) => placeOf(stepId) >= 0 || isDefined(flow, stepId),
    learnt(earlier, later) {
      const [a, b] = [placeOf(earlier), placeOf(later)]
      return learnt === undefined || a < 0 || b < 0 ? 'open' : precedence(learnt, a, b)
    },
  }
}

function isDefined(flow: FlowDefinition | undefined, stepId: string): boolean {
  return (flow?.steps ?? []).some(({ id, onSuccess, onFailure, onTrue, onFalse }) =>
    [id, onSuccess, onFailure, onTrue, onFalse].includes(stepId),
  )
}

const generatedTest = (name: string, check: (one: Case) => void, seed: number): void =>
  test(name, () => everyCase(check, seed), GENERATED_TIMEOUT_MS)

generatedTest(
  'known predecessors are those that links, definition and learner tell',
  ({ execution, dependencies, known }) => {
    const found = execution.spans.flatMap((_, row) => {
      const rows = dependencies?.before[row]
      return rows === undefined ? [] : [[row, [...new Set(rows)].sort((a, b) => a - b)] as const]
    })
    expect(found).toEqual([...known].sort(([a], [b]) => a - b))
  },
  20261110,
)

generatedTest(
  'the path is the oracle’s, and its segments tile the execution exactly',
  ({ execution, forest, dependencies, known }) => {
    const path = segmentsOf(forest, criticalPathOf(forest, dependencies))
    const { durationNs } = execution
    const ends = path.map((part) => part.endNs)
    const starts = durationNs === 0 ? [] : [0, ...ends.slice(0, -1)]
    expect(path.map((part) => part.startNs)).toEqual(starts)
    expect(ends.at(-1) ?? 0).toBe(durationNs)
    const paused = path.filter(({ phase }) => phase === 'paused')
    const pausedNs = paused.reduce((sum, part) => sum + part.endNs - part.startNs, 0)
    expect(durationNs - pausedNs).toBe(execution.activeNs)
    expect(path.map(({ spanIndex, startNs, endNs }) => [spanIndex, startNs, endNs])).toEqual(
      slowCriticalPath(execution, known),
    )
  },
  20261111,
)

const usedAgain = new PlaceTotals()

generatedTest(
  'totals are the oracle’s, whatever they were used for before, and sum exactly in whole ns',
  ({ execution, forest, dependencies }) => {
    const parts = criticalPathOf(forest, dependencies)
    const path = segmentsOf(forest, parts)
    const totals = pathTotals(execution, path)
    const again = pathTotalsOf(forest, parts, usedAgain)
    expect(again.map(({ place, ns, isEstimated }) => ({ ...place, ns, isEstimated }))).toEqual(
      totals,
    )
    expect(totals.reduce((sum, { ns }) => sum + ns, 0)).toBe(execution.durationNs)
    expect(totals.every(({ ns }) => Number.isInteger(ns) && ns > 0)).toBe(true)
    expect(inOrder(totals)).toEqual(inOrder(slowPathTotals(execution, path)))
  },
  20261112,
)

generatedTest(
  'slack is how much later a span may end, and not 1 ns more',
  ({ execution, forest, dependencies, known }) => {
    const slacks = slackOf(forest, dependencies)
    for (const [row, { slackNs }] of slacks.entries()) {
      const delayed = (delayNs: number): number =>
        slowDuration(execution, known, (one, ns) => (one === row ? ns + delayNs : ns))
      if (slackNs === undefined) {
        expect(delayed(1000)).toBe(execution.durationNs)
        continue
      }
      expect(delayed(slackNs)).toBe(execution.durationNs)
      if (isLasting(execution, row))
        expect(delayed(slackNs + 1)).toBeGreaterThan(execution.durationNs)
    }
  },
  20261113,
)

generatedTest(
  'what lies on the path has no slack, where nothing is clipped',
  ({ execution, forest, dependencies }) => {
    const tops = execution.spans.filter(({ depth }) => depth === 0)
    if (tops.some(({ endNs }, index) => endNs > (tops[index + 1]?.startNs ?? endNs))) return
    const slacks = slackOf(forest, dependencies)
    for (const { spanIndex } of segmentsOf(forest, criticalPathOf(forest, dependencies)))
      if (spanIndex !== undefined && isInside(execution, spanIndex))
        expect(slacks[spanIndex]?.slackNs).toBe(0)
  },
  20261115,
)

/** Neither the span nor any around it outlives its parent. */
function isInside({ spans, durationNs }: Execution, row: number): boolean {
  for (let at = row; at >= 0; at = spans[at]?.parentRow ?? -1) {
    const outerEndNs = spans[spans[at]?.parentRow ?? -1]?.endNs ?? durationNs
    if ((spans[at]?.endNs ?? 0) > outerEndNs) return false
  }
  return true
}

generatedTest(
  'a larger ratio never takes less, at 1 nothing changes, at 0 nothing is negative',
  ({ execution, forest, dependencies }) => {
    const durationWith = resimulation(forest, dependencies)
    for (const place of PLACES) {
      const ns = [0, 0.2, 0.5, 0.8, 0.9, 1].map((ratio) => durationWith(place, ratio))
      expect(ns).toEqual([...ns].sort((a, b) => a - b))
      expect(ns.every((one) => Number.isInteger(one) && one >= 0)).toBe(true)
      expect(ns.at(-1)).toBe(execution.durationNs)
    }
  },
  20261116,
)

const PLACES: readonly Removal[] = [
  { stepId: 's0', phase: 'work' },
  { stepId: 's1', phase: 'engine' },
  { stepId: 's2', phase: 'validation' },
  { stepId: undefined, phase: 'work' },
  { stepId: undefined, phase: 'engine' },
  { stepId: undefined, phase: 'queue' },
  { spanName: 'GET 0' },
  { spanName: 'GET 1', stepId: 's3' },
]

generatedTest(
  'spans of one name sped up take the duration of the oracle’s schedule',
  ({ execution, forest, dependencies, known }) => {
    const durationWith = resimulation(forest, dependencies)
    for (const ratio of [0, 0.5, 1]) {
      const isNamed = (row: number): boolean => execution.spans[row]?.name === 'GET 0'
      const shrunk = slowDuration(execution, known, (row, ns) => {
        const span = execution.spans[row]
        return isNamed(row) ? Math.round(ratio * ((span?.endNs ?? 0) - (span?.startNs ?? 0))) : ns
      })
      expect(durationWith({ spanName: 'GET 0' }, ratio)).toBe(shrunk)
    }
  },
  20261114,
)

/** What takes no time is not waited for unless that is known, so that it and all below it may move freely. */
function isLasting({ spans, durationNs }: Execution, row: number): boolean {
  for (let at = row; at >= 0; at = spans[at]?.parentRow ?? -1) {
    const span = spans[at]
    const outer = spans[span?.parentRow ?? -1]
    const startNs = Math.max(span?.startNs ?? 0, outer?.startNs ?? 0)
    if (startNs >= Math.min(span?.endNs ?? 0, outer?.endNs ?? durationNs)) return false
  }
  return true
}

function inOrder(totals: readonly PathTotal[]): string[] {
  return totals
    .map(({ stepId, phase, spanName, ns, isEstimated }) =>
      JSON.stringify({ stepId, phase, spanName, ns, isEstimated }),
    )
    .sort()
}
