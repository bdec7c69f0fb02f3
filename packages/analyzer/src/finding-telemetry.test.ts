import { registry } from '@qflow-otel/semconv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type {
  Bottleneck,
  Estimate,
  Finding,
  FindingChange,
  Recommendation,
  Regression,
} from './detect/finding.ts'
import {
  findingEvent,
  findingMetrics,
  lossMetrics,
  MAX_SERIES_PER_METRIC,
} from './finding-telemetry.ts'

const effect = (value: number): Estimate => ({ value, low: value - 0.1, high: value + 0.1, n: 57 })

const base = {
  id: '0af7651916cd43dd8448eb211c80319c',
  tenant: 'default',
  place: {
    flowId: 'pay',
    flowVersion: '1.4.0',
    stepId: 'charge',
    phase: 'work',
    spanName: 'GET bank.example',
  },
  class: 'io',
  severity: 'high',
  state: 'open',
  openedUnixNs: 1_000n,
  updatedUnixNs: 2_000n,
  sentence: 'charge waits for GET bank.example.',
  evidence: { executionIds: ['e1'], traceIds: ['a', 'b', 'c', 'd', 'e', 'f'], figures: {} },
} as const

const bottleneck: Bottleneck = {
  ...base,
  kind: 'bottleneck',
  speedup: effect(0.31),
  savedMs: effect(12),
}
const regression: Regression = {
  ...base,
  kind: 'regression',
  direction: 'regression',
  metric: 'phase',
  effect: effect(0.5),
  level: { unit: 'ms', before: 20, after: 30 },
  onsetExecutionId: 'e1',
  onsetUnixNs: 500n,
  contributions: [],
  causes: [
    {
      kind: 'node',
      node: 'a',
      effect: effect(0.5),
      change: 10,
      share: 0.9,
      words: 'node a',
      executionIds: [],
      traceIds: [],
    },
  ],
}
const recommendation: Recommendation = {
  ...base,
  kind: 'recommendation',
  action: 'cache-validation',
  advice: 'Cache the validation.',
  predictedGain: effect(0.2),
  assumptions: [],
  forFindingIds: [base.id],
}
const findings: readonly Finding[] = [bottleneck, regression, recommendation]

describe('findingEvent', () => {
  it.each(
    findings.flatMap((finding) =>
      (['opened', 'updated', 'resolved'] as const).map((change) => ({ change, finding })),
    ),
  )('$finding.kind $change carries every registered attribute and no other', (change) => {
    const event = findingEvent(change)
    const registered = registry.events[event.name]?.attributes ?? []
    const absent = change.finding.kind === 'regression' ? [] : ['qflow.finding.direction']
    expect(Object.keys(event.attributes).sort()).toEqual(
      registered.filter((name) => !absent.includes(name)).sort(),
    )
    expect(event.body).toBe(base.sentence)
    expect(event.timeUnixNs).toBe(change.change === 'opened' ? 1_000n : 2_000n)
  })

  it('keeps five traces and omits what is not known', () => {
    const place = { ...base.place, stepId: undefined, phase: undefined, flowVersion: undefined }
    const unknown = { ...effect(Number.NaN), n: 3 }
    const finding: Finding = { ...bottleneck, place, speedup: unknown }
    const { attributes } = findingEvent({ change: 'opened', finding })
    expect(attributes['qflow.finding.evidence.trace_ids']).toEqual(['a', 'b', 'c', 'd', 'e'])
    for (const name of ['step.id', 'phase', 'flow.version', 'finding.effect.ratio']) {
      expect(attributes).not.toHaveProperty([`qflow.${name}`])
    }
  })

  it.each<[FindingChange['change'], Partial<Finding>, Finding, number]>([
    ['opened', { severity: 'low' }, bottleneck, 9],
    ['opened', { severity: 'high' }, bottleneck, 13],
    ['updated', { severity: 'critical' }, regression, 17],
    ['resolved', { severity: 'critical' }, regression, 9],
    ['opened', { severity: 'critical', direction: 'improvement' }, regression, 9],
    ['opened', { severity: 'critical' }, recommendation, 9],
  ])('%s with %o has its severity number', (change, patch, finding, expected) => {
    // The patch only changes members that the finding has.
    const patched = { ...finding, ...patch } as Finding
    expect(findingEvent({ change, finding: patched }).severityNumber).toBe(expected)
  })
})

