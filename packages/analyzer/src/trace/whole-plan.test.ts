import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import type { SpanRecord } from '../otlp/span-record.ts'
import { TracesDecoder } from '../otlp/traces-decoder.ts'
import { simulatedBody } from '../simulated-body.ts'
import { Assembler } from './assembler.ts'
import { toldFacts } from './told-facts.ts'
import { spanRecord } from './trace-diagram.ts'
import { WholePlan } from './whole-plan.ts'

const S = 1_000_000_000n
const T0 = 1_800_000_000n * S

afterEach(() => vi.restoreAllMocks())

/** What may be odd about an execution, which most are not. */
const oddity = fc.constantFrom(
  ...(['none', 'none', 'none', 'none', 'none', 'none', 'none', 'none'] as const),
  ...(['same id', 'other parent', 'caller', 'early', 'at once', 'ends early'] as const),
  ...(['other id', 'paused', 'far', 'unended', 'cut', 'not last', 'empty id'] as const),
)

const drawnExecution = fc.record({
  id: fc.nat(30),
  trace: fc.nat(30),
  flow: fc.constantFrom('a', 'b', 'cc'),
  stepCount: fc.integer({ min: 1, max: 3 }),
  lengthsNs: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 3, maxLength: 3 }),
  figure: fc.constantFrom<number[]>(0, -0, 1, 0.5, 1.25, 2.5),
  text: fc.constantFrom<string[]>('x', 'y', 'é'),
  odd: oddity,
  at: fc.nat(2),
})
type DrawnExecution = typeof drawnExecution extends fc.Arbitrary<infer Drawn> ? Drawn : never

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')

/** Steps with a call in each, the flow's own span last. */
function spansOf(drawn: DrawnExecution): SpanRecord[] {
  const { id, trace, flow, stepCount, lengthsNs, figure, text, odd, at } = drawn
  const traceId = hex(1000 + trace, 32)
  const spanId = (index: number) => hex(0xa0000000 * (1 + id) + index, 16)
  const shared: [string, string | number][] = [
    ['qflow.flow.id', flow],
    ['qflow.execution.id', odd === 'empty id' ? '' : `execution-${hex(id, 2)}`],
  ]
  const spans: SpanRecord[] = []
  let cursorNs = 1000 * id
  for (let step = 0; step < stepCount; step++) {
    const endNs = cursorNs + 10 + (lengthsNs[step] ?? 0)
    const name = `execute_step s${step}`
    const times = { startNs: cursorNs, endNs }
    const own = { traceId, spanId: spanId(2 * step + 1), parentSpanId: spanId(0), name, ...times }
    const attributes = [...shared, ['qflow.step.id', `s${step}`], ['figure', figure + 0.125]]
    spans.push(spanRecord({ ...own, attributes: attributes as [string, string | number][] }))
    const call = { traceId, spanId: spanId(2 * step + 2), parentSpanId: own.spanId, name: 'GET' }
    const called: [string, string | number][] = [
      ['text', text],
      ['count', 3],
    ]
    spans.push(spanRecord({ ...call, startNs: cursorNs + 1, endNs: endNs - 2, attributes: called }))
    cursorNs = endNs + 1
  }
  const status = odd === 'paused' ? 'paused' : 'completed'
  spans.push(
    spanRecord({
      traceId,
      spanId: spanId(0),
      parentSpanId: odd === 'caller' ? hex(77, 16) : undefined,
      name: `execute_flow ${flow}`,
      startNs: 1000 * id,
      endNs: cursorNs,
      attributes: [...shared, ['qflow.execution.status', status]],
    }),
  )
  return made(spans, odd, at)
}

function made(spans: SpanRecord[], odd: DrawnExecution['odd'], at: number): SpanRecord[] {
  const one = spans[at % spans.length] as SpanRecord
  const change = (own: Partial<SpanRecord>) =>
    spans.map((span) => (span === one ? { ...span, ...own } : span))
  const last = spans.at(-1) as SpanRecord
  switch (odd) {
    case 'same id':
      return change({ spanId: last.spanId })
    case 'other parent':
      return change({ parentSpanId: hex(99, 16) })
    case 'early':
      return change({ startUnixNs: one.startUnixNs - 2_000_000n })
    case 'at once':
      return change({ startUnixNs: one.endUnixNs })
    case 'ends early':
      return change({ endUnixNs: one.startUnixNs - 1n })
    case 'far':
      return change({ endUnixNs: one.endUnixNs + 2n ** 53n })
    case 'unended':
      return change({ endUnixNs: 0n })
    case 'other id':
      return change({
        attributes: new Map(one.attributes).set('qflow.execution.id', 'execution-zz'),
      })
    case 'cut':
      return spans.filter((span) => span !== one)
    case 'not last':
      return [last, ...spans.slice(0, -1)]
    default:
      return spans
  }
}

const act = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(drawnExecution, { minLength: 1, maxLength: 4 })
      .map((executions) => ({ kind: 'spans' as const, executions })),
  },
  fc.record({ kind: fc.constant('late' as const), execution: drawnExecution }),
  fc.record({ kind: fc.constant('started' as const), id: fc.nat(30), trace: fc.nat(30) }),
  // Others close with the next spans that come; whoever looks at what runs takes it apart.
  fc.record({ kind: fc.constant('advance' as const), seconds: fc.constantFrom(1, 1, 61) }),
  fc.constant({ kind: 'look' as const }),
)

