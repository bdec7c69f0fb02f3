import {
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_STEP_ID,
} from '@qflow-otel/semconv'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AttributeList, AttributeShape } from '../otlp/attribute-list.ts'
import { KNOWN_KEYS } from '../otlp/known-attributes.ts'
import type { AttributeValue, FlowDefinition, SpanRecord } from '../otlp/span-record.ts'
import { flowOrder } from '../path/flow-order.ts'
import { emptyOrder } from '../path/learn-order.ts'
import { unixNsAt } from '../time/unix-ns.ts'
import { buildExecution, type ExecutionInput } from '../trace/build-execution.ts'
import { LaidExecution } from '../trace/laid-execution.ts'
import { LayoutMemory } from '../trace/layout-memory.ts'
import type { SpanLayout } from '../trace/span-layout.ts'
import { closedExecution } from '../trace/stored-execution.ts'
import { spanRecord } from '../trace/trace-diagram.ts'
import { appendEntry, appendPlaced, emptyHistory } from './history.ts'
import { PlaceMemory } from './known-places.ts'
import type { Observation } from './observation.ts'
import { observe } from './observe.ts'
import type { SeenExecution } from './seen-execution.ts'
import { SerialObserver } from './serial-observer.ts'

const EXECUTION_COUNT = 10
const MAX_NODE_COUNT = 7

/** In one of many spans what the observer leaves to the general way. */
function mostly<T>(usual: fc.Arbitrary<T>, odd: T): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: usual, weight: 60 }, { arbitrary: fc.constant(odd), weight: 1 })
}

/** What a span measures beyond its place: mostly whole lengths that fit, now and then what no engine would say. */
const figures = fc.record({
  phases: mostly(fc.constantFrom('exact', 'short', 'long', 'invalid'), 'queue'),
  cpu: mostly(fc.constantFrom<AttributeValue>(0, 0.000_002, 0.5, -1), 'much'),
})

/** Times in turn: a gap, a length, and how far the next begins before the end. Mostly 0, so that ties are many. */
const timing = fc.record({
  gapNs: fc.constantFrom(0, 0, 1, 7, 1000),
  lengthNs: fc.constantFrom(0, 1, 5, 30, 999, 123_457),
  overlapNs: mostly(fc.constant(0), 3),
  figures,
})

/** One tree for all: node 0 is the execution, calls lie in any earlier call or step, steps in the execution. */
const plans = fc.record({
  nodes: fc.array(
    fc.record({
      kind: fc.constantFrom('step', 'step', 'call', 'call'),
      parent: fc.nat(MAX_NODE_COUNT),
      name: fc.nat(2),
      spanKind: fc.constantFrom('client', 'internal'),
    }),
    { minLength: 1, maxLength: MAX_NODE_COUNT },
  ),
  isExclusive: fc.boolean(),
  edges: fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { maxLength: 3 }),
  isDefined: fc.boolean(),
  status: fc.constantFrom('completed', 'completed', 'failed'),
  tailNs: fc.constantFrom(0, 0, 1, 5000),
  all: fc.array(fc.array(timing, { minLength: MAX_NODE_COUNT, maxLength: MAX_NODE_COUNT }), {
    minLength: EXECUTION_COUNT,
    maxLength: EXECUTION_COUNT,
  }),
})
type Plan = typeof plans extends fc.Arbitrary<infer P> ? P : never
type Timing = typeof timing extends fc.Arbitrary<infer T> ? T : never

test('what happens one thing at a time is observed as by the general way', () => {
  const counts = { seen: 0, sampled: 0, left: 0 }
  fc.assert(
    fc.property(plans, (plan) => observeAll(plan, counts)),
    { numRuns: 400, seed: 20261127 },
  )
  // Of 4,000, of which the first of a layout are learnt from.
  expect(counts.seen).toBeGreaterThan(1000)
  expect(counts.sampled).toBeGreaterThan(200)
  expect(counts.left).toBeGreaterThan(200)
})

function observeAll(plan: Plan, counts: { seen: number; sampled: number; left: number }): void {
  const flow = plan.isDefined ? definitionOf(plan) : undefined
  const defined = flow && flowOrder(flow)
  const layouts = new LayoutMemory()
  const readers = new Map<SpanLayout, { rows: LaidExecution; serial: SerialObserver | undefined }>()
  const [history, expectedHistory] = [emptyHistory(), emptyHistory()]
  const places = new PlaceMemory()
  const all: { seen: SeenExecution; expected: Observation }[] = []
  const [order, expectedOrder] = [emptyOrder(), emptyOrder()]
  for (const [index, timings] of plan.all.entries()) {
    const input = inputOf(plan, timings, index)
    const { stored } = closedExecution(input, false, layouts)
    const built = buildExecution(input)
    const { startUnixNs, durationNs } = built
    const about = { flow, defined, isSimulated: true }
    const expected = observe(built, { ...about, order: expectedOrder })
    const { spans } = stored
    if (spans === undefined || !('layout' in spans)) {
      observe(built, { ...about, order })
      continue
    }
    const { rows, serial } = readers.get(spans.layout) ?? readerOf(spans.layout)
    readers.set(spans.layout, { rows, serial })
    const times = { startUnixNs, endUnixNs: unixNsAt(startUnixNs, durationNs) }
    const asked = { defined, order, isSimulated: true, ...times }
    const seen = serial?.see(stored, spans, asked)
    if (seen === undefined) {
      counts.left += 1
      observe(built, { ...about, order })
      serial?.learn(rows.read(stored, spans), spans, { defined, order })
    } else {
      counts.seen += 1
      if (seen.sample !== undefined) counts.sampled += 1
      const parts = seen.parts(history, places, {})
      appendPlaced(history, { ...seen, parts, savings: seen.savings, runs: seen.runs }, {}, {})
      expect(seen.observation()).toStrictEqual(expected)
      all.push({ seen, expected })
    }
    expect(order).toEqual(expectedOrder)
  }
  // Whoever is asked late, when others were read since, is still itself.
  for (const { seen, expected } of all) {
    appendEntry(expectedHistory, expected, {})
    expect(seen.observation()).toStrictEqual(expected)
  }
  expect(history).toEqual(expectedHistory)
}

