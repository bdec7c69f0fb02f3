import {
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_SEGMENT,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_STEP_ID,
} from '@qflow-otel/semconv'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AttributeValue, SpanRecord, StartedExecution } from '../otlp/span-record.ts'
import { Assembler } from './assembler.ts'
import type { ClosedExecution } from './stored-execution.ts'
import { spanRecord } from './trace-diagram.ts'

const S = 1_000_000_000n
const T0 = 1_800_000_000n * S

interface Draft {
  readonly id: number
  readonly parent?: number
  readonly trace?: string
  readonly execution?: string
  readonly step?: string
  /** A root: the state in which its segment ended. */
  readonly status?: string
  readonly segment?: number
  readonly name?: string
  readonly startNs?: number
  readonly endNs?: number
}

const hex = (id: number): string => id.toString(16).padStart(16, '0')

function span(draft: Draft): SpanRecord {
  const attributes: [string, AttributeValue][] = []
  if (draft.execution !== undefined || draft.status !== undefined)
    attributes.push([ATTR_QFLOW_FLOW_ID, 'f'])
  if (draft.execution !== undefined) attributes.push([ATTR_QFLOW_EXECUTION_ID, draft.execution])
  if (draft.step !== undefined) attributes.push([ATTR_QFLOW_STEP_ID, draft.step])
  if (draft.status !== undefined) {
    attributes.push([ATTR_QFLOW_EXECUTION_STATUS, draft.status])
    attributes.push([ATTR_QFLOW_EXECUTION_SEGMENT, draft.segment ?? 0])
  }
  const name = draft.status !== undefined ? 'execute_flow f' : `execute_step ${draft.step}`
  return spanRecord({
    spanId: hex(draft.id),
    parentSpanId: draft.parent === undefined ? undefined : hex(draft.parent),
    traceId: (draft.trace ?? 'a').repeat(32),
    name: draft.name ?? name,
    attributes,
    startNs: draft.startNs ?? draft.id,
    endNs: draft.endNs ?? 100 - draft.id,
  })
}

/** One execution with a step, a call of the user in it, and a call in that. */
const one = [
  span({ id: 1, execution: 'e', status: 'completed' }),
  span({ id: 2, parent: 1, execution: 'e', step: 'pay' }),
  span({ id: 3, parent: 2, name: 'GET' }),
  span({ id: 4, parent: 3, name: 'dns' }),
]

function ids(closed: readonly ClosedExecution[]): (string | undefined)[][] {
  return closed.map(({ execution }) => [execution.executionId, execution.closeReason])
}

function names(closed: readonly ClosedExecution[]): string[] {
  return closed.flatMap(({ execution }) => execution.spans.map(({ name }) => name))
}

test('any order and any batching give the same execution', () => {
  const expected = new Assembler()
  expected.add(one, { nowUnixNs: T0 })
  const [first] = expected.advance(T0)
  expect(first?.execution.spans.map(({ name, depth }) => `${depth} ${name}`)).toEqual([
    '0 execute_flow f',
    '1 execute_step pay',
    '2 GET',
    '3 dns',
  ])
  fc.assert(
    fc.property(
      fc.shuffledSubarray(one, { minLength: 4, maxLength: 4 }),
      fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      (records, cuts) => {
        const assembler = new Assembler()
        let last: readonly ClosedExecution[] = []
        for (const [index, record] of records.entries()) {
          assembler.add([record], { nowUnixNs: T0 })
          if (cuts[index]) last = [...last, ...assembler.advance(T0)]
        }
        last = [...last, ...assembler.advance(T0)]
        expect(last.at(-1)?.execution).toEqual(first?.execution)
        expect(assembler.losses().droppedSpans).toEqual({})
        expect(assembler.losses().closedExecutions).toEqual({ root_ended: 1 })
      },
    ),
    { numRuns: 500, seed: 1 },
  )
})

test('a paused segment does not close; the resume in another trace does', () => {
  const assembler = new Assembler()
  const paused = span({ id: 1, execution: 'e', status: 'paused', endNs: 10 })
  const resumed = span({
    id: 7,
    trace: 'b',
    execution: 'e',
    status: 'completed',
    segment: 1,
    startNs: 30,
    endNs: 50,
  })
  assembler.add([paused], { nowUnixNs: T0 })
  expect(assembler.advance(T0 + 3600n * S)).toEqual([])
  expect(assembler.running()).toHaveLength(1)
  assembler.add([resumed], { nowUnixNs: T0 + 3600n * S })
  const [closed] = assembler.advance(T0 + 3600n * S)
  expect(closed?.execution).toMatchObject({
    durationNs: 49,
    activeNs: 29,
    status: 'completed',
    closeReason: 'root_ended',
    traceIds: ['a'.repeat(32), 'b'.repeat(32)],
  })
})

