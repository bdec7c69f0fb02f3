import { expect, test } from 'vitest'
import type { Analyzer } from './analyzer.ts'
import { createAnalyzer } from './create-analyzer.ts'
import type { SpanRecord } from './otlp/span-record.ts'
import { simulatedSpans } from './simulated-spans.ts'

const START = 1_700_000_000_000_000_000n
const SECOND = 1_000_000_000n
const AFTER_ALL = START + 10_000n * SECOND

test('an execution of the year 2100 enters by its arrival, and puts no other out of order', () => {
  const analyzer = createAnalyzer()
  const ordinary = executions(41)
  const far = executionAt(1000, 4_102_444_800_000_000_000n)
  analyzer.ingest(far, { nowUnixNs: START })
  analyzer.advance(START)
  for (const spans of ordinary) tick(analyzer, spans)
  analyzer.advance(AFTER_ALL)
  expect(analyzer.report().flows[0]?.executionCount).toBe(42)
  expect(analyzer.losses()).toMatchObject({ unjudged: {}, misplaced: { future_dated: 1 } })
  expect(JSON.stringify(analyzer.snapshot())).not.toContain('4102444800')
})

test('an execution that comes after later ones is judged where it comes, and counted as such', () => {
  const analyzer = createAnalyzer()
  const [late = [], ...others] = executions(41)
  for (const spans of others) tick(analyzer, spans)
  analyzer.ingest(late, { nowUnixNs: AFTER_ALL })
  analyzer.advance(AFTER_ALL)
  expect(analyzer.report().flows[0]?.executionCount).toBe(41)
  expect(analyzer.losses()).toMatchObject({ unjudged: {}, misplaced: { out_of_order: 1 } })
})

test('what waits for late executions is bounded: beyond it, it enters at once', () => {
  const analyzer = createAnalyzer({ memoryBudgetBytes: 96 * 1024 })
  for (const spans of executions(100)) {
    analyzer.ingest(spans, { nowUnixNs: START + 50n * SECOND })
    analyzer.advance(START + 50n * SECOND)
  }
  expect(analyzer.losses().misplaced?.['pending_limit']).toBeGreaterThan(20)
  expect(analyzer.report().flows[0]?.executionCount).toBeGreaterThan(60)
})

test('of an execution with many runs of steps figures of the first are kept, and the others counted', () => {
  const analyzer = createAnalyzer()
  for (const [index, length] of [60, 700].entries()) {
    const steps = Array.from({ length }, () => ({ id: 'charge', durationMs: 1 }))
    tick(analyzer, simulatedSpans({ index: 10 * index, startUnixNs: START, steps }))
  }
  analyzer.advance(AFTER_ALL)
  const [flow] = analyzer.report().flows
  expect(flow?.steps[0]?.runCount).toBe(760)
  expect(analyzer.losses().unjudged).toEqual({ run_limit: 200 })
  const [state] = analyzer.snapshot().flows as { runs: { timesMs: number[] }[] }[]
  expect(state?.runs.map(({ timesMs }) => timesMs.length)).toEqual([120, 1_000])
})

/** One a second. */
function executions(count: number): SpanRecord[][] {
  return Array.from({ length: count }, (_, index) =>
    executionAt(index, START + BigInt(index) * SECOND),
  )
}

function executionAt(index: number, startUnixNs: bigint): SpanRecord[] {
  return simulatedSpans({ index, startUnixNs, steps: [{ id: 'charge', durationMs: 40 }] })
}

/** Given out a second after its start. */
function tick(analyzer: Analyzer, spans: readonly SpanRecord[]): void {
  const now = (spans.at(-1)?.startUnixNs ?? START) + SECOND
  analyzer.ingest(spans, { nowUnixNs: now })
  analyzer.advance(now)
}
