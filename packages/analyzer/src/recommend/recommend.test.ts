import { describe, expect, test } from 'vitest'
import { appendEntry, emptyHistory, type History } from '../baseline/history.ts'
import type { PathPlace } from '../baseline/place.ts'
import type { Bottleneck, FindingClass, Recommendation, Regression } from '../detect/finding.ts'
import { simulatedFigure, simulatedObservation } from '../detect/simulated-flow.ts'
import { reconcile } from './reconcile.ts'

const speedup = { value: 0.31, low: 0.28, high: 0.34, n: 100 }

describe('each class of finding gets its advice', () => {
  test.each([
    ['resource-wait', 'resource_wait', 'enlarge-pool'],
    ['retry', 'retry_backoff', 'reduce-retries'],
    ['queue', 'queue', 'raise-concurrency'],
    ['cpu', 'work', 'reduce-cpu'],
    ['io', 'work', 'speed-up-dependency'],
    ['memory', 'work', 'reduce-allocations'],
    ['serial-work', undefined, 'parallelize-steps'],
  ] as const)('%s', (findingClass, phase, action) => {
    const [opened, ...others] = recommend([bottleneck(findingClass, { phase })])
    expect(others).toEqual([])
    expect(opened?.change).toBe('opened')
    const one = recommendationOf(opened?.finding)
    expect(one.action).toBe(action)
    expect(one.predictedGain).toEqual(speedup)
    expect(one.forFindingIds).toEqual(['cause-charge'])
    expect(one.assumptions.length).toBeGreaterThan(0)
    expect(one.evidence.traceIds).toEqual(['trace-1'])
    expect(one.id).toMatch(/^[0-9a-f]{32}$/)
    expect(`${one.advice} ${one.sentence} ${one.assumptions}`).not.toMatch(/undefined|NaN/)
  })

  test.each([
    ['validation', 'cache-validation'],
    ['ledger', 'bound-ledger-validation'],
  ] as const)('%s of one step gets advice for all steps, with the gain of all', (phase, action) => {
    const [opened, ...others] = recommend([bottleneck(phase, { phase })])
    expect(others).toEqual([])
    const one = recommendationOf(opened?.finding)
    expect(one.action).toBe(action)
    expect(one.place).toMatchObject({ stepId: undefined, phase, spanName: undefined })
    expect(one.predictedGain).toMatchObject({ value: expect.closeTo(0.3, 12), n: 30 })
    expect(one.forFindingIds).toEqual(['cause-charge'])
  })

  test.each([
    ['resource-wait', 'resource_wait'],
    ['queue', 'queue'],
    ['retry', 'retry_backoff'],
  ] as const)('%s of all steps names all steps', (findingClass, phase) => {
    const cause = bottleneck(findingClass, { phase })
    const overall = { ...cause, place: { ...cause.place, stepId: undefined, spanName: undefined } }
    expect(recommendationOf(recommend([overall])[0]?.finding).advice).toContain('all steps')
  })

  test.each(['work', 'engine'] as const)('%s alone gets none', (findingClass) => {
    expect(recommend([bottleneck(findingClass, { phase: 'work' })])).toEqual([])
  })

  test('a wait that no span names gets none: it may be a timer', () => {
    const cause = bottleneck('io', { phase: 'work' })
    const unnamed = { ...cause, place: { ...cause.place, spanName: undefined } }
    expect(recommend([unnamed])).toEqual([])
  })

  test('validation without measured lookups gets none', () => {
    expect(recommend([bottleneck('validation', { phase: 'validation', stepId: 'ship' })])).toEqual(
      [],
    )
  })

  test('a gain that may be next to nothing is not worth advice', () => {
    const cause = bottleneck('resource-wait', { phase: 'resource_wait' })
    expect(recommend([{ ...cause, speedup: { ...speedup, low: 0.04 } }])).toEqual([])
  })
})

test('the cache advice tells the hits before and after', () => {
  const cause = regression({ cacheHitRatioBefore: 0.9, cacheHitRatioAfter: 0.1 })
  const one = recommendationOf(recommend([cause])[0]?.finding)
  expect(one.advice).toContain('from 90 % to 10 % of lookups')
  expect(one.evidence.figures['cacheHitRatioAfter']).toBe(0.1)
  // The place gained 20 ms on average, of 100 ms; more than that does not come back.
  expect(one.predictedGain.value).toBeCloseTo(0.2, 12)
})

