import { expect, test } from 'vitest'
import { contributionOf, mainPlace } from './main-place.ts'

test.each([
  { told: 'several steps alike', ms: { a: 40.2, b: 40.1, c: 39.9 }, stepId: undefined },
  { told: 'two steps alike', ms: { a: 40, b: 39 }, stepId: undefined },
  { told: 'one step above all', ms: { a: 40, b: 15 }, stepId: 'a' },
  { told: 'one step alone', ms: { a: 40 }, stepId: 'a' },
  { told: 'one step, another the other way', ms: { a: 40, b: -30 }, stepId: 'a' },
])('where a phase changed: $told', ({ ms, stepId }) => {
  for (const phase of ['validation', 'ledger', 'resource_wait'] as const) {
    const all = Object.entries(ms).map(([id, changeMs]) => ({
      stepId: id,
      phase,
      spanName: undefined,
      changeMs,
    }))
    expect(mainPlace(all, 'regression')).toEqual({
      place: { stepId, phase, spanName: undefined },
      stepId: 'a',
    })
  }
})

test('what a phase of all steps contributed', () => {
  const parts = ['a', 'b', undefined].map((stepId) => ({
    stepId,
    phase: 'validation' as const,
    spanName: undefined,
    changeMs: 20,
  }))
  const whole = { stepId: undefined, phase: 'validation' as const, spanName: undefined }
  expect(contributionOf(parts, whole)).toEqual({ ...whole, changeMs: 40 })
})

test('work is that of its step, and a span names what it waits for', () => {
  const work = ['a', 'b'].map((stepId) => ({ stepId, phase: 'work' as const, spanName: undefined }))
  const parts = work.map((place) => ({ ...place, changeMs: 40 }))
  expect(mainPlace(parts, 'regression')?.place.stepId).toBe('a')
  const spans = work.map((place) => ({ ...place, phase: 'ledger' as const, spanName: 'INSERT' }))
  const named = spans.map((place) => ({ ...place, changeMs: 40 }))
  expect(mainPlace(named, 'regression')?.place).toMatchObject({ stepId: 'a', spanName: 'INSERT' })
})
