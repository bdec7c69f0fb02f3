import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AttributeList, AttributeShape } from '../otlp/attribute-list.ts'
import { KNOWN_KEYS } from '../otlp/known-attributes.ts'
import type { AttributeValue, SpanRecord } from '../otlp/span-record.ts'
import { generatedExecution } from '../path/generated-execution.ts'
import { buildExecution, type ExecutionInput } from './build-execution.ts'
import type { Execution } from './execution.ts'
import { LaidExecution } from './laid-execution.ts'
import { numbersAt, unlaySpans, withOwnRow } from './laid-spans.ts'
import { LayoutMemory } from './layout-memory.ts'
import { closedExecution, restoreExecution, storeExecution } from './stored-execution.ts'
import { toldFacts } from './told-facts.ts'
import { spanRecord } from './trace-diagram.ts'

const RESOURCES = ['a', 'b'].map((serviceName) => ({ serviceName, attributes: new Map() }))

/** How one span differs from execution to execution: mostly in its times, now and then in a value. */
const draft = fc.record({
  startNs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 })),
  lengthNs: fc.oneof(fc.nat(60), fc.nat(60), fc.integer({ min: -1, max: 1 })),
  work: fc.oneof(
    fc.constant(1),
    fc.constant(2),
    fc.constant('much'),
    fc.integer({ min: -2, max: 30 }),
  ),
  host: fc.constantFrom('a', 'a', 'a', 'b'),
  note: fc.oneof(fc.constant(0), fc.constantFrom<AttributeValue>(-0, 'x', ['x'], 7n, Number.NaN)),
  resource: fc.constantFrom(0, 0, 0, 1),
})
const drafts = fc.array(draft, { minLength: 6, maxLength: 6 })

