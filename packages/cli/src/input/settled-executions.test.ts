import type { Execution, SpanRecord } from '@qflow-otel/analyzer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SettledExecutions } from './settled-executions.ts'

const START_UNIX_NS = 1_700_000_000_000_000_000n
const MS = 1_000_000n
const MINUTE = 60_000n * MS

/** A span of trace `t`; without a flow unless it says so. */
function span(
  t: number,
  id: number,
  at: { startNs: bigint; endNs: bigint; parent?: number },
): SpanRecord {
  const hex = (value: number) => value.toString(16).padStart(16, '0')
  return {
    traceId: t.toString(16).padStart(32, '0'),
    spanId: hex(id),
    parentSpanId: at.parent === undefined ? undefined : hex(at.parent),
    traceState: '',
    name: `span ${id}`,
    kind: 'internal',
    startUnixNs: START_UNIX_NS + at.startNs,
    endUnixNs: START_UNIX_NS + at.endNs,
    attributes: new Map(),
    links: [],
    status: 'unset',
    resource: { serviceName: 'shop', attributes: new Map() },
  }
}

const document = (spans: readonly SpanRecord[]) => ({
  spans,
  flows: [],
  started: [],
  problemCount: 0,
  problems: [],
  clipped: {},
})

/** A root of 100 ms and a child of 50 ms. */
const pair = (t: number, startNs: bigint) => [
  span(t, 1, { startNs, endNs: startNs + 100n * MS }),
  span(t, 2, { startNs, endNs: startNs + 50n * MS, parent: 1 }),
]

const shown = (executions: readonly Execution[]) =>
  executions.map(({ executionId, spanCount }) => `${Number.parseInt(executionId, 16)}:${spanCount}`)

test('a trace without flows is given out once, when its waiting time is over', () => {
  const settled = new SettledExecutions({ memoryBudgetBytes: 2 ** 26 })
  expect(shown(settled.take(document(pair(1, 0n))))).toEqual([])
  expect(shown(settled.take(document(pair(2, 9n * MINUTE))))).toEqual([])
  // Ten minutes of silence close it, and a minute later nothing late can come any more.
  expect(shown(settled.take(document(pair(3, 11n * MINUTE))))).toEqual([])
  expect(shown(settled.take(document(pair(4, 12n * MINUTE + 1_000n * MS))))).toEqual(['1:2'])
  expect(shown(settled.end())).toEqual(['2:2', '3:2', '4:2'])
  expect(settled.losses()).toMatchObject({ acceptedSpanCount: 8, droppedSpans: {} })
})

test('whatever the order of the spans of a minute, the executions come in the order of their starts', () => {
  const spans = [3, 1, 2, 5, 4].flatMap((t) => pair(t, BigInt(t) * MS))
  const permuted = fc.shuffledSubarray(spans, { minLength: spans.length })
  fc.assert(
    fc.property(permuted, fc.integer({ min: 1, max: 10 }), (all, size) => {
      const settled = new SettledExecutions({ memoryBudgetBytes: 2 ** 26 })
      const early: Execution[] = []
      for (let at = 0; at < all.length; at += size)
        early.push(...settled.take(document(all.slice(at, at + size))))
      expect(shown([...early, ...settled.end()])).toEqual(['1:2', '2:2', '3:2', '4:2', '5:2'])
    }),
    { numRuns: 100, seed: 7 },
  )
})

test('beyond the budget the oldest go first and what comes late is counted', () => {
  const settled = new SettledExecutions({ memoryBudgetBytes: 200_000 })
  const out: Execution[] = []
  const traceCount = 500
  for (let t = 1; t <= traceCount; t++)
    out.push(...settled.take(document(pair(t, BigInt(t) * 3n * 1_000n * MS))))
  out.push(...settled.take(document([span(1, 3, { startNs: 0n, endNs: MS, parent: 1 })])))
  out.push(...settled.end())
  const { acceptedSpanCount, droppedSpans } = settled.losses()
  const given = out.reduce((sum, { spanCount }) => sum + spanCount, 0)
  const lost = Object.values(droppedSpans).reduce((sum, count) => sum + count, 0)
  expect(droppedSpans).toEqual({ late_after_close: 1 })
  expect(given + lost).toBe(acceptedSpanCount)
})
