import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { QflowMetricProducer, QflowSpanProcessor } from '@qflow-otel/instrumentation'
import { answerApart } from './apart.mjs'
import { medianOf, ratioInterval } from './interval.mjs'
import { createRandom, shuffled } from './random.mjs'
import { bare, createVariant, flowOf, ours } from './variants.mjs'

const STEPS_PER_FLOW = 100
const FLOWS_PER_ROUND = 20
const WARM_UP_ROUNDS = 15

setFlagsFromString('--expose-gc')
const collectYoung = runInNewContext('gc')

/**
 * What one step costs in CPU time: each variant less the same engine without any instrumentation, interleaved in one process in
 * a seeded random order. A block pays for its batches and for its own garbage, since it begins and ends with an empty nursery.
 */
async function measureStepCost({ rounds }) {
  const flow = flowOf(STEPS_PER_FLOW)
  const exporter = createSilentExporter()
  const batches = () => new BatchSpanProcessor(exporter, { maxQueueSize: 100_000 })
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [batches()] })
  const spanProcessor = new QflowSpanProcessor()
  const waiting = new BasicTracerProvider({ spanProcessors: [spanProcessor, batches()] })
  const flush = () => Promise.all([tracerProvider.forceFlush(), waiting.forceFlush()])
  const metricProducer = new QflowMetricProducer()
  const meterProvider = new MeterProvider({
    readers: [new IdleReader({ metricProducers: [metricProducer] })],
  })
  const manager = new AsyncLocalStorageContextManager()
  const attributeCount = await attributeCountOfOurs(flow, manager)
  const asMany = bare(tracerProvider, { attributeCount, isWrapping: true })
  const ten = bare(tracerProvider, { attributeCount: 10, isWrapping: false })
  const variants = [
    await createVariant('none', flow),
    await createVariant('bare', flow, asMany),
    await createVariant('bare10', flow, ten),
    await createVariant('traces', flow, ours({ tracerProvider })),
    await createVariant(
      'full',
      flow,
      ours({ tracerProvider: waiting, meterProvider, metricProducer, spanProcessor }),
    ),
    await createVariant('histogram', flow, ours({ tracerProvider, meterProvider })),
    await createVariant('noSdk', flow, ours({})),
  ]
  const costs = Object.fromEntries(variants.map(({ name }) => [name, []]))
  const random = createRandom(1)
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const { name, engine } of shuffled(variants, random)) {
      // Without an SDK nobody sets a manager, which costs each promise of the process something.
      const hasManager = name !== 'none' && name !== 'noSdk'
      if (hasManager) context.setGlobalContextManager(manager.enable())
      const cost = await stepNs(engine, flush)
      if (hasManager) context.disable()
      if (round >= 0) costs[name].push(cost)
    }
  }
  return report(costs, attributeCount)
}

/** Ns of CPU per step over one block. */
async function stepNs(engine, flush) {
  collectYoung({ type: 'minor' })
  const before = process.cpuUsage()
  for (let index = 0; index < FLOWS_PER_ROUND; index++) {
    await engine.settled(await engine.startExecution('bench', { triggerType: 'manual' }))
    // A burst without a yield keeps the whole queue of spans alive.
    await new Promise(setImmediate)
  }
  await flush()
  collectYoung({ type: 'minor' })
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / (FLOWS_PER_ROUND * STEPS_PER_FLOW)
}

function report(costs, attributeCount) {
  const over = {}
  for (const [name, list] of Object.entries(costs)) {
    over[name] = list.map((cost, round) => cost - costs.none[round])
  }
  return {
    attributeCount,
    engineNs: medianOf(costs.none),
    overheadNs: {
      'bare span, as many attributes and wrapped calls': medianOf(over.bare),
      'bare span, 10 attributes': medianOf(over.bare10),
      'step, spans': medianOf(over.traces),
      'step, spans and metrics as register sets them up': medianOf(over.full),
      "step, spans and metrics, SDK's own histogram": medianOf(over.histogram),
      'step, no SDK': medianOf(over.noSdk),
    },
    ratios: [
      {
        name: 'step / bare span with as much',
        ...ratioInterval(over.full, over.bare),
        bound: 1.25,
      },
      {
        name: 'step / bare span with 10 attributes',
        ...ratioInterval(over.full, over.bare10),
        aim: 1.6,
      },
      {
        name: 'no SDK / bare span with as much',
        ...ratioInterval(over.noSdk, over.bare),
        bound: 0.3,
      },
      {
        name: "with the SDK's own histogram / with as much",
        ...ratioInterval(over.histogram, over.bare),
      },
      { name: 'spans only / bare span with as much', ...ratioInterval(over.traces, over.bare) },
      {
        name: 'spans only / bare span with 10 attributes',
        ...ratioInterval(over.traces, over.bare10),
      },
    ],
  }
}

/** How many attributes a step span carries here, for the yardstick to carry as many. */
async function attributeCountOfOurs(flow, manager) {
  const counts = []
  const exporter = createSilentExporter((span) => {
    if (span.name.startsWith('execute_step')) counts.push(Object.keys(span.attributes).length)
  })
  const spanProcessors = [new BatchSpanProcessor(exporter)]
  const tracerProvider = new BasicTracerProvider({ spanProcessors })
  const { engine } = await createVariant('probe', flow, ours({ tracerProvider }))
  context.setGlobalContextManager(manager.enable())
  await engine.settled(await engine.startExecution('bench', { triggerType: 'manual' }))
  await tracerProvider.forceFlush()
  context.disable()
  return medianOf(counts)
}

/** Takes batches as in production and drops them. */
function createSilentExporter(look) {
  return {
    export(spans, done) {
      if (look) for (const span of spans) look(span)
      done({ code: 0 })
    },
    shutdown: async () => {},
  }
}

class IdleReader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

answerApart(measureStepCost)