/** The same tree for some executions that follow each other: steps, calls, details, and their order of arrival. */
const executions = fc.record({
  nodes: fc.array(
    fc.record({
      kind: fc.constantFrom('step', 'step', 'step', 'call', 'call', 'detail', 'attempt', 'flow'),
      parent: fc.nat(5),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  status: fc.constantFrom('completed', 'completed', 'failed', 'paused'),
  isUnended: fc.constantFrom(false, false, false, false, false, true),
  caller: fc.constantFrom(undefined, 'c'.repeat(16)),
  arrival: fc.array(fc.nat(), { minLength: 6, maxLength: 6 }),
  all: fc.array(drafts, { minLength: 6, maxLength: 8 }),
})
type Executions = typeof executions extends fc.Arbitrary<infer E> ? E : never
type Draft = typeof draft extends fc.Arbitrary<infer D> ? D : never

test('an execution whose layout is known is what it would be without', () => {
  let laidCount = 0
  fc.assert(
    fc.property(executions, (plan) => {
      const layouts = new LayoutMemory()
      const readers = new Map<object, LaidExecution>()
      for (const [index, one] of plan.all.entries()) {
        const input = inputOf(plan, one, index)
        const { stored, execution } = closedExecution(input, false, layouts)
        const built = buildExecution(input)
        expect(execution).toEqual(built)
        expect(restoreExecution(stored)).toEqual(built)
        expect(toldFacts(stored.facts)).toEqual(storeExecution(built, input).facts)
        const { spans } = stored
        if (spans === undefined || !('layout' in spans)) continue
        laidCount += 1
        expect(unlaySpans(withOwnRow(spans))).toEqual(unlaySpans(spans))
        const reader = readers.get(spans.layout) ?? new LaidExecution(spans.layout)
        readers.set(spans.layout, reader)
        expect(listedAttributes(reader.read(stored, spans))).toEqual(listedAttributes(built))
      }
    }),
    { numRuns: 300, seed: 20261125 },
  )
  // Of some 2,000.
  expect(laidCount).toBeGreaterThan(150)
})

test('spans of any kind come back as they were', () => {
  fc.assert(
    fc.property(generatedExecution, (records) => {
      const layouts = new LayoutMemory()
      const listed = records.map((record) => ({ ...record, attributes: list(record.attributes) }))
      const input = { tenant: 't', executionId: 'e', records: listed }
      for (let time = 0; time < 3; time++) {
        const { stored } = closedExecution(input, false, layouts)
        expect(restoreExecution(stored)).toEqual(buildExecution(input))
      }
    }),
    { numRuns: 300, seed: 20261126 },
  )
})

test('a value that changes is kept from then on, and a constant takes no room', () => {
  const layouts = new LayoutMemory()
  const notes = [1, 1, 1, 2, 2, 'x', 3]
  const kept = notes.map((note, index) => {
    const { spans } = closedExecution(
      inputOf(PLAN, [note, 0].map(draftOf), index),
      false,
      layouts,
    ).stored
    if (spans === undefined || !('layout' in spans)) return undefined
    const first = numbersAt(spans)
    return [[...spans.block.numbers.slice(first, first + spans.numberCount)], spans.others]
  })
  expect(kept).toEqual([
    undefined,
    undefined,
    [[], []],
    [[2], []],
    [[2], []],
    [[], ['x']],
    [[], [3]],
  ])
})

const PLAN = {
  nodes: [{ kind: 'step', parent: 0 }],
  status: 'completed',
  isUnended: false,
  caller: undefined,
  arrival: [0, 0],
} as const

function draftOf(note: AttributeValue): Draft {
  return { startNs: 0, lengthNs: 10, work: 1, host: 'a', note, resource: 0 }
}

function inputOf(
  plan: Omit<Executions, 'all' | 'arrival' | 'nodes'> & {
    readonly nodes: readonly { readonly kind: string; readonly parent: number }[]
    readonly arrival: readonly number[]
  },
  one: readonly Draft[],
  index: number,
): ExecutionInput {
  const executionId = `e-${index}`
  const nodes = [{ kind: 'root', parent: -1 }, ...plan.nodes]
  const records = nodes.map(({ kind, parent }, at): SpanRecord => {
    const own = one[at] ?? draftOf(0)
    const { startNs, lengthNs } = kind === 'root' ? { startNs: 0, lengthNs: 100 } : own
    const isUnended = plan.isUnended && at === 1
    const record = spanRecord({
      spanId: `${index}-${at}`.padStart(16, '0'),
      parentSpanId: kind === 'root' ? plan.caller : `${index}-${parent % at}`.padStart(16, '0'),
      name: NAMES[kind] ?? kind,
      startNs,
      endNs: startNs + lengthNs,
    })
    return {
      ...record,
      endUnixNs: isUnended ? 0n : record.endUnixNs,
      traceId: 'ab'.repeat(16),
      resource: RESOURCES[own.resource] ?? record.resource,
      attributes: list(new Map(attributesOf(kind, own, { executionId, status: plan.status, at }))),
    }
  })
  const order = records.map((record, at) => ({ record, at: plan.arrival[at] ?? at }))
  order.sort((a, b) => a.at - b.at)
  return {
    tenant: 't',
    executionId,
    records: order.map(({ record }) => record),
    closeReason: 'idle',
  }
}

const NAMES: Readonly<Record<string, string>> = {
  root: 'execute_flow f',
  flow: 'execute_flow f',
  step: 'execute_step s',
  attempt: 'attempt 1',
  detail: 'validate',
  call: 'GET',
}

function attributesOf(
  kind: string,
  { work, host, note }: Draft,
  { executionId, status, at }: { executionId: string; status: string; at: number },
): [string, AttributeValue][] {
  if (kind === 'call')
    return [
      ['http.request.method', 'GET'],
      ['server.address', host],
      ['note', note],
    ]
  const shared: [string, AttributeValue][] = [
    ['qflow.flow.id', 'f'],
    ['qflow.execution.id', executionId],
  ]
  if (kind === 'root' || kind === 'flow')
    return [...shared, ['qflow.execution.status', status], ['note', note]]
  if (kind === 'attempt') return [...shared, ['qflow.step.attempt', 1]]
  if (kind === 'detail') return [['qflow.flow.id', 'f']]
  const seconds = typeof work === 'number' ? work / 1e9 : work
  return [
    ...shared,
    ['qflow.step.id', `s${at}`],
    ['qflow.step.phase.work', seconds],
    ['note', note],
  ]
}

/** Whatever holds the attributes. */
function listedAttributes(execution: Execution) {
  const spans = execution.spans.map((row) => ({ ...row, attributes: [...row.attributes] }))
  return { ...execution, spans }
}

const shapes = new Map<string, AttributeShape>()

/** As the readers make them: equal keys share a shape. */
function list(attributes: ReadonlyMap<string, AttributeValue>): AttributeList {
  const keys = [...attributes.keys()]
  const shape = shapes.get(keys.join()) ?? new AttributeShape(keys, KNOWN_KEYS)
  shapes.set(keys.join(), shape)
  return new AttributeList(shape, [...attributes.values()])
}
