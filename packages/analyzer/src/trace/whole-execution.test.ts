import {
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_STEP_ID,
} from '@qflow-otel/semconv'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AttributeValue, SpanRecord } from '../otlp/span-record.ts'
import { Assembler } from './assembler.ts'
import { DistinctIds } from './distinct-ids.ts'
import { spanRecord } from './trace-diagram.ts'

const S = 1_000_000_000n
const T0 = 1_800_000_000n * S
const TRACE_COUNT = 3

/** What a span says: everything may contradict everything. */
const drawnSpan: fc.Arbitrary<DrawnSpan> = fc.record({
  trace: fc.constantFrom(0, 0, 0, 1, 2),
  /** Ids repeat now and then. */
  id: fc.integer({ min: 2, max: 40 }),
  parent: fc.integer({ min: 1, max: 12 }),
  execution: fc.constantFrom(undefined, 0, 0, 0, 1, 2),
  isRoot: fc.constantFrom(false, false, false, false, true),
  startNs: fc.nat(50),
  status: fc.constantFrom('completed', 'failed', 'paused', 'rejected'),
})
interface DrawnSpan {
  readonly trace: number
  readonly id: number
  readonly parent: number
  readonly execution: number | undefined
  readonly isRoot: boolean
  readonly startNs: number
  readonly status: string
}

function span({ trace, id, parent, execution, isRoot, startNs, status }: DrawnSpan): SpanRecord {
  const attributes: [string, AttributeValue][] = [[ATTR_QFLOW_FLOW_ID, 'f']]
  if (execution !== undefined) attributes.push([ATTR_QFLOW_EXECUTION_ID, `e${execution}`])
  if (isRoot) attributes.push([ATTR_QFLOW_EXECUTION_STATUS, status])
  else attributes.push([ATTR_QFLOW_STEP_ID, `s${id}`])
  return spanRecord({
    spanId: id.toString(16).padStart(16, '0'),
    parentSpanId: parent === 1 && isRoot ? undefined : parent.toString(16).padStart(16, '0'),
    traceId: String(trace).repeat(32),
    name: isRoot ? 'execute_flow f' : execution === undefined ? 'GET' : `execute_step s${id}`,
    attributes,
    startNs,
    endNs: startNs + 10,
  })
}

/** Spans of one trace and execution, the root last: mostly whole. */
const mostlyWhole: fc.Arbitrary<readonly DrawnSpan[]> = fc
  .tuple(fc.nat(TRACE_COUNT - 1), fc.array(drawnSpan, { maxLength: 6 }))
  .map(([trace, spans]) => [
    ...spans.map((one, index) => ({
      ...one,
      trace,
      id: 2 + index,
      isRoot: false,
      execution: one.execution === undefined ? undefined : trace,
    })),
    { trace, id: 1, parent: 1, execution: trace, isRoot: true, startNs: 0, status: 'completed' },
  ])

const act = fc.oneof(
  { weight: 3, arbitrary: mostlyWhole.map((spans) => ({ kind: 'spans' as const, spans })) },
  {
    weight: 3,
    arbitrary: fc
      .array(drawnSpan, { minLength: 1, maxLength: 3 })
      .map((spans) => ({ kind: 'spans' as const, spans })),
  },
  fc.record({ kind: fc.constant('started' as const), execution: fc.nat(2), trace: fc.nat(2) }),
  fc.record({ kind: fc.constant('advance' as const), seconds: fc.constantFrom(1, 1, 59, 61, 700) }),
)

/** All that can be seen of an assembler. */
function seen(assembler: Assembler, closed: readonly unknown[]): unknown {
  return { closed, running: assembler.running(), losses: assembler.losses() }
}

test('an execution that comes whole is held and closed as if its spans had come one by one', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 2, maxLength: 12 }), (acts) => {
      const atOnce = new Assembler()
      const apart = new Assembler()
      let nowUnixNs = T0
      for (const one of acts) {
        if (one.kind === 'spans') {
          const records = one.spans.map(span)
          atOnce.add(records, { nowUnixNs })
          for (const record of records) apart.add([record], { nowUnixNs })
        } else if (one.kind === 'started') {
          const executionId = `e${one.execution}`
          const traceId = String(one.trace).repeat(32)
          const started = {
            executionId,
            traceId,
            flowId: 'f',
            flowVersion: undefined,
            startUnixNs: T0,
          }
          for (const assembler of [atOnce, apart]) assembler.noteStarted(started, { nowUnixNs })
        } else nowUnixNs += BigInt(one.seconds) * S
        const advance = (assembler: Assembler) =>
          one.kind === 'advance'
            ? assembler
                .advance(nowUnixNs)
                .map(({ execution, isReplacement }) => ({ execution, isReplacement }))
            : []
        expect(seen(atOnce, advance(atOnce))).toEqual(seen(apart, advance(apart)))
      }
      expect(atOnce.close(nowUnixNs).map(({ execution }) => execution)).toEqual(
        apart.close(nowUnixNs).map(({ execution }) => execution),
      )
    }),
    { numRuns: 600, seed: 20261126 },
  )
})

test('what comes whole weighs as much as its spans, while it is held and when it is gone', () => {
  const spans = [2, 3, 4, 1].map((id) =>
    span({
      trace: 0,
      id,
      parent: 1,
      execution: 0,
      isRoot: id === 1,
      startNs: id,
      status: 'completed',
    }),
  )
  const [atOnce, apart] = [new Assembler(), new Assembler()]
  atOnce.add(spans, { nowUnixNs: T0 })
  for (const record of spans) apart.add([record], { nowUnixNs: T0 })
  expect(atOnce.heldBytes).toBe(apart.heldBytes)
  atOnce.advance(T0)
  atOnce.advance(T0 + 61n * S)
  expect(atOnce.heldBytes).toBe(0)
})

test('ids are distinct as in a set, time after time', () => {
  const id = fc.integer({ min: 0, max: 30 }).map((number) => number.toString(16).padStart(16, '0'))
  const distinct = new DistinctIds(20)
  fc.assert(
    fc.property(fc.array(id, { maxLength: 25 }), (ids) => {
      distinct.clear()
      const known = new Set<string>()
      for (const one of ids) {
        const isNew = !known.has(one) && known.size < 20
        expect(distinct.add(one)).toBe(isNew)
        if (isNew) known.add(one)
      }
    }),
    { numRuns: 300, seed: 20261126 },
  )
})
