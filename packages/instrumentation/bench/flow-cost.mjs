import { fork } from 'node:child_process'
import { once } from 'node:events'
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { meanInterval, medianOf } from './interval.mjs'
import { createRandom } from './random.mjs'
import { bare, createVariant, flowOf, ours } from './variants.mjs'

const STEPS = 10
/** A service that has run for a while has compiled what it runs; these flows do not wait. */
const WARM_UP_FLOWS = 1_000
const WARM_UP_PAIRS = 5

/** Timers fire up to a millisecond late; the rest of a wait is spun. */
const SPUN_MS = 1.5

/**
 * A pair that differs by more than this share of the flow counts as differing by this much, in either direction: the machine took
 * the processor away. An export of a full batch takes 5 to 10 ms, so its stall counts in full in the longer flow.
 */
const CLIPPED_AT = 0.2

/**
 * How much slower whole flows are on the wall clock, their handlers waiting as for I/O, exporters running. Arms run in turn in one
 * process, which of a pair goes first is drawn from a fixed seed.
 */
export async function measureFlowCost({ pairs, attributeCount }) {
  const sink = fork(new URL('sink.mjs', import.meta.url))
  const [port] = await once(sink, 'message')
  const measured = createProviders(port)
  const spansOnly = createProviders(port)
  const asMany = bare(spansOnly.tracerProvider, { attributeCount, isWrapping: false })
  try {
    return [
      {
        name: 'flow of 50 ms against no instrumentation',
        ...(await compare({ stepMs: 5, pairs, ours: ours(measured.providers), name: '50ms' })),
      },
      {
        name: 'flow of 10 ms against bare spans',
        ...(await compare({
          stepMs: 1,
          pairs,
          ours: ours(measured.providers),
          bare: asMany,
          name: '10ms',
        })),
      },
    ]
  } finally {
    await Promise.all([measured.shutdown(), spansOnly.shutdown()])
    sink.disconnect()
  }
}

/** Relative slowdown per pair: the mean of clipped differences decides, the others are told. */
async function compare({ name, stepMs, pairs, ours: instrument, bare: yardstick }) {
  const flow = flowOf(STEPS)
  const base = await createVariant(`${name}-base`, flow, yardstick)
  const instrumented = await createVariant(`${name}-ours`, flow, instrument)
  const arms = [
    { engine: base.engine, hasManager: yardstick !== undefined },
    { engine: instrumented.engine, hasManager: true },
  ]
  for (const arm of arms) {
    for (let index = 0; index < WARM_UP_FLOWS; index++) await flowMs(arm)
    arm.engine.work = () => waitMs(stepMs)
  }
  const random = createRandom(2)
  const differences = []
  const baseMs = []
  for (let pair = -WARM_UP_PAIRS; pair < pairs; pair++) {
    const first = random() < 0.5 ? 0 : 1
    const ms = []
    ms[first] = await flowMs(arms[first])
    ms[1 - first] = await flowMs(arms[1 - first])
    if (pair < 0) continue
    baseMs.push(ms[0])
    differences.push(ms[1] - ms[0])
  }
  const typicalMs = medianOf(baseMs)
  const relative = differences.map((difference) => difference / typicalMs)
  const clipped = relative.map((share) => Math.max(-CLIPPED_AT, Math.min(CLIPPED_AT, share)))
  return {
    ...meanInterval(clipped),
    bound: 0.01,
    baseMs: typicalMs,
    median: medianOf(relative),
    unclippedMean: meanInterval(relative).value,
    clippedCount: relative.filter((share) => Math.abs(share) > CLIPPED_AT).length,
  }
}

const manager = new AsyncLocalStorageContextManager()

/** Wall time of one flow. Without instrumentation nobody sets a context manager either. */
async function flowMs({ engine, hasManager }) {
  if (hasManager) context.setGlobalContextManager(manager.enable())
  const startMs = performance.now()
  await engine.startExecution('bench', { triggerType: 'manual' })
  await engine.running
  const ms = performance.now() - startMs
  if (hasManager) context.disable()
  await new Promise(setImmediate)
  return ms
}

/**
 * Waits to within a µs: sleeps, lets the event loop turn and spins for the rest. Turning the loop until the time is over would
 * make thousands of promises, which cost more where a context manager is set.
 */
async function waitMs(ms) {
  const untilMs = performance.now() + ms
  if (ms > SPUN_MS) await new Promise((done) => setTimeout(done, ms - SPUN_MS))
  else await new Promise(setImmediate)
  while (performance.now() < untilMs);
}

/** Batches and exports as an application does, with the SDK's defaults. */
function createProviders(port) {
  const url = `http://127.0.0.1:${port}/v1`
  const spanProcessors = [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${url}/traces` }))]
  const tracerProvider = new BasicTracerProvider({ spanProcessors })
  const exporter = new OTLPMetricExporter({ url: `${url}/metrics` })
  const meterProvider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter })],
  })
  return {
    tracerProvider,
    providers: { tracerProvider, meterProvider },
    shutdown: () => Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]),
  }
}
