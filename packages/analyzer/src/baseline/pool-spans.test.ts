import { ATTR_QFLOW_POOL_NAME } from '@qflow-otel/semconv'
import { expect, test } from 'vitest'
import type { SpanRecord } from '../otlp/span-record.ts'
import { buildExecution } from '../trace/build-execution.ts'
import { spansFromDiagram } from '../trace/trace-diagram.ts'
import type { Counters } from './counters.ts'
import { notePoolSpans, type PoolSpans, poolSpansOf } from './pool-spans.ts'

const drawing = `
  flow            ==============
    step.pack      ============
      acquire      ====
      hold             =====
`

test('notes who waited and who held, with flow, step and times', () => {
  const pools = noted([inPool(spansFromDiagram(drawing), 'printers')])
  expect(pools).toHaveLength(1)
  expect(pools[0]).toMatchObject({
    tenant: 'default',
    pool: 'printers',
    waits: [{ stepId: 'pack', executionId: 'e' }],
    holds: [{ stepId: 'pack', executionId: 'e' }],
  })
  const [wait] = pools[0]?.waits ?? []
  expect((wait?.endUnixNs ?? 0n) - (wait?.startUnixNs ?? 0n)).toBe(4n)
})

test('without detail spans there is no pool', () => {
  expect(noted([spansFromDiagram(drawing).slice(0, 2)])).toEqual([])
})

test('a replacement of an execution brings nothing twice', () => {
  const spans = inPool(spansFromDiagram(drawing), 'printers')
  const [pool] = noted([spans, spans])
  expect(pool?.waits).toHaveLength(2)
  expect(poolSpansOf(pool?.waits ?? [])).toHaveLength(1)
})

test('keeps the newest, in whatever order they come, and counts what it forgot', () => {
  const executions = Array.from({ length: 2_000 }, (_, index) => index)
  const forwards = noted(executions.map(later))
  const backwards = noted(executions.toReversed().map(later))
  for (const [pool] of [forwards, backwards]) {
    expect(pool?.holds.length).toBeLessThan(1_024)
    const kept = poolSpansOf(pool?.holds ?? []).slice(-512)
    expect(kept[0]?.endUnixNs).toBe(endOf(2_000 - 512))
    expect(kept.at(-1)?.endUnixNs).toBe(endOf(1_999))
  }
  const [pool] = forwards
  expect((pool?.forgottenHoldCount ?? 0) + (pool?.holds.length ?? 0)).toBe(2_000)
  expect(pool?.forgottenUntilUnixNs).toBe(endOf((pool?.forgottenHoldCount ?? 0) - 1))
})

test('what comes late never makes known again what was forgotten', () => {
  const executions = Array.from({ length: 2_000 }, (_, index) => index + 2_000)
  const [before] = noted(executions.map(later))
  const older = Array.from({ length: 1_000 }, (_, index) => index)
  const [after] = noted([...executions, ...older].map(later))
  expect(after?.forgottenHoldCount).toBeGreaterThan(before?.forgottenHoldCount ?? 0)
  expect(after?.forgottenUntilUnixNs).toBeGreaterThanOrEqual(before?.forgottenUntilUnixNs ?? 0n)
})

test('pools beyond the bound are counted', () => {
  const counters: Counters = {}
  const executions = Array.from({ length: 130 }, (_, index) =>
    inPool(spansFromDiagram(drawing), `pool-${index}`),
  )
  expect(noted(executions, counters)).toHaveLength(128)
  expect(counters).toEqual({ pool_limit: 4 })
})

/** Execution `index` starts so many µs later. */
function later(index: number): SpanRecord[] {
  return inPool(spansFromDiagram(drawing), 'printers').map((span) => ({
    ...span,
    startUnixNs: span.startUnixNs + BigInt(index) * 1_000n,
    endUnixNs: span.endUnixNs + BigInt(index) * 1_000n,
  }))
}

function endOf(index: number): bigint {
  return poolSpansOf(noted([later(index)])[0]?.holds ?? [])[0]?.endUnixNs ?? 0n
}

function inPool(spans: readonly SpanRecord[], pool: string): SpanRecord[] {
  return spans.map((span) => ({
    ...span,
    attributes: new Map([...span.attributes, [ATTR_QFLOW_POOL_NAME, pool]]),
  }))
}

function noted(
  executions: readonly (readonly SpanRecord[])[],
  counters: Counters = {},
): PoolSpans[] {
  const pools: PoolSpans[] = []
  for (const records of executions) {
    const execution = buildExecution({ tenant: 'default', executionId: 'e', records })
    notePoolSpans(pools, execution, counters)
  }
  return pools
}
