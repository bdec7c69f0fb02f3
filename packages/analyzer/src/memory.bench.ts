/**
 * What the analyzer holds in memory: `pnpm bench:memory`, whose process may collect its garbage before each reading.
 * docs/evidence/analyzer.md explains. Memory is V8's heap after a full collection, and what typed arrays have beside it.
 */
import { appendEntry, emptyHistory } from './baseline/history.ts'
import { observe } from './baseline/observe.ts'
import { createAnalyzer } from './create-analyzer.ts'
import type { SpanRecord } from './otlp/span-record.ts'
import { TracesDecoder } from './otlp/traces-decoder.ts'
import { simulatedBody } from './simulated-body.ts'
import { SHOP_STEPS, shopExecution } from './simulated-shop.ts'
import { simulatedSpans } from './simulated-spans.ts'
import { randomStream } from './stats/random-stream.ts'
import { buildExecution, type ExecutionInput } from './trace/build-execution.ts'
import type { Execution } from './trace/execution.ts'
import { LayoutMemory } from './trace/layout-memory.ts'
import { closedExecution } from './trace/stored-execution.ts'

const MB = 1e6
const START_UNIX_NS = 1_700_000_000_000_000_000n
const SECOND_NS = 1_000_000_000n
const BOUNDS_MB = { full: 3, history: 1, manyFlows: 300 }
const EXECUTIONS_PER_BODY = 100
/** So many tell what a thousand weigh: what a process allocates besides is then a hundredth. */
const MEASURED_COUNT = 10_000
/** A flow's own span, four steps and three calls. */
const EIGHT_SPANS = SHOP_STEPS.slice(0, 4)
/** The budget of what is held, and what all that a small process holds besides may add to it. */
const HOSTILE_BUDGET_MB = 64
const HOSTILE_BOUND_MB = 1.5 * HOSTILE_BUDGET_MB

// Node's types know the function only with a flag of their own.
const { gc } = globalThis as { gc?: () => void }
if (gc === undefined) throw new Error('expected node --expose-gc, found no gc function')
const isQuick = process.argv.includes('--quick')
const decoder = new TracesDecoder()

function measureThousand(
  name: string,
  boundMb: number,
  keep: (execution: Execution, input: ExecutionInput) => unknown,
) {
  const random = randomStream(1)
  const kept: unknown[] = []
  const fill = (first: number) => {
    const at = { first, flowCount: 1, stepIds: EIGHT_SPANS }
    for (const [offset, records] of decodedExecutions(random, at).entries()) {
      const executionId = `execution-${first + offset}`
      const input = { tenant: 'default', executionId, records }
      kept.push(keep(buildExecution(input), input))
    }
  }
  // What all share comes with the first.
  fill(0)
  kept.length = 0
  const beforeMb = heldMb()
  for (let first = 0; first < MEASURED_COUNT; first += EXECUTIONS_PER_BODY) fill(first)
  const mb = ((heldMb() - beforeMb) * 1_000) / kept.length
  say(`1,000 executions of 8 spans ${name}`, mb, boundMb)
}

/** Through the whole analyzer: executions in turn over the flows. */
function measureManyFlows(flowCount: number, perFlowCount: number): void {
  const random = randomStream(2)
  const analyzer = createAnalyzer({ maxFlowCount: flowCount })
  const count = flowCount * perFlowCount
  let peakMb = 0
  for (let first = 0; first < count; first += EXECUTIONS_PER_BODY) {
    const nowUnixNs = startOf(first) + SECOND_NS
    const { body } = executionsBody(random, { first, flowCount, stepIds: EIGHT_SPANS })
    analyzer.ingest(decoder.batch(body).spans, { nowUnixNs })
    analyzer.advance(nowUnixNs)
    if (first % 50_000 === 0) peakMb = Math.max(peakMb, heldMb())
  }
  peakMb = Math.max(peakMb, heldMb())
  const name = `${count.toLocaleString('en')} executions of ${flowCount} flows, at the most`
  say(name, peakMb, BOUNDS_MB.manyFlows)
  console.log(`  ${JSON.stringify(analyzer.losses())}`)
}

/** Traces that nobody expected, one body after the other and a second between them. */
function measureHostile(name: string, bodies: Iterable<Uint8Array>): void {
  const analyzer = createAnalyzer({ memoryBudgetBytes: HOSTILE_BUDGET_MB * MB })
  const clipped: Record<string, number> = {}
  let nowUnixNs = START_UNIX_NS
  let peakMb = 0
  let spanCount = 0
  let bodyCount = 0
  const take = (body: Uint8Array): void => {
    const decoded = decoder.batch(body)
    for (const [reason, count] of Object.entries(decoded.clipped))
      clipped[reason] = (clipped[reason] ?? 0) + count
    spanCount += decoded.spans.length
    analyzer.ingest(decoded.spans, { nowUnixNs })
    analyzer.advance(nowUnixNs)
    nowUnixNs += SECOND_NS
  }
  const each = bodies[Symbol.iterator]()
  // A body is the sender's: none is in hand when memory is read.
  const takeNext = (): boolean => {
    const { done, value } = each.next()
    if (done !== true) take(value)
    return done !== true
  }
  while (takeNext()) if (bodyCount++ % 20 === 0) peakMb = Math.max(peakMb, heldMb())
  say(
    `${name}: ${spanCount.toLocaleString('en')} spans`,
    Math.max(peakMb, heldMb()),
    HOSTILE_BOUND_MB,
  )
  console.log(`  ${JSON.stringify({ clipped, ...analyzer.losses() })}`)
}