test('late spans re-open and replace for a minute, and are counted after it', () => {
  const assembler = new Assembler()
  assembler.add(one.slice(0, 2), { nowUnixNs: T0 })
  expect(ids(assembler.advance(T0))).toEqual([['e', 'root_ended']])
  assembler.add(one.slice(2, 3), { nowUnixNs: T0 + 59n * S })
  const replaced = assembler.advance(T0 + 59n * S)
  expect(replaced.map(({ isReplacement }) => isReplacement)).toEqual([true])
  expect(names(replaced)).toContain('GET')
  expect(assembler.advance(T0 + 200n * S)).toEqual([])
  assembler.add([...one.slice(3), one[1] as SpanRecord], { nowUnixNs: T0 + 201n * S })
  expect(assembler.advance(T0 + 201n * S)).toEqual([])
  expect(assembler.losses()).toMatchObject({
    droppedSpans: { late_after_close: 2 },
    closedExecutions: { root_ended: 1 },
  })
  expect(assembler.heldBytes).toBe(0)
})

test('an execution that is re-opened again and again waits until it is idle, and loses nothing', () => {
  const assembler = new Assembler({ idleMs: 10_000 })
  assembler.add(one, { nowUnixNs: T0 })
  const given = [...assembler.advance(T0)]
  for (let late = 0; late < 100; late++) {
    const spans = [span({ id: 10 + late, parent: 2, name: 'late', startNs: 5, endNs: 6 })]
    assembler.add(spans, { nowUnixNs: T0 + BigInt(late) })
    given.push(...assembler.advance(T0 + BigInt(late)))
  }
  expect(given.length).toBe(16)
  const [last, ...others] = assembler.advance(T0 + 11n * S)
  expect(others).toEqual([])
  expect(last?.isReplacement).toBe(true)
  expect(last?.execution).toMatchObject({ spanCount: one.length + 100, closeReason: 'root_ended' })
  expect(assembler.losses()).toMatchObject({
    droppedSpans: {},
    closedExecutions: { root_ended: 1 },
  })
})

test('idle, shutdown, and asking while it runs', () => {
  const assembler = new Assembler({ idleMs: 1000 })
  assembler.add([one[1] as SpanRecord], { nowUnixNs: T0 })
  expect(assembler.execution({ executionId: 'e' })?.closeReason).toBeUndefined()
  expect(ids(assembler.advance(T0 + S))).toEqual([['e', 'idle']])
  const stopped = new Assembler()
  stopped.add([one[1] as SpanRecord], { nowUnixNs: T0 })
  expect(ids(stopped.close(T0))).toEqual([['e', 'shutdown']])
})

const started: StartedExecution = {
  executionId: 'e',
  flowId: 'f',
  flowVersion: '1',
  traceId: 'a'.repeat(32),
  startUnixNs: 5n,
}

test('a started event makes an execution visible and claims its trace', () => {
  const assembler = new Assembler()
  assembler.noteStarted(started, { nowUnixNs: T0 })
  expect(assembler.running()).toMatchObject([{ executionId: 'e', flowId: 'f', startUnixNs: 5n }])
  assembler.add(one, { nowUnixNs: T0 })
  expect(ids(assembler.advance(T0))).toEqual([['e', 'root_ended']])
})

test('a sub-flow is an execution of its own, and its root stands in the waterfall of its parent', () => {
  const spans = [
    ...one.slice(0, 2),
    span({ id: 10, parent: 3, execution: 'sub', status: 'completed', startNs: 5, endNs: 50 }),
    span({ id: 11, parent: 10, execution: 'sub', step: 'inner', startNs: 6, endNs: 40 }),
    ...one.slice(2, 3),
  ]
  for (const order of [spans, [...spans].reverse()]) {
    const assembler = new Assembler()
    assembler.add(order, { nowUnixNs: T0 })
    const closed = assembler.advance(T0)
    expect(ids(closed)).toEqual([
      ['sub', 'root_ended'],
      ['e', 'root_ended'],
    ])
    expect(names(closed.slice(0, 1))).toEqual(['execute_flow f', 'execute_step inner'])
    expect(closed[1]?.execution.spans.map(({ name, depth }) => `${depth} ${name}`)).toEqual([
      '0 execute_flow f',
      '1 execute_step pay',
      '2 GET',
      '3 execute_flow f',
    ])
  }
})

