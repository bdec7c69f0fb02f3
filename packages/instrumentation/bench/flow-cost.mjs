import { fork } from 'node:child_process'
import { once } from 'node:events'
import { context, ROOT_CONTEXT } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { QflowMetricProducer, QflowSpanProcessor } from '@qflow-otel/instrumentation'
import { answerApart } from './apart.mjs'
import { meanInterval, medianOf } from './interval.mjs'
import { createRandom } from './random.mjs'
import { bare, createVariant, flowOf, ours } from './variants.mjs'

const flow = flowOf(10)

/**
 * What a busy process runs while the measured flow waits: an execution of one step, so often that its code stays in the caches.
 * Its spans are made and ended and then dropped: at 20,000 a second an exporter would have no time for anything else.
 */
const shortFlow = flowOf(1, 'short')
const SHORT_EVERY_MS = 0.1

/** No short execution begins this close to the end of a wait, so that none makes it longer. */
const QUIET_MS = 0.06

/**
 * A service that has run for a while has compiled what it runs. These flows do not wait, and then they do: a step over a
 * millisecond takes other ways, and V8 throws the code away that it compiled for those it had seen. At 200 steps a second it
 * takes minutes to have it again.
 */
const WARM_UP_FLOWS = 1_000
const WARM_UP_WAITING_FLOWS = 400
const WARM_UP_WAIT_MS = 1.1

/**
 * Flows that follow each other in one arm. What the first one leaves behind, spans that are told and batches that are sent later, falls
 * into those after it, as it does in a service; so the first is not counted, and what the last one leaves falls into the first of
 * the other arm.
 */
const BLOCK_FLOWS = 4
const WARM_UP_BLOCKS = 2

/** Timers fire up to a millisecond late, so the rest of a wait is slept by the thread, and the last of it spun. */
const SLEPT_MS = 1.5
const SPUN_MS = 0.08
const sleeper = new Int32Array(new SharedArrayBuffer(4))

/**
 * A pair that differs by more than this share of the flow counts as differing by this much, in either direction: the machine took
 * the processor away. An export of a full batch takes 5 to 10 ms, so its stall counts in full in the longer flow.
 */
const CLIPPED_AT = 0.2

/**
 * How much slower whole flows are on the wall clock, their handlers waiting as for I/O, exporters running. Arms run in turn in one
 * process, which of a pair goes first is drawn from a fixed seed.
 */
async function measureFlowCost({ pairs, attributeCount }) {
  const sink = fork(new URL('sink.mjs', import.meta.url))
  const [port] = await once(sink, 'message')
  context.setGlobalContextManager(manager)
  const spanProcessor = new QflowSpanProcessor()
  const measured = createProviders(port, spanProcessor)
  const spansOnly = createProviders(port)
  const asMany = bare(spansOnly.tracerProvider, { attributeCount, isWrapping: false })
  try {
    const long = { stepMs: 5, instrument: ours(measured.providers) }
    const short = { stepMs: 1, instrument: ours(measured.providers), yardstick: asMany }
    const asideCount = Math.ceil(pairs / 4)
    const aside = { pairs: asideCount, isToldOnly: true }
    return [
      await compare('flow of 50 ms against no instrumentation', { ...long, pairs }),
      await compare('flow of 10 ms against bare spans', { ...short, pairs }),
      await compare('the same of 50 ms, busy process', { ...long, ...aside, isBusy: true }),
      await compare('the same of 10 ms, busy process', { ...short, ...aside, isBusy: true }),
      await compare('bare spans of 50 ms against none', { ...long, ...aside, instrument: asMany }),
    ]
  } finally {
    await Promise.all([measured.shutdown(), spansOnly.shutdown()])
    sink.disconnect()
    context.disable()
  }
}