describe('the gain of a change', () => {
  const steps = ['fetch', 'compare', 'publish']
  const validation = (stepId: string | undefined): PathPlace => ({
    stepId,
    phase: 'validation',
    spanName: undefined,
  })
  /** Healthy executions of 130 ms, then ones in which each step's validation takes some 40 ms. */
  const shared = (healthyCount: number, faultyCount: number): History => {
    const kept = emptyHistory()
    for (let index = 0; index < healthyCount + faultyCount; index += 1) {
      const one = simulatedObservation({ seed: 1, index, parts: [130] })
      const isFaulty = index >= healthyCount
      // In one execution half of it, in the next one and a half.
      const ms = isFaulty ? (index % 2 === 0 ? 20 : 60) : 0
      const parts = steps.map((stepId) => ({ place: validation(stepId), ms }))
      const durationMs = 130 + 3 * ms
      const whole = { place: validation(undefined), ms: 3 * ms }
      const figure = simulatedFigure({ stepId: 'fetch', cacheHits: 0, cacheMisses: 1 })
      const savings = isFaulty ? [whole, ...parts] : []
      const seen = { ...one, durationMs, parts: [...one.parts, ...parts], savings, steps: [figure] }
      appendEntry(kept, seen, {})
    }
    return kept
  }
  const grown = (healthyCount: number): Regression => ({
    ...regression({ cacheHitRatioBefore: 1, cacheHitRatioAfter: 0 }),
    onsetExecutionId: `execution-1-${healthyCount}`,
    contributions: steps.map((stepId) => ({ ...validation(stepId), changeMs: 40 })),
  })

  test('is that of all steps which the advice changes, in the executions since the onset', () => {
    const [opened] = recommend([grown(30)], shared(30, 20))
    const one = recommendationOf(opened?.finding)
    expect(one.advice).toContain('for all steps')
    // 120 of 250 ms, though every second execution gained less than that.
    expect(one.predictedGain).toMatchObject({ value: expect.closeTo(120 / 250, 12), n: 20 })
  })

  test('is absent while too few executions have it, and told again on twice as many', () => {
    expect(recommend([grown(30)], shared(30, 1))).toEqual([])
    const [opened] = recommend([grown(30)], shared(30, 8))
    const first = recommendationOf(opened?.finding)
    expect(first.predictedGain.n).toBe(8)
    expect(recommend([grown(30), first], shared(30, 14))).toEqual([])
    const [updated] = recommend([grown(30), first], shared(30, 16))
    expect(updated?.change).toBe('updated')
    const second = recommendationOf(updated?.finding)
    expect(second).toMatchObject({ id: first.id, predictedGain: { n: 16 } })
    expect(widthOf(second)).toBeLessThan(widthOf(first))
  })
})

describe('the gain of a change at a place that was a bottleneck', () => {
  const payment: PathPlace = { stepId: 'charge', phase: 'work', spanName: 'POST payments' }
  const before = { value: 0.39, low: 0.37, high: 0.41, n: 30 }
  const slow = { ...bottleneck('io', { phase: 'work' }), id: 'slow', speedup: before }
  const slower: Regression = {
    ...regression({}),
    id: 'slower',
    class: 'io',
    place: slow.place,
    onsetExecutionId: 'execution-1-30',
    contributions: [{ ...payment, changeMs: 180 }],
  }
  /** The payment takes 60 of 155 ms, then 240 of 335. */
  const paid = (slowCount: number): History => {
    const kept = emptyHistory()
    for (let index = 0; index < 30 + slowCount; index += 1) {
      const ms = index < 30 ? 60 : 240
      const one = simulatedObservation({ seed: 1, index, parts: [95] })
      const part = { place: payment, ms }
      const seen = { durationMs: 95 + ms, parts: [...one.parts, part], savings: [part] }
      appendEntry(kept, { ...one, ...seen }, {})
    }
    return kept
  }
  const known = recommendationOf(recommend([slow], paid(0))[0]?.finding)

  test('rests on the executions since its onset', () => {
    expect(known).toMatchObject({ predictedGain: before, forFindingIds: ['slow'] })
    const [updated, ...others] = recommend([slow, slower, known], paid(7))
    expect(others).toEqual([])
    const one = recommendationOf(updated?.finding)
    expect(one).toMatchObject({ id: known.id, forFindingIds: ['slower', 'slow'] })
    expect(one.predictedGain).toMatchObject({ value: expect.closeTo(180 / 335, 12), n: 7 })
  })

  test('is not told for it while there are too few of them', () => {
    expect(recommend([slow, slower, known], paid(1))).toEqual([])
  })

  test('is that of the bottleneck again when the change is over', () => {
    const told = recommendationOf(recommend([slow, slower, known], paid(7))[0]?.finding)
    const [updated] = recommend([slow, told], paid(7))
    const one = recommendationOf(updated?.finding)
    expect(one).toMatchObject({ predictedGain: before, forFindingIds: ['slow'] })
  })
})

