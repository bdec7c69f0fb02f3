import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  type DetectionSettings,
  detectionSettings,
  resolveDetection,
  SENSITIVITY_LEVELS,
} from './detection-settings.ts'

test('without options every setting has its default, the level deciding what has none of its own', () => {
  const own = detectionSettings.filter((setting) => setting.default !== undefined)
  expect(resolveDetection({})).toEqual({
    ...SENSITIVITY_LEVELS.medium,
    ...Object.fromEntries(own.map((setting) => [setting.name, setting.default])),
  })
})

test('a level stands for a budget and a threshold, and what is said exactly wins', () => {
  const settings = resolveDetection({ sensitivityLevel: 'high', alertThreshold: 0.5 })
  expect(settings).toMatchObject({ falseAlarmBudgetExecutions: 1_000, alertThreshold: 0.5 })
})

test.each<[Partial<DetectionSettings>, string]>([
  [{ windowSize: 2 }, 'windowSize: expected a whole number from 5 to 64, found 2'],
  [{ alertThreshold: Number.NaN }, 'alertThreshold: expected a number from 0 to 100, found NaN'],
  [{ minSampleSize: 1.5 }, 'minSampleSize: expected a whole number'],
  [{ sensitivityLevel: 'x' as 'low' }, 'expected one of low, medium, high, found x'],
])('%j is refused by name', (options, words) => {
  expect(() => resolveDetection(options)).toThrow(words)
})

test('the README of the profiler tells every setting', () => {
  const readme = readFileSync(new URL('../../profiler/README.md', import.meta.url), 'utf8')
  for (const { name } of detectionSettings) expect(readme).toContain(`| \`${name}\``)
})