/** Relative slowdown per pair: the mean of clipped differences decides, the others are told. */
async function compare(name, { stepMs, pairs, instrument, yardstick, isBusy, isToldOnly }) {
  const base = await createVariant(`${name}-base`, flow, yardstick)
  const instrumented = await createVariant(`${name}-ours`, flow, instrument)
  const arms = [
    { engine: base.engine, hasManager: yardstick !== undefined },
    { engine: instrumented.engine, hasManager: true },
  ]
  for (const arm of arms) {
    for (let index = 0; index < WARM_UP_FLOWS; index += BLOCK_FLOWS) await blockMs(arm)
    arm.engine.work = () => waitMs(WARM_UP_WAIT_MS)
    for (let index = 0; index < WARM_UP_WAITING_FLOWS; index += BLOCK_FLOWS) await blockMs(arm)
    const wait = isBusy ? () => waitBusyMs(stepMs, arm.engine) : () => waitMs(stepMs)
    arm.engine.flowDefinitions.set(shortFlow.id, shortFlow)
    arm.engine.work = (step) => (step === shortFlow.steps[0] ? undefined : wait())
  }
  const random = createRandom(2)
  const differences = []
  const baseMs = []
  for (let block = -WARM_UP_BLOCKS; differences.length < pairs; block++) {
    const first = random() < 0.5 ? 0 : 1
    const ms = []
    ms[first] = await blockMs(arms[first])
    ms[1 - first] = await blockMs(arms[1 - first])
    if (block < 0) continue
    baseMs.push(...ms[0])
    differences.push(...ms[1].map((each, flow) => each - ms[0][flow]))
  }
  const typicalMs = medianOf(baseMs)
  const relative = differences.map((difference) => difference / typicalMs)
  const clipped = relative.map((share) => Math.max(-CLIPPED_AT, Math.min(CLIPPED_AT, share)))
  return {
    name,
    ...meanInterval(clipped),
    bound: isToldOnly ? undefined : 0.01,
    baseMs: typicalMs,
    median: medianOf(relative),
    unclippedMean: meanInterval(relative).value,
    clippedCount: relative.filter((share) => Math.abs(share) > CLIPPED_AT).length,
  }
}

const manager = new AsyncLocalStorageContextManager()

/**
 * Wall times of the counted flows of a block. Without instrumentation nobody sets a context manager either: one that is disabled
 * hooks into no promise.
 */
async function blockMs(arm) {
  const ms = []
  // The first use of a manager turns the hooks of promises on, which an application does once.
  if (arm.hasManager) context.with(ROOT_CONTEXT, () => {})
  for (let flow = 0; flow < BLOCK_FLOWS; flow++) ms.push(await flowMs(arm))
  manager.disable()
  await new Promise(setImmediate)
  return ms.slice(1)
}

async function flowMs({ engine }) {
  const startMs = performance.now()
  await engine.settled(await engine.startExecution(flow.id, { triggerType: 'manual' }))
  return performance.now() - startMs
}

/**
 * Waits to within a µs: lets the event loop turn, sleeps and spins for the rest. Turning the loop until the time is over would
 * make thousands of promises, which cost more where a context manager is set; each look at the clock makes a number on the heap,
 * so that a spin of a millisecond drives the engine out of the caches, which no wait for I/O does.
 */
async function waitMs(ms) {
  const untilMs = performance.now() + ms
  if (ms > SLEPT_MS) await new Promise((done) => setTimeout(done, ms - SLEPT_MS))
  else await new Promise(setImmediate)
  const leftMs = untilMs - performance.now() - SPUN_MS
  if (leftMs > 0) Atomics.wait(sleeper, 0, 0, leftMs)
  while (performance.now() < untilMs);
}

/** Waits to within a µs while short executions of the same engine run, outside the context of the one that waits. */
async function waitBusyMs(ms, engine) {
  let nowMs = performance.now()
  const untilMs = nowMs + ms
  let dueMs = nowMs + SHORT_EVERY_MS
  await new Promise(setImmediate)
  for (; nowMs < untilMs; nowMs = performance.now()) {
    if (nowMs < dueMs || untilMs - nowMs < QUIET_MS) continue
    dueMs = nowMs + SHORT_EVERY_MS
    await context.with(ROOT_CONTEXT, async () => {
      await engine.settled(await engine.startExecution(shortFlow.id, { triggerType: 'manual' }))
    })
  }
}

/** Batches and exports as `register` sets it up, with the SDK's defaults; bare spans have no use for a processor of ours. */
function createProviders(port, spanProcessor) {
  const url = `http://127.0.0.1:${port}/v1`
  const batches = new BatchSpanProcessor(new OTLPTraceExporter({ url: `${url}/traces` }))
  const spanProcessors = [...(spanProcessor ? [spanProcessor] : []), withoutShort(batches)]
  const tracerProvider = new BasicTracerProvider({ spanProcessors })
  const exporter = new OTLPMetricExporter({ url: `${url}/metrics` })
  const metricProducer = new QflowMetricProducer()
  const meterProvider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter, metricProducers: [metricProducer] })],
  })
  return {
    tracerProvider,
    providers: { tracerProvider, meterProvider, metricProducer, spanProcessor },
    shutdown: () => Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]),
  }
}

/** Passes on all but the spans of short executions. */
function withoutShort(processor) {
  return {
    onStart() {},
    onEnd: (span) => span.name.includes(` ${shortFlow.id}`) || processor.onEnd(span),
    forceFlush: () => processor.forceFlush(),
    shutdown: () => processor.shutdown(),
  }
}

answerApart(measureFlowCost)
