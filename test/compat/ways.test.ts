import { describe, expect, test } from 'vitest'
import { byHandApp, esmApp, registeredInCode } from './apps.ts'
import { type Leg, type LegResult, runLeg, type SdkLine } from './project.ts'

const byImport = ['--import', '@qflow-otel/instrumentation/register']

/** An SDK set up by the application itself, of whichever line, before anything else runs. */
const ownSdk = ['--import', './sdk.mjs']

describe.each([
  ['2.x', 'current'],
  ['2.x', '24'],
  ['3.x', '24'],
] as const)('SDK %s, Node %s', (sdk, node) => {
  const leg = (over: Partial<Leg>): Leg => ({
    node,
    sdk,
    layout: 'real',
    flags: byImport,
    app: ['app.mjs', esmApp],
    ...over,
  })

  test.concurrent('without code: spans, metrics and events arrive', async () => {
    expectAll(await runLeg(leg({})))
  })

  test.concurrent('a provider that is set already is used', async () => {
    const result = await runLeg(
      leg({ flags: [...ownSdk, ...byImport], files: { 'sdk.mjs': sdkScript(sdk) } }),
    )
    expectAll(result)
    expect(result.output).toContain('own sdk')
  })

  test.concurrent('by hand, for an engine no loader sees', async () => {
    const app = ['app.mjs', byHandApp] as const
    const files = { 'sdk.mjs': sdkScript(sdk) }
    expectAll(await runLeg(leg({ flags: ownSdk, layout: 'vendored', app, files })))
  })

  test.concurrent('by registerInstrumentations', async () => {
    const app = ['app.mjs', registeredInCode] as const
    const files = { 'sdk.mjs': sdkScript(sdk) }
    expectAll(await runLeg(leg({ flags: ownSdk, app, files })))
  })
})

describe.each(['current', '24', 'newest'] as const)('Node %s', (node) => {
  test.concurrent('without an SDK it says once what to install, and the application runs', async () => {
    const { output, exit, sink } = await runLeg({
      node,
      sdk: 'none',
      layout: 'real',
      flags: byImport,
      app: ['app.mjs', esmApp],
    })
    expect(output.match(/npm install @opentelemetry/g)).toHaveLength(1)
    expect(exit).toBe('SIGTERM')
    expect(sink.spans).toEqual([])
  })
})

test.each(['2.x', '3.x'] as const)(
  'newest Node, SDK %s: complete, or it says why not',
  async (sdk) => {
    const result = await runLeg({
      node: 'newest',
      sdk,
      layout: 'real',
      flags: byImport,
      app: ['app.mjs', esmApp],
    })
    if (result.sink.spans.length === 0) expect(result.output).toMatch(/qflow-otel.*(hooks|reached)/)
    else expectAll(result)
    expect(result.exit).toBe('SIGTERM')
  },
)

function expectAll({ sink, output, exit }: LegResult): void {
  const names = sink.spans.map((span) => span.name)
  expect(names, output).toEqual(
    expect.arrayContaining(['execute_flow f', 'execute_step a', 'execute_step b', 'check dao']),
  )
  expect(names.filter((name) => name === 'execute_step a')).toHaveLength(1)
  expect([...sink.metricNames], output).toEqual(
    expect.arrayContaining([
      'qflow.execution.duration',
      'qflow.step.duration',
      'qflow.step.phase.time',
    ]),
  )
  expect([...sink.eventNames].sort(), output).toEqual([
    'qflow.execution.started',
    'qflow.flow.defined',
  ])
  expect(exit).toBe('SIGTERM')
}

/** Sets up the global providers as an application would, and flushes them when asked to stop. */
function sdkScript(sdk: SdkLine): string {
  const isNew = sdk === '3.x'
  const [tracePackage, provider] = isNew
    ? ['sdk-trace', 'TracerProvider']
    : ['sdk-trace-node', 'NodeTracerProvider']
  const processor = isNew ? '{ exporter: new OTLPTraceExporter() }' : 'new OTLPTraceExporter()'
  return `
import * as api from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { ${provider}, BatchSpanProcessor } from '@opentelemetry/${tracePackage}'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { LoggerProvider, BatchLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
${isNew ? 'const { logs } = api' : "import { logs } from '@opentelemetry/api-logs'"}
const tracers = new ${provider}({ spanProcessors: [new BatchSpanProcessor(${processor})] })
const meters = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })] })
const loggers = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })] })
api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
api.trace.setGlobalTracerProvider(tracers)
api.metrics.setGlobalMeterProvider(meters)
logs.setGlobalLoggerProvider(loggers)
console.log('own sdk')
process.once('SIGTERM', async () => {
  await Promise.all([tracers, meters, loggers].map((provider) => provider.forceFlush()))
  process.kill(process.pid, 'SIGTERM')
})
`
}
