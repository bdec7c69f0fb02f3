import { expect, test } from 'vitest'
import type { DrawnExecution } from './drawn-execution.ts'
import { pathSentence } from './path-words.ts'
import { sampleExecution } from './sample-execution.ts'

const { execution } = sampleExecution
const segment = { spanId: undefined, spanIndex: undefined, stepId: undefined, phase: undefined }

/** Over the rows of the sample: 0 the flow, 5 charge-card, 7 its POST. */
const said = (path: readonly Partial<DrawnExecution['path'][number]>[]) =>
  pathSentence({
    execution,
    path: path.map((part) => ({ ...segment, startNs: 0, endNs: 0, ...part })),
  })

const ms = (from: number, to: number) => ({ startNs: from * 1e6, endNs: to * 1e6 })

test('in order of time, own time beside that of children, calls with their step', () => {
  expect(
    said([
      { spanIndex: 1, ...ms(0, 20) },
      { spanIndex: 5, ...ms(20, 30) },
      { spanIndex: 7, stepId: 'charge-card', ...ms(30, 90) },
    ]),
  ).toBe(
    'It was waiting for validate-order 20.0 ms, then for charge-card itself 10.0 ms, ' +
      'then for POST payments.example/v1/charges in charge-card 60.0 ms.',
  )
})

test('pauses, retries, and time without a span', () => {
  expect(
    said([
      { spanIndex: 1, ...ms(0, 20) },
      { phase: 'paused', ...ms(20, 40) },
      { ...ms(40, 60) },
      { spanIndex: 5, phase: 'retry_backoff', ...ms(60, 90) },
    ]),
  ).toBe(
    'It was waiting for validate-order 20.0 ms, then for a pause 20.0 ms, then for what no span ' +
      'covers 20.0 ms, then for the retry backoff of charge-card 30.0 ms.',
  )
})

test('what is short, and more than a sentence holds, is one sum', () => {
  const alternating = Array.from({ length: 30 }, (_, at) => ({
    spanIndex: (at % 2) + 1,
    ...ms(at * 5, at * 5 + 5),
  }))
  expect(said(alternating)).toMatch(/; 110 ms in 22 shorter waits\.$/)
  expect(
    said([
      { spanIndex: 1, ...ms(0, 1) },
      { spanIndex: 2, ...ms(1, 180) },
    ]),
  ).toBe('It was waiting for parallel-checks 179 ms; 1.00 ms in 1 shorter wait.')
  expect(said([])).toBeUndefined()
})
