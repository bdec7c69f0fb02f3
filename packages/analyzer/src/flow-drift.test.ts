import { expect, test } from 'vitest'
import { createAnalyzer } from './create-analyzer.ts'
import { simulatedSpans } from './simulated-spans.ts'
import { normal, randomStream } from './stats/random-stream.ts'

const START = 1_700_000_000_000_000_000n
const MINUTE = 60_000_000_000n

test('a flow that slowly becomes slower says so, in its report and when it is asked why', () => {
  const analyzer = runWith((share) => 100 * (1 + 0.08 * share))
  const [flow] = analyzer.report().flows
  expect(flow?.drift?.change.value).toBeCloseTo(0.08, 1)
  expect(flow?.drift?.sentence).toMatch(/slowly becomes slower: [\d.]+ % since/)
  expect(analyzer.why({ flowId: flow?.flowId ?? '' })?.headline).toBe(flow?.drift?.sentence)
  expect(analyzer.findings().filter(({ kind }) => kind === 'regression')).toHaveLength(0)
})

test('a flow that stays as it is says nothing of the kind', () => {
  const [flow] = runWith(() => 100).report().flows
  expect(flow?.drift).toBeUndefined()
})

test('a step is no drift: what was before it belongs to another story', () => {
  const analyzer = runWith((share) => (share < 0.5 ? 100 : 200))
  const [flow] = analyzer.report().flows
  expect(analyzer.findings().some(({ kind }) => kind === 'regression')).toBe(true)
  expect(flow?.drift).toBeUndefined()
})

/** 800 executions, one a minute, of one step that takes about this long after a share of them. */
function runWith(meanMs: (share: number) => number) {
  const analyzer = createAnalyzer()
  const random = randomStream(6)
  const count = 800
  for (let index = 0; index < count; index += 1) {
    const startUnixNs = START + BigInt(index) * MINUTE
    const durationMs =
      Math.round(1e3 * meanMs(index / count) * Math.exp(0.05 * normal(random))) / 1e3
    const spans = simulatedSpans({ index, startUnixNs, steps: [{ id: 'charge', durationMs }] })
    analyzer.ingest(spans, { nowUnixNs: startUnixNs + MINUTE })
    analyzer.advance(startUnixNs + MINUTE)
  }
  analyzer.close(START + BigInt(count + 10) * MINUTE)
  return analyzer
}
