import { expect, test } from 'vitest'
import { createAnalyzer } from './create-analyzer.ts'
import type { SpanRecord } from './otlp/span-record.ts'
import { TracesDecoder } from './otlp/traces-decoder.ts'
import { plain } from './plain.ts'
import { simulatedBody } from './simulated-body.ts'
import { type SimulatedStep, simulatedSpans } from './simulated-spans.ts'
import { normal, type RandomStream, randomStream } from './stats/random-stream.ts'

const START_UNIX_NS = 1_700_000_000_000_000_000n
const SECOND_NS = 1_000_000_000n
const COUNT = 240

test.each([1, 2])(
  'executions that share a layout are told as those of which each is built: %s flows alike',
  (flowCount) => {
    const laid = told(flowCount, (records) => records)
    // Maps have no shape, so that no layout is learnt of them.
    const built = told(flowCount, (records) =>
      records.map((record) => ({ ...record, attributes: new Map(record.attributes) })),
    )
    expect(laid.openedCount).toBeGreaterThan(0)
    expect(laid).toEqual(built)
  },
)

/** Everything that an analyzer tells of flows that turn slow; `form` is how it gets the spans. */
function told(flowCount: number, form: (records: readonly SpanRecord[]) => readonly SpanRecord[]) {
  const analyzer = createAnalyzer({ minSampleSize: 30 })
  const decoder = new TracesDecoder()
  const random = randomStream(7)
  const changes: unknown[] = []
  for (let index = 0; index < COUNT; index++) {
    const startUnixNs = START_UNIX_NS + BigInt(index) * SECOND_NS
    const nowUnixNs = startUnixNs + SECOND_NS
    const status = index % 50 === 49 ? 'failed' : 'completed'
    const flowId = `order-${index % flowCount}`
    const steps = stepsOf(random, Math.floor(index / flowCount), index)
    const spans = simulatedSpans({ index, flowId, startUnixNs, status, steps })
    analyzer.ingest(form(decoder.protobuf(simulatedBody(spans)).spans), { nowUnixNs })
    changes.push(...analyzer.advance(nowUnixNs))
  }
  changes.push(...analyzer.close(START_UNIX_NS + BigInt(COUNT) * SECOND_NS))
  const kept = analyzer.executions({ limit: COUNT })
  const pages = kept.map(({ executionId }) => analyzer.execution({ executionId }))
  const answers = kept.map(({ executionId }) => analyzer.why({ executionId }))
  return {
    openedCount: analyzer.findings().length,
    text: JSON.stringify(plain({ changes, report: analyzer.report(), pages, answers })),
    snapshot: JSON.stringify(analyzer.snapshot()),
  }
}

/** One of three branches, of which one calls somebody else; the first step turns half as slow again. */
function stepsOf(random: RandomStream, turn: number, index: number): SimulatedStep[] {
  const ids = [['charge', 'pack'], ['charge', 'inspect', 'pack'], ['charge']][turn % 3] ?? []
  return ids.map((id, at) => {
    const slower = at === 0 && index >= COUNT / 2 ? 1.5 : 1
    const workMs = slower * 20 * Math.exp(0.1 * normal(random))
    return {
      id,
      durationMs: workMs + 1,
      attributes: { 'qflow.step.phase.work': workMs / 1e3, 'qflow.step.phase.ledger': 0.001 },
      ...(id === 'pack' && { child: { name: 'POST', durationMs: workMs / 2, kind: 'client' } }),
    } as const
  })
}
