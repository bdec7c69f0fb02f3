import { expect, test } from 'vitest'
import type { Analyzer } from './analyzer.ts'
import { createAnalyzer } from './create-analyzer.ts'
import { simulatedSpans } from './simulated-spans.ts'

const START = 1_700_000_000_000_000_000n
const SECOND = 1_000_000_000n

/** One execution after the other, of the flow that each is to have. */
function feed(analyzer: Analyzer, flowIds: readonly string[]): void {
  for (const [index, flowId] of flowIds.entries()) {
    const startUnixNs = START + BigInt(index) * 10n * SECOND
    const steps = [{ id: 'charge', durationMs: 40 + index }]
    const nowUnixNs = startUnixNs + 9n * SECOND
    analyzer.ingest(simulatedSpans({ index, startUnixNs, flowId, steps }), { nowUnixNs })
    analyzer.advance(nowUnixNs)
  }
}

const inTurn = Array.from({ length: 60 }, (_, index) => `flow-${index % 5}`)

test('flows that sleep are told as they were, and go on when they wake', () => {
  const [awake, sleepy] = [createAnalyzer(), createAnalyzer({ activeFlowCount: 2 })]
  for (const analyzer of [awake, sleepy]) feed(analyzer, inTurn)
  expect(sleepy.report()).toEqual(awake.report())
  expect(JSON.stringify(sleepy.snapshot())).toBe(JSON.stringify(awake.snapshot()))
  expect(sleepy.why({ flowId: 'flow-0' })).toEqual(awake.why({ flowId: 'flow-0' }))
})

test('a snapshot with more flows than may be active is restored whole', () => {
  const whole = createAnalyzer()
  feed(whole, inTurn)
  const restored = createAnalyzer({ activeFlowCount: 2 }, whole.snapshot())
  restored.advance(START)
  expect(JSON.stringify(restored.snapshot())).toBe(JSON.stringify(whole.snapshot()))
})

test('who sleeps longest is forgotten beyond the bound, and counted', () => {
  const analyzer = createAnalyzer({ activeFlowCount: 1, memoryBudgetBytes: 64 * 1024 })
  feed(
    analyzer,
    Array.from({ length: 60 }, (_, index) => `flow-${index}`),
  )
  const { flows, losses } = analyzer.report()
  const forgottenCount = losses.unjudged?.['flow_forgotten'] ?? 0
  expect(forgottenCount).toBeGreaterThan(0)
  expect(flows).toHaveLength(60 - forgottenCount)
  expect(flows.map(({ flowId }) => flowId)).toContain('flow-59')
  expect(flows.map(({ flowId }) => flowId)).not.toContain('flow-0')
})