describe('findingMetrics', () => {
  it('has one point per metric for one finding of each kind, as registered', () => {
    const points = findingMetrics(findings)
    for (const point of points) {
      const registered = registry.metrics[point.name]?.attributes ?? []
      expect(Object.keys(point.attributes).sort()).toEqual([...registered].sort())
    }
    expect(Object.fromEntries(points.map(({ name, value }) => [name, value]))).toEqual({
      'qflow.bottleneck.share': 0.31,
      'qflow.bottleneck.count': 1,
      'qflow.regression.effect': 0.5,
      'qflow.regression.active': 1,
      'qflow.recommendation.predicted_gain': 0.2,
    })
  })

  it('reads 0 for what is resolved, and the last estimate for a share', () => {
    const resolved = findings.map((finding): Finding => ({ ...finding, state: 'resolved' }))
    expect(findingMetrics(resolved).map(({ name, value }) => [name, value])).toEqual([
      ['qflow.bottleneck.share', 0.31],
      ['qflow.bottleneck.count', 0],
      ['qflow.regression.effect', 0],
      ['qflow.regression.active', 0],
      ['qflow.recommendation.predicted_gain', 0],
    ])
  })

  it('shows the open finding of a series, and the larger of two', () => {
    const points = findingMetrics([
      { ...bottleneck, id: 'r', state: 'resolved', speedup: effect(0.9) },
      { ...bottleneck, id: 'v1', speedup: effect(0.1) },
      { ...bottleneck, id: 'v2', speedup: effect(0.2) },
    ])
    expect(points.map(({ value }) => value)).toEqual([0.2, 2])
  })

  it('folds series beyond the bound into _OTHER and loses no count', () => {
    const many = Array.from({ length: MAX_SERIES_PER_METRIC + 5 }, (_, index): Finding => {
      const flowId = `flow ${String(index).padStart(5, '0')}`
      return { ...bottleneck, id: flowId, place: { ...base.place, flowId } }
    })
    const points = findingMetrics(many).filter(({ name }) => name === 'qflow.bottleneck.count')
    expect(points).toHaveLength(MAX_SERIES_PER_METRIC + 1)
    expect(points.at(-1)).toMatchObject({ value: 5, attributes: { 'qflow.flow.id': '_OTHER' } })
  })

  it('does not depend on the order of the findings', () => {
    const some = fc.array(
      fc.record({
        kind: fc.constantFrom(...findings),
        flowId: fc.constantFrom('a', 'b'),
        state: fc.constantFrom('open' as const, 'resolved' as const),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    )
    fc.assert(
      fc.property(some, (drawn) => {
        const input = drawn.map(({ kind, flowId, state, share }, index): Finding => {
          const estimate = effect(share)
          const place = { ...base.place, flowId }
          const id = String(index)
          if (kind.kind === 'bottleneck') return { ...kind, id, place, state, speedup: estimate }
          if (kind.kind === 'regression') return { ...kind, id, place, state, effect: estimate }
          if (kind.kind === 'anomaly') return { ...kind, id, place, state }
          return { ...kind, id, place, state, predictedGain: estimate }
        })
        expect(findingMetrics([...input].reverse())).toEqual(findingMetrics(input))
      }),
      { seed: 7 },
    )
  })
})

it('lossMetrics names every reason', () => {
  const points = lossMetrics({
    acceptedSpanCount: 9,
    droppedSpans: { late_after_close: 2 },
    closedExecutions: { root_ended: 3 },
  })
  expect(points).toEqual([
    {
      name: 'qflow.analyzer.executions',
      value: 3,
      attributes: { 'qflow.execution.close.reason': 'root_ended' },
    },
    {
      name: 'qflow.analyzer.dropped',
      value: 2,
      attributes: { 'qflow.analyzer.drop.reason': 'late_after_close' },
    },
  ])
})
