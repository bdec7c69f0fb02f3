import type { Bottleneck, Finding, Plain } from '@qflow-otel/analyzer'
import { expect, test } from 'vitest'
import { groupFindings } from './finding-groups.ts'

const shared = {
  tenant: 'default',
  place: {
    flowId: 'pay',
    flowVersion: undefined,
    stepId: undefined,
    phase: undefined,
    spanName: undefined,
  },
  class: 'io' as const,
  updatedUnixNs: '0',
  sentence: '',
  evidence: { executionIds: [], traceIds: [], figures: {} },
}
const estimate = { value: 0.1, low: 0.05, high: 0.15, n: 100 }

function bottleneck(
  id: string,
  given: Partial<Pick<Plain<Bottleneck>, 'severity' | 'state' | 'openedUnixNs' | 'speedup'>> = {},
): Plain<Finding> {
  const defaults = { severity: 'low', state: 'open', openedUnixNs: '1' } as const
  return {
    ...shared,
    ...defaults,
    id,
    kind: 'bottleneck',
    speedup: estimate,
    savedMs: estimate,
    ...given,
  }
}

function recommendation(id: string, forFindingIds: readonly string[]): Plain<Finding> {
  return {
    ...shared,
    id,
    kind: 'recommendation',
    severity: 'low',
    state: 'open',
    openedUnixNs: '1',
    action: 'cache',
    advice: '',
    predictedGain: estimate,
    assumptions: [],
    forFindingIds,
  }
}

const ids = (groups: readonly { finding: { id: string } }[]) =>
  groups.map(({ finding }) => finding.id)

test('the most severe first, then the largest, then the newest', () => {
  const { open } = groupFindings([
    bottleneck('old', { openedUnixNs: '1772719392000000000' }),
    bottleneck('new', { openedUnixNs: '1772719392000000001' }),
    bottleneck('severe', { severity: 'critical' }),
    bottleneck('large', { speedup: { ...estimate, value: 0.3 } }),
  ])
  expect(ids(open)).toEqual(['severe', 'large', 'new', 'old'])
})

test('what is resolved stands apart', () => {
  const { open, resolved } = groupFindings([
    bottleneck('a'),
    bottleneck('b', { state: 'resolved' }),
  ])
  expect(ids(open)).toEqual(['a'])
  expect(ids(resolved)).toEqual(['b'])
})

test('a recommendation stands beside its findings, alone without them', () => {
  const { open } = groupFindings([
    bottleneck('a'),
    recommendation('for-a', ['a']),
    recommendation('alone', ['not here']),
  ])
  expect(ids(open)).toEqual(['a', 'alone'])
  expect(open[0]?.recommendations.map(({ id }) => id)).toEqual(['for-a'])
})