test('tenants do not mix', () => {
  const assembler = new Assembler()
  assembler.add(one, { tenant: 'x', nowUnixNs: T0 })
  assembler.add(one, { tenant: 'y', nowUnixNs: T0 })
  expect(assembler.advance(T0)).toHaveLength(2)
})

test('spans of services without flows are dropped and counted, or executions of their own', () => {
  const foreign = [span({ id: 1, name: 'GET' }), span({ id: 2, parent: 1, name: 'SELECT' })]
  const dropping = new Assembler({ foreignWaitMs: 1000 })
  dropping.add(foreign, { nowUnixNs: T0 })
  expect(dropping.advance(T0 + S)).toEqual([])
  expect(dropping.losses().droppedSpans).toEqual({ no_execution: 2 })
  expect(dropping.heldBytes).toBe(0)
  const keeping = new Assembler({ foreignOnly: 'trace' })
  keeping.add(foreign, { nowUnixNs: T0 })
  expect(keeping.close(T0)).toMatchObject([
    { execution: { executionId: 'a'.repeat(32), flowId: 'GET', durationNs: 98, spanCount: 2 } },
  ])
})

test('a refused start is counted and is no execution', () => {
  const assembler = new Assembler()
  assembler.add([span({ id: 1, status: 'rejected' })], { nowUnixNs: T0 })
  expect(assembler.close(T0)).toEqual([])
  expect(assembler.losses()).toMatchObject({ rejectedStartCount: 1, droppedSpans: {} })
})

test('duplicates are counted once each; a final record replaces a partial one', () => {
  const root = one[0] as SpanRecord
  const partial = { ...root, endUnixNs: 0n, attributes: new Map([...root.attributes].slice(0, 2)) }
  for (const order of [
    [partial, root],
    [root, partial],
  ]) {
    const assembler = new Assembler()
    assembler.add([...order, ...one.slice(1), ...one.slice(1)], { nowUnixNs: T0 })
    const [closed] = assembler.advance(T0)
    expect(closed?.execution).toMatchObject({ spanCount: 4, status: 'completed', flags: [] })
    expect(assembler.losses().droppedSpans).toEqual({ duplicate_span: 4 })
  }
})

test.each([
  ['in a step', { id: 3, parent: 1, name: 'GET' }],
  ['whose parent never came', { id: 3, parent: 9, name: 'GET' }],
  ['of its own step', { id: 3, parent: 1, execution: 'e', step: 'pay' }],
])('a span %s with two ends is flagged in any order, and stays so', (_, draft) => {
  const records = [
    span({ id: 1, execution: 'e', status: 'completed' }),
    span({ ...draft, endNs: 50 }),
    span({ ...draft, endNs: 60 }),
    span({ ...draft, endNs: 0 }),
  ]
  for (const order of permutations(records)) {
    const assembler = new Assembler()
    assembler.add(order, { nowUnixNs: 1n })
    expect(assembler.execution({ executionId: 'e' })?.flags).toContain('duplicate_span')
    expect(assembler.advance(2n)[0]?.execution.flags).toContain('duplicate_span')
    // Held packed from here on, and opened again.
    expect(assembler.execution({ executionId: 'e' })?.flags).toContain('duplicate_span')
    assembler.noteStarted(started, { nowUnixNs: 3n })
    expect(assembler.execution({ executionId: 'e' })?.flags).toContain('duplicate_span')
  }
})

function permutations<T>(all: readonly T[]): readonly (readonly T[])[] {
  if (all.length < 2) return [all]
  return all.flatMap((one, at) => permutations(all.toSpliced(at, 1)).map((rest) => [one, ...rest]))
}

test('spans of the trace that are in no execution are counted once when it is let go of', () => {
  const outside = [
    span({ id: 20, name: 'POST', startNs: 0, endNs: 1000 }),
    span({ id: 21, parent: 9, name: 'GET', startNs: 200, endNs: 300 }),
  ]
  const inside = span({ id: 22, parent: 9, name: 'GET', startNs: 10, endNs: 20 })
  const root = span({ id: 1, parent: 20, execution: 'e', status: 'completed', endNs: 100 })
  for (const order of permutations([...outside, inside, root])) {
    const assembler = new Assembler({ reopenMs: 60_000 })
    assembler.add(order, { nowUnixNs: T0 })
    expect(assembler.advance(T0).map(({ stored }) => stored.facts.spanCount)).toEqual([2])
    // It is held packed, opens again for a late span, and closes a second time.
    assembler.add([span({ id: 23, parent: 8, name: 'PUT', startNs: 400, endNs: 500 })], {
      nowUnixNs: T0,
    })
    expect(assembler.advance(T0 + S).map(({ stored }) => stored.facts.spanCount)).toEqual([2])
    expect(assembler.losses().droppedSpans).toEqual({})
    if (order[0] === root) assembler.close(T0 + S)
    else assembler.advance(T0 + 100n * S)
    expect(assembler.losses().droppedSpans).toEqual({ outside_execution: 3 })
    assembler.advance(T0 + 100n * S)
    expect(assembler.losses().droppedSpans).toEqual({ outside_execution: 3 })
    expect(assembler.heldBytes).toBe(0)
  }
})