/** Executions whose own span never comes. */
function* endless(count: number): Iterable<Uint8Array> {
  for (let first = 0; first < count; first += 10_000)
    yield simulatedBody(
      Array.from({ length: 10_000 }, (_, at) => orphan(first + at, `execution-${first + at}`)),
    )
}

/** All of one execution. */
function* gigantic(count: number): Iterable<Uint8Array> {
  for (let first = 0; first < count; first += 10_000)
    yield simulatedBody(
      Array.from({ length: 10_000 }, (_, at) => orphan(first + at, 'execution-1')),
    )
}

function* manyAttributes(count: number): Iterable<Uint8Array> {
  const attributes = new Map(
    Array.from({ length: 10_000 }, (_, at) => [`key-${at}`, `value-${at}`]),
  )
  for (let index = 0; index < count; index += 1)
    yield simulatedBody([{ ...orphan(index, `execution-${index}`), attributes }])
}

function* longNames(count: number): Iterable<Uint8Array> {
  for (let index = 0; index < count; index += 1)
    yield simulatedBody([{ ...orphan(index, `execution-${index}`), name: 'n'.repeat(1e6) }])
}

/** A step without the flow's own span. */
function orphan(index: number, executionId: string): SpanRecord {
  const steps = [{ id: 'charge', durationMs: 5 }]
  const [step] = simulatedSpans({ index, startUnixNs: startOf(index), steps })
  if (step === undefined) throw new Error('a simulated execution has a step')
  const attributes = new Map([...step.attributes, ['qflow.execution.id', executionId]])
  const traceId = executionId === 'execution-1' ? 'c'.repeat(32) : step.traceId
  return { ...step, traceId, attributes }
}

/** The spans of so many executions as they come off the wire, by execution. */
function decodedExecutions(random: () => number, at: ExecutionsAt): SpanRecord[][] {
  const { body, size } = executionsBody(random, at)
  const { spans } = decoder.protobuf(body)
  return Array.from({ length: EXECUTIONS_PER_BODY }, (_, offset) =>
    spans.slice(offset * size, (offset + 1) * size),
  )
}

interface ExecutionsAt {
  readonly first: number
  readonly flowCount: number
  readonly stepIds: readonly string[]
}

/** A request of so many executions of `size` spans. */
function executionsBody(
  random: () => number,
  at: ExecutionsAt,
): { readonly body: Uint8Array; readonly size: number } {
  const perExecution = Array.from({ length: EXECUTIONS_PER_BODY }, (_, offset) => {
    const index = at.first + offset
    const flowId = `order-${index % at.flowCount}`
    return shopExecution(random, { index, flowId, startUnixNs: startOf(index) }, at.stepIds)
  })
  return { body: simulatedBody(perExecution.flat()), size: perExecution[0]?.length ?? 0 }
}

/** A hundred a second. */
function startOf(index: number): bigint {
  return START_UNIX_NS + BigInt(index) * 10_000_000n
}

function heldMb(): number {
  // What a finaliser lets go of falls to the next collection.
  for (let round = 0; round < 3; round += 1) gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / MB
}

function say(name: string, mb: number, boundMb: number): void {
  const isWithin = mb <= boundMb
  const verdict = `at most ${boundMb} MB ${isWithin ? 'holds' : 'BROKEN'}`
  console.log(`${name}: ${mb.toFixed(2)} MB, ${verdict}`)
  if (!isWithin && !isQuick) process.exitCode = 1
}

const layouts = new LayoutMemory()
measureThousand(
  'in full',
  BOUNDS_MB.full,
  (_, input) => closedExecution(input, false, layouts).stored,
)
const history = emptyHistory()
measureThousand('as history', BOUNDS_MB.history, (execution) =>
  appendEntry(history, observe(execution, { flow: undefined, isSimulated: true }), {}),
)
const [flowCount, perFlowCount] = isQuick ? [100, 20] : [1_000, 1_000]
measureManyFlows(flowCount, perFlowCount)
const hostileCount = isQuick ? 20_000 : 1_000_000
measureHostile('executions that never end', endless(hostileCount))
measureHostile('one execution', gigantic(hostileCount))
measureHostile('10,000 attributes a span', manyAttributes(isQuick ? 20 : 2_000))
measureHostile('names of 1 MB', longNames(isQuick ? 20 : 2_000))
