import { expect, test } from 'vitest'
import { telemetryViolations } from './check-telemetry.ts'

const step = {
  name: 'execute_step pay',
  kind: 'internal',
  attributes: { 'qflow.step.id': 'pay', 'qflow.step.phase.work': 0.25 },
}

test('registered telemetry passes', () => {
  expect(telemetryViolations({ spans: [step] })).toEqual([])
})

test.each([
  [
    'an unregistered attribute',
    { ...step, attributes: { 'qflow.step.mood': 'good' } },
    'attribute qflow.step.mood is not registered',
  ],
  [
    'an attribute of another span',
    { ...step, attributes: { 'qflow.pool.name': 'db' } },
    'does not belong there',
  ],
  ['a wrong type', { ...step, attributes: { 'qflow.step.phase.work': '0.25' } }, 'expected double'],
  [
    'a value outside the enumeration',
    { ...step, attributes: { 'qflow.step.resource.attribution': 'mine' } },
    'expected exclusive,shared',
  ],
  ['an unregistered span', { ...step, name: 'run pay' }, 'span run pay is not registered'],
  ['another kind', { ...step, kind: 'client' }, 'has kind client'],
  [
    'too many attributes',
    { ...step, attributes: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`a${i}`, 1])) },
    '17 attributes, the limit is 16',
  ],
])('%s is found', (_name, span, words) => {
  expect(telemetryViolations({ spans: [span] }).join('\n')).toContain(words)
})

test('a metric with another unit or instrument is found', () => {
  const metric = { name: 'qflow.step.duration', unit: 'ms', instrument: 'gauge', points: [{}] }
  expect(telemetryViolations({ metrics: [metric] })).toEqual([
    'metric qflow.step.duration has unit ms, not s',
    'metric qflow.step.duration is a gauge, not a histogram',
  ])
})

test('an unregistered metric or event is found', () => {
  const emitted = {
    metrics: [{ name: 'qflow.luck', unit: '1', instrument: 'gauge', points: [] }],
    events: [{ name: 'qflow.luck.changed', attributes: {} }],
  }
  expect(telemetryViolations(emitted)).toEqual([
    'event qflow.luck.changed is not registered',
    'metric qflow.luck is not registered',
  ])
})
