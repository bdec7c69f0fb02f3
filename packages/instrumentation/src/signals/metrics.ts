import {
  type Attributes,
  createNoopMeter,
  type Meter,
  type MeterProvider,
  metrics,
  type Observable,
} from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_EXECUTION_TRIGGER_TYPE,
  ATTR_QFLOW_FLOW_ID,
  METRIC_QFLOW_EXECUTION_DURATION,
  METRIC_QFLOW_STEP_DURATION,
  registry,
} from '@qflow-otel/semconv'
import { toSeconds } from '../clock.ts'
import type { Backlog } from '../records/backlog.ts'
import { INSTRUMENTATION_NAME, INSTRUMENTATION_VERSION, scopeOptions } from '../scope.ts'
import { type DeferredHistogram, deferHistogram } from './deferred-histogram.ts'
import { observersOf } from './observers.ts'
import type { Tally } from './tally.ts'

/** Flows take from a millisecond to days; the buckets are those of other engines' run durations, in seconds. */
const executionBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200,
]
const stepBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
]

/**
 * The metrics instruments. Recording a histogram costs more than the rest of a step's telemetry, so only the two durations
 * are histograms; all else is summed in a {@link Tally} and read when the SDK collects.
 */
export interface Metrics {
  /** Whether somebody collects. */
  isLive(): boolean
  recordExecution(durationNs: number, attributes: Attributes): void
  recordStep(durationNs: number, attributes: Attributes): void
  /** Uses this provider from now on. */
  setProvider(provider: MeterProvider): void
  /** Looks for a global provider while there is none. */
  refresh(): void
  stop(): void
}

export function createMetrics(tally: Tally, backlog: Backlog): Metrics {
  let instruments: Instruments | undefined
  let given: MeterProvider | undefined
  const use = (provider: MeterProvider) => {
    const meter = provider.getMeter(INSTRUMENTATION_NAME, INSTRUMENTATION_VERSION, scopeOptions)
    instruments?.stop()
    instruments = isNoop(meter) ? undefined : createInstruments(meter, tally, backlog)
    return instruments !== undefined
  }
  return {
    isLive: () => instruments !== undefined,
    recordExecution: (ns, attributes) => instruments?.execution.record(toSeconds(ns), attributes),
    recordStep: (ns, attributes) => instruments?.step.record(toSeconds(ns), attributes),
    setProvider(provider) {
      // One that does nothing is the API's own, given before the application set its SDK.
      given = use(provider) ? provider : undefined
    },
    refresh() {
      if (instruments === undefined) use(given ?? metrics.getMeterProvider())
    },
    stop() {
      instruments?.stop()
      instruments = undefined
    },
  }
}

interface Instruments {
  readonly execution: DeferredHistogram
  readonly step: DeferredHistogram
  stop(): void
}

function createInstruments(meter: Meter, tally: Tally, backlog: Backlog): Instruments {
  const execution = histogram(meter, METRIC_QFLOW_EXECUTION_DURATION, executionBuckets)
  const step = histogram(meter, METRIC_QFLOW_STEP_DURATION, stepBuckets)
  const flush = () => {
    backlog.flush()
    execution.flush()
    step.flush()
  }
  const observed = observersOf(tally).map(([name, observe]) => {
    return { instrument: observable(meter, name), observe }
  })
  // The first callback of all, and callbacks run before the histograms are read: a collection misses nothing.
  const [first] = observed
  first?.instrument.addCallback(flush)
  for (const { instrument, observe } of observed) instrument.addCallback(observe)
  return {
    execution,
    step,
    stop: () => {
      flush()
      first?.instrument.removeCallback(flush)
      for (const { instrument, observe } of observed) instrument.removeCallback(observe)
    },
  }
}

/** Of the kind that the conventions say. */
function observable(meter: Meter, name: string): Observable {
  const options = describe(name)
  const kind = registry.metrics[name]?.instrument
  if (kind === 'gauge') return meter.createObservableGauge(name, options)
  if (kind === 'updowncounter') return meter.createObservableUpDownCounter(name, options)
  return meter.createObservableCounter(name, options)
}

/** Unit and meaning as the conventions give them. */
function describe(name: string): { unit?: string; description?: string } {
  const metric = registry.metrics[name]
  return metric ? { unit: metric.unit, description: metric.brief } : {}
}

function histogram(meter: Meter, name: string, boundaries: number[]): DeferredHistogram {
  const advice = { explicitBucketBoundaries: boundaries }
  return deferHistogram(meter.createHistogram(name, { ...describe(name), advice }))
}

/** Attributes of the execution histogram. */
export function executionAttributes(execution: {
  readonly flowId: string | undefined
  readonly triggerType: string | undefined
  readonly status: string | undefined
  readonly errorType: string | undefined
}): Attributes {
  const attributes: Attributes = {}
  if (execution.flowId !== undefined) attributes[ATTR_QFLOW_FLOW_ID] = execution.flowId
  if (execution.triggerType !== undefined) {
    attributes[ATTR_QFLOW_EXECUTION_TRIGGER_TYPE] = execution.triggerType
  }
  if (execution.status !== undefined) attributes[ATTR_QFLOW_EXECUTION_STATUS] = execution.status
  if (execution.errorType !== undefined) attributes[ATTR_ERROR_TYPE] = execution.errorType
  return attributes
}

/** The API hands out one meter that does nothing where there is no SDK. */
function isNoop(meter: Meter): boolean {
  return meter === createNoopMeter()
}
