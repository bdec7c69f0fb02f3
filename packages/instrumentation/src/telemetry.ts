import type { TracerProvider } from '@opentelemetry/api'
import { type Context, type Span, type Tracer, trace } from '@opentelemetry/api'
import { resolveSettings, type Settings } from './config.ts'
import { type Carrier, createCarrier } from './context/carrier.ts'
import { createFaults, type Faults } from './faults.ts'
import { createFlowCatalog, type FlowCatalog } from './flow-catalog.ts'
import { createLineages, type Lineages } from './lineage.ts'
import { createOpenSteps, type OpenSteps } from './open-steps.ts'
import { createReach, type Reach } from './reach.ts'
import { type Backlog, createBacklog } from './records/backlog.ts'
import { createResourceSampler, type ResourceSampler } from './resource-sampler.ts'
import { INSTRUMENTATION_NAME, INSTRUMENTATION_VERSION, scopeOptions } from './scope.ts'
import { createEvents, type Events } from './signals/events.ts'
import { createMetrics, type Metrics } from './signals/metrics.ts'
import { createTally, type Tally } from './signals/tally.ts'
import type { QflowInstrumentationConfig } from './types.ts'

/** What every hook works with: one per instrumentation. */
export interface Telemetry {
  readonly settings: Settings
  readonly tracer: Tracer
  readonly carrier: Carrier
  readonly metrics: Metrics
  readonly events: Events
  readonly tally: Tally
  readonly sampler: ResourceSampler
  readonly openSteps: OpenSteps
  readonly flows: FlowCatalog
  readonly lineages: Lineages
  readonly reach: Reach
  readonly backlog: Backlog
  readonly faults: Faults
  /** Whether anybody takes spans or metrics; the span is made only while that is not known. */
  isHeard(holder: { readonly span: Span }, parent: Context): boolean
  configure(config: QflowInstrumentationConfig): void
  setTracerProvider(provider: TracerProvider): void
}

export function createTelemetry(config: QflowInstrumentationConfig): Telemetry {
  const faults = createFaults(INSTRUMENTATION_NAME)
  const resolve = (given: QflowInstrumentationConfig) =>
    resolveSettings(given, process.env, (message) => faults.log.warn(message))
  const sampler = createResourceSampler()
  const tally = createTally(sampler)
  let settings = resolve(config)
  let tracer = tracerFrom(trace.getTracerProvider())
  const flows = createFlowCatalog(tally, () => settings)
  const canWait = () => settings.spanProcessor !== undefined
  const backlog = createBacklog({ sampler, faults, canWait })
  let stopListening = listenTo(settings, backlog)
  const liveMetrics = createMetrics(tally, backlog, () => settings.metricProducer)
  let areSpansTaken = false
  return {
    get settings() {
      return settings
    },
    get tracer() {
      return tracer
    },
    carrier: createCarrier(),
    metrics: liveMetrics,
    events: createEvents(),
    tally,
    sampler,
    openSteps: createOpenSteps(),
    flows,
    lineages: createLineages(() => tally.drop('lineage_limit')),
    reach: createReach(),
    backlog,
    faults,
    isHeard(holder, parent) {
      areSpansTaken ||= !liveMetrics.isLive() && !isSilent(holder.span, parent)
      return areSpansTaken || liveMetrics.isLive()
    },
    configure(given) {
      settings = resolve(given)
      stopListening?.()
      stopListening = listenTo(settings, backlog)
      flows.forget()
    },
    setTracerProvider(provider) {
      tracer = tracerFrom(provider)
      areSpansTaken = false
    },
  }
}

function listenTo({ spanProcessor }: Settings, backlog: Backlog): (() => void) | undefined {
  return spanProcessor?.beforeFlush(() => backlog.flush())
}

/**
 * Whether nothing takes this span and nothing below it needs it: there is no SDK. A span that a sampler left out is not
 * silent, since its context tells children to stay out as well.
 */
function isSilent(span: Span, parent: Context): boolean {
  if (span.isRecording()) return false
  const { spanId } = span.spanContext()
  return /^0+$/.test(spanId) || trace.getSpanContext(parent)?.spanId === spanId
}

function tracerFrom(provider: TracerProvider): Tracer {
  return provider.getTracer(INSTRUMENTATION_NAME, INSTRUMENTATION_VERSION, scopeOptions)
}