test('a free span that comes when the first execution of its trace is gone is counted with the last', () => {
  const assembler = new Assembler({ reopenMs: 60_000 })
  const second = span({ id: 5, execution: 'e2', status: 'completed', startNs: 500, endNs: 600 })
  assembler.add([...one, second], { nowUnixNs: T0 })
  assembler.advance(T0)
  assembler.add([{ ...second, spanId: hex(6) }], { nowUnixNs: T0 + 50n * S })
  assembler.advance(T0 + 50n * S)
  assembler.advance(T0 + 70n * S)
  const orphan = span({ id: 7, parent: 9, name: 'GET' })
  assembler.add([orphan], { nowUnixNs: T0 + 80n * S })
  assembler.advance(T0 + 300n * S)
  expect(assembler.losses().droppedSpans).toEqual({ outside_execution: 1 })
  expect(assembler.heldBytes).toBe(0)
})

test('what a started event says counts', () => {
  const heldBytes = (text: string): number => {
    const assembler = new Assembler()
    const ids = { executionId: text, flowId: text, flowVersion: text }
    // Told again, it says nothing new.
    for (let times = 0; times < 2; times++)
      assembler.noteStarted({ ...started, ...ids }, { nowUnixNs: T0 })
    const bytes = assembler.heldBytes
    assembler.close(T0)
    assembler.advance(T0 + 3600n * S)
    expect(assembler.heldBytes).toBe(0)
    return bytes
  }
  expect(heldBytes('x'.repeat(200)) - heldBytes('x')).toBe(3 * 199)
})

test('memory stays within the budget, and every span is accounted for', () => {
  const budget = 200_000
  const assembler = new Assembler({ memoryBudgetBytes: budget, maxSpansPerExecution: 50 })
  let given = 0
  let added = 0
  for (let n = 0; n < 3000; n++) {
    const execution = n % 3 === 0 ? 'endless' : `e${n}`
    const spans = [
      span({ id: n + 1, trace: 'c', execution, step: 's' }),
      { ...span({ id: n + 1, name: 'noise' }), traceId: n.toString(16).padStart(32, '0') },
    ]
    added += spans.length
    assembler.add(spans, { nowUnixNs: T0 + BigInt(n) })
    expect(assembler.heldBytes).toBeLessThanOrEqual(budget)
    for (const { execution, isReplacement } of n % 10 === 0 ? assembler.advance(T0) : [])
      if (!isReplacement) given += execution.spanCount
  }
  for (const { execution, isReplacement } of assembler.close(T0 + 3000n))
    if (!isReplacement) given += execution.spanCount
  const { droppedSpans, acceptedSpanCount } = assembler.losses()
  const dropped = Object.values(droppedSpans).reduce((sum, count) => sum + count, 0)
  expect(acceptedSpanCount).toBe(added)
  expect(given + dropped).toBe(added)
  expect(Object.keys(droppedSpans).sort()).toContain('evicted_no_execution')
})

test('running executions are listed newest first, and only those asked for are built', () => {
  const assembler = new Assembler()
  const started: StartedExecution[] = Array.from({ length: 500 }, (_, index) => ({
    executionId: `e${index}`,
    flowId: `f${index % 2}`,
    flowVersion: undefined,
    traceId: (index + 1).toString(16).padStart(32, '0'),
    startUnixNs: BigInt((index * 7) % 500),
  }))
  let builtCount = 0
  for (const one of started) {
    // Building asks for the trace id, listing does not.
    const watched = { ...one }
    assembler.noteStarted(watched, { nowUnixNs: 0n })
    Object.defineProperty(watched, 'traceId', {
      get() {
        builtCount += 1
        return one.traceId
      },
    })
  }
  const starts = (query: { flowId?: string; limit: number }) =>
    assembler.running(query).map(({ startUnixNs }) => Number(startUnixNs))
  expect(starts({ limit: 3 })).toEqual([499, 498, 497])
  expect(builtCount).toBe(3)
  expect(starts({ flowId: 'f0', limit: 2 })).toEqual([498, 496])
  expect(starts({ limit: 600 })).toHaveLength(500)
})