function readerOf(layout: SpanLayout) {
  const rows = new LaidExecution(layout)
  return { rows, serial: SerialObserver.of(layout, rows) }
}

function definitionOf({ edges }: Plan): FlowDefinition {
  const steps = edges.map(([from, to]) => ({
    id: `s${from}`,
    type: 'task',
    action: 'x',
    onSuccess: `s${to}`,
  }))
  return { flowId: 'f', version: '1', sha256: '', steps }
}

function inputOf(plan: Plan, timings: readonly Timing[], index: number): ExecutionInput {
  const executionId = `execution-${index}-${plan.nodes.length}-${timings[0]?.lengthNs}`
  const placed: Placed[] = []
  place({ plan, timings, placed }, 0, 0)
  const records = placed.map(({ at, parent, startNs, endNs }): SpanRecord => {
    const node = plan.nodes[at - 1]
    const record = spanRecord({
      spanId: `${index}-${at}`.padStart(16, '0'),
      parentSpanId: at === 0 ? undefined : `${index}-${parent}`.padStart(16, '0'),
      name: at === 0 ? 'execute_flow f' : nameOf(node),
      startNs,
      endNs,
    })
    const lengthNs = endNs - startNs
    const attributes = attributesOf(plan, { at, executionId, lengthNs }, timings[at - 1])
    return {
      ...record,
      kind: node?.kind === 'call' ? node.spanKind : 'internal',
      traceId: 'ab'.repeat(16),
      attributes: list(attributes),
    }
  })
  return { tenant: 't', executionId, records, closeReason: 'root_ended' }
}

interface Placed {
  readonly at: number
  readonly parent: number
  readonly startNs: number
  readonly endNs: number
}

/** Lays a node and all in it from an instant on; where it ended. */
function place(
  into: {
    readonly plan: Plan
    readonly timings: readonly Timing[]
    readonly placed: Placed[]
  },
  at: number,
  startNs: number,
): number {
  const { plan, timings, placed } = into
  let cursorNs = startNs
  for (const [index, { kind, parent }] of plan.nodes.entries()) {
    const child = index + 1
    const outer = kind === 'step' ? 0 : parent % child
    const own = timings[index]
    if (outer !== at || own === undefined) continue
    cursorNs = place(into, child, cursorNs + own.gapNs)
    cursorNs = Math.max(startNs, cursorNs - own.overlapNs)
  }
  const endNs = cursorNs + (at === 0 ? plan.tailNs : (timings[at - 1]?.lengthNs ?? 0))
  const node = plan.nodes[at - 1]
  placed.push({ at, parent: node?.kind === 'call' ? node.parent % at : 0, startNs, endNs })
  return endNs
}

function nameOf(node: Plan['nodes'][number] | undefined): string {
  return node?.kind === 'step' ? `execute_step s${node.name}` : `GET /${node?.name}`
}

function attributesOf(
  { nodes, status, isExclusive }: Plan,
  {
    at,
    executionId,
    lengthNs,
  }: { readonly at: number; readonly executionId: string; readonly lengthNs: number },
  own: Timing | undefined,
): [string, AttributeValue][] {
  const node = nodes[at - 1]
  if (node?.kind === 'call') return [['http.request.method', 'GET']]
  const shared: [string, AttributeValue][] = [
    [ATTR_QFLOW_FLOW_ID, 'f'],
    [ATTR_QFLOW_EXECUTION_ID, executionId],
  ]
  if (node === undefined || own === undefined)
    return [...shared, [ATTR_QFLOW_EXECUTION_STATUS, status], ['order.size', lengthNs % 3]]
  return [
    ...shared,
    [ATTR_QFLOW_STEP_ID, `s${node.name}`],
    ...phasesOf(own.figures.phases, lengthNs),
    ['qflow.step.cpu.time', own.figures.cpu],
    ['qflow.step.resource.attribution', isExclusive ? 'exclusive' : 'shared'],
  ]
}

function phasesOf(
  phases: Timing['figures']['phases'],
  lengthNs: number,
): [string, AttributeValue][] {
  const validationNs = Math.floor(lengthNs / 5)
  const workNs = phases === 'long' ? 2 * lengthNs : Math.ceil(lengthNs / 2)
  const restNs = phases === 'exact' ? lengthNs - validationNs - workNs : 0
  const phase = (name: string, ns: number): [string, AttributeValue] => [
    `qflow.step.phase.${name}`,
    ns / 1e9,
  ]
  return [
    phases === 'invalid' ? ['qflow.step.phase.work', -1] : phase('work', workNs),
    phase('validation', validationNs),
    phase('ledger', restNs),
    phase('queue', phases === 'queue' ? 1 : 0),
  ]
}

const shapes = new Map<string, AttributeShape>()

/** As the readers make them: equal keys share a shape. */
function list(attributes: readonly [string, AttributeValue][]): AttributeList {
  const keys = attributes.map(([key]) => key)
  const shape = shapes.get(keys.join()) ?? new AttributeShape(keys, KNOWN_KEYS)
  shapes.set(keys.join(), shape)
  return new AttributeList(
    shape,
    attributes.map(([, value]) => value),
  )
}