/** Room for all, or for a handful: then what is oldest goes. */
const budget = fc.constantFrom(256 * 2 ** 20, 256 * 2 ** 20, 40_000, 60_000)

/** An execution like most, often enough that its forms and its layout are known. */
function usual(id: number, flow: DrawnExecution['flow'], stepCount: number): DrawnExecution {
  const own = { figure: 0.5 + id / 8, text: id % 4 < 2 ? 'x' : 'y', odd: 'none' as const, at: 0 }
  return { id: 40 + id, trace: 40 + id, flow, stepCount, lengthsNs: [5 + id, 6, 7], ...own }
}

function seen(assembler: Assembler): unknown {
  return { running: assembler.running(), losses: assembler.losses() }
}

/** Executions by which forms and layouts become known. */
const FIRST: readonly DrawnExecution[] = [1, 2, 3].flatMap((stepCount) =>
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((id) =>
    usual(10 * stepCount + id, id % 2 === 0 ? 'a' : 'b', stepCount),
  ),
)
const FIRST_BODIES = FIRST.map((drawn) => simulatedBody(spansOf(drawn)))

test('a whole execution read from numbers is held and closed as if its spans had come one by one', () => {
  const lay = vi.spyOn(WholePlan.prototype, 'lay')
  fc.assert(
    fc.property(fc.array(act, { minLength: 2, maxLength: 14 }), budget, (acts, bytes) => {
      // Each its own: what is closed weighs less where layouts know the shapes of attributes again.
      const decoders = [new TracesDecoder(), new TracesDecoder()] as const
      const fast = new Assembler({ memoryBudgetBytes: bytes })
      const apart = new Assembler({ memoryBudgetBytes: bytes })
      let nowUnixNs = T0
      const add = (body: Uint8Array) => {
        fast.add(decoders[0].batch(body).spans, { nowUnixNs })
        for (const record of decoders[1].protobuf(body).spans) apart.add([record], { nowUnixNs })
      }
      const advance = () => {
        const closed = [fast, apart].map((assembler) =>
          assembler
            .advance(nowUnixNs)
            .map(({ execution, isReplacement, stored: { facts, flags } }) => ({
              execution,
              isReplacement,
              facts: toldFacts(facts),
              flags,
            })),
        )
        expect(closed[0]).toEqual(closed[1])
      }
      for (const body of FIRST_BODIES) {
        add(body)
        for (const assembler of [fast, apart]) assembler.advance(nowUnixNs)
      }
      nowUnixNs += 61n * S
      for (const one of acts) {
        if (one.kind === 'spans') add(simulatedBody(one.executions.flatMap(spansOf)))
        else if (one.kind === 'late') add(simulatedBody(spansOf(one.execution).slice(0, 1)))
        else if (one.kind === 'advance') {
          nowUnixNs += BigInt(one.seconds) * S
          advance()
        } else if (one.kind === 'look') expect(seen(fast)).toEqual(seen(apart))
        else {
          const { id, trace } = one
          const ids = { executionId: `execution-${hex(id, 2)}`, traceId: hex(1000 + trace, 32) }
          const started = { ...ids, flowId: 'a', flowVersion: undefined, startUnixNs: T0 }
          for (const assembler of [fast, apart]) assembler.noteStarted(started, { nowUnixNs })
        }
        expect(fast.losses()).toEqual(apart.losses())
        expect(fast.heldBytes).toBe(apart.heldBytes)
      }
      advance()
      expect(seen(fast)).toEqual(seen(apart))
    }),
    { numRuns: 120, seed: 20261127 },
  )
  const laid = lay.mock.results.filter(({ value }) => value !== undefined)
  expect(laid.length).toBeGreaterThan(1000)
  expect(lay.mock.results.length - laid.length).toBeGreaterThan(100)
})

test('a whole execution read from numbers weighs as much as its spans', () => {
  const lay = vi.spyOn(WholePlan.prototype, 'lay')
  const decoder = new TracesDecoder()
  const [fast, apart] = [new Assembler(), new Assembler()]
  let nowUnixNs = T0
  for (const [round, text] of ['x', 'é', 'y', 'long text'].entries())
    for (const [at, drawn] of FIRST.entries()) {
      const ids = { id: 100 * round + at, trace: 100 * round + at }
      const body = simulatedBody(spansOf({ ...drawn, ...ids, text }))
      fast.add(decoder.batch(body).spans, { nowUnixNs })
      for (const record of decoder.protobuf(body).spans) apart.add([record], { nowUnixNs })
      expect(fast.heldBytes).toBe(apart.heldBytes)
      for (const assembler of [fast, apart]) assembler.advance(nowUnixNs)
      nowUnixNs += 61n * S
      for (const assembler of [fast, apart]) assembler.advance(nowUnixNs)
      expect(fast.heldBytes).toBe(0)
    }
  expect(lay.mock.results.some(({ value }) => value !== undefined)).toBe(true)
})