function widthOf({ predictedGain: { low, high } }: Recommendation): number {
  return high - low
}

test('a cache that answers nearly always is not to blame', () => {
  expect(recommend([regression({ cacheHitRatioBefore: 1, cacheHitRatioAfter: 0.99 })])).toEqual([])
})

describe('the life of a recommendation', () => {
  const cause = bottleneck('resource-wait', { phase: 'resource_wait' })
  const opened = recommendationOf(recommend([cause])[0]?.finding)

  test('the same findings change nothing', () => {
    expect(recommend([cause, opened])).toEqual([])
  })

  test('ends with its finding', () => {
    const [ended] = recommend([opened])
    expect(ended?.change).toBe('resolved')
    expect(ended?.finding).toMatchObject({ id: opened.id, state: 'resolved' })
  })

  test('is told again when its gain moved, under the same id', () => {
    const grown = { ...cause, speedup: { ...speedup, value: 0.6 } }
    const [updated] = recommend([grown, opened])
    expect(updated?.change).toBe('updated')
    expect(updated?.finding.id).toBe(opened.id)
  })
})

function recommend(
  findings: readonly (Bottleneck | Regression | Recommendation)[],
  kept: History = history(),
) {
  return reconcile({
    tenant: 'default',
    flowId: 'order',
    findings,
    history: kept,
    from: 0,
    nowUnixNs: 5n,
  })
}

/** Thirty executions of 100 ms: work of `charge` would save 40, its validation and ledger 30, with one hit in four. */
function history(): History {
  const kept = emptyHistory()
  const at = (phase: PathPlace['phase']): PathPlace => ({
    stepId: 'charge',
    phase,
    spanName: undefined,
  })
  const checked = simulatedFigure({
    durationMs: 100,
    phasesMs: { validation: 30, work: 70 },
    cacheHits: 1,
    cacheMisses: 3,
  })
  for (let index = 0; index < 30; index += 1) {
    const one = simulatedObservation({ seed: 1, index, parts: [100] })
    const parts = [
      { place: at('work'), ms: 40 },
      { place: at('validation'), ms: 30 },
      { place: at('ledger'), ms: 30 },
    ]
    appendEntry(kept, { ...one, parts, savings: parts, steps: [checked] }, {})
  }
  return kept
}

function bottleneck(
  findingClass: FindingClass,
  place: { phase: Bottleneck['place']['phase']; stepId?: string },
): Bottleneck {
  const { stepId = 'charge', phase } = place
  return {
    kind: 'bottleneck',
    id: `cause-${stepId}`,
    tenant: 'default',
    place: {
      flowId: 'order',
      flowVersion: '1',
      stepId,
      phase,
      spanName: findingClass === 'io' ? 'POST payments' : undefined,
    },
    class: findingClass,
    severity: 'medium',
    state: 'open',
    openedUnixNs: 1n,
    updatedUnixNs: 2n,
    sentence: 'It waits.',
    evidence: { executionIds: ['execution-1'], traceIds: ['trace-1'], figures: {} },
    speedup,
    savedMs: { value: 31, low: 28, high: 34, n: 100 },
  }
}

function regression(figures: Record<string, number>): Regression {
  const {
    speedup: _speedup,
    savedMs: _savedMs,
    ...shared
  } = bottleneck('validation', {
    phase: 'validation',
  })
  return {
    ...shared,
    kind: 'regression',
    evidence: { ...shared.evidence, figures },
    direction: 'regression',
    metric: 'duration',
    effect: { value: 0.25, low: 0.2, high: 0.3, n: 30 },
    level: { unit: 'ms', before: 80, after: 100 },
    onsetExecutionId: 'execution-1',
    onsetUnixNs: 1n,
    contributions: [{ stepId: 'charge', phase: 'validation', spanName: undefined, changeMs: 20 }],
    causes: [],
  }
}

function recommendationOf(finding: unknown): Recommendation {
  expect(finding).toMatchObject({ kind: 'recommendation' })
  // The line above fails otherwise.
  return finding as Recommendation
}
