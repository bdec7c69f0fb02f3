import { expect, test } from 'vitest'
import { falseAlarmWords } from './false-alarm-words.ts'

const replayed = { value: 4e-5, low: 1.12e-5, high: 1.2e-4, n: 100_000 }

test.each([
  [
    { budgetExecutions: 10_000, replayed, falsePositiveCount: 0 },
    'measured 0.4 [0.11–1.2] per 10,000 executions (100,000 replayed), promised 1',
  ],
  [
    { budgetExecutions: 1_000, replayed: { ...replayed, value: 0, low: 0 }, falsePositiveCount: 2 },
    'measured 0 [0–1.2] per 10,000 executions (100,000 replayed), promised 10; 2 called false by users',
  ],
  [
    { budgetExecutions: 100_000, falsePositiveCount: 1 },
    'not measured yet, promised 0.1 per 10,000 executions; 1 called false by users',
  ],
])('%j', (known, words) => {
  expect(falseAlarmWords(known)).toBe(words)
})
