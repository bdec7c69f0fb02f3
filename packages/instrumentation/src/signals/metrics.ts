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
import { describeMetric, executionBuckets, stepBuckets } from './metric-descriptions.ts'
import type { QflowMetricProducer } from './metric-producer.ts'
import { observersOf } from './observers.ts'
import type { Tally } from './tally.ts'

/**
 * The metrics instruments. Recording a histogram costs more than the rest of a step's telemetry, so only the two durations
 * are histograms; all else is summed in a {@link Tally} and read when the SDK collects. With a producer that of steps is summed
 * there.
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

export function createMetrics(
  tally: Tally,
  backlog: Backlog,
  producer: () => QflowMetricProducer | undefined,
): Metrics {
  let instruments: Instruments | undefined
  let given: MeterProvider | undefined
  const use = (provider: MeterProvider) => {
    const meter = provider.getMeter(INSTRUMENTATION_NAME, INSTRUMENTATION_VERSION, scopeOptions)
    instruments?.stop()
    instruments = isNoop(meter) ? undefined : createInstruments(meter, tally, backlog, producer())
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

function createInstruments(
  meter: Meter,
  tally: Tally,
  backlog: Backlog,
  producer: QflowMetricProducer | undefined,
): Instruments {
  const execution = histogram(meter, METRIC_QFLOW_EXECUTION_DURATION, executionBuckets)
  const step = producer
    ? summedBy(producer)
    : histogram(meter, METRIC_QFLOW_STEP_DURATION, stepBuckets)
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
  const stopListening = producer?.beforeCollect(() => backlog.flush())
  for (const { instrument, observe } of observed) instrument.addCallback(observe)
  return {
    execution,
    step,
    stop: () => {
      flush()
      stopListening?.()
      first?.instrument.removeCallback(flush)
      for (const { instrument, observe } of observed) instrument.removeCallback(observe)
    },
  }
}

/** Nothing is put off, since nothing is dear. */
function summedBy(producer: QflowMetricProducer): DeferredHistogram {
  return { record: (value, attributes) => producer.record(value, attributes), flush() {} }
}

/** Of the kind that the conventions say. */
function observable(meter: Meter, name: string): Observable {
  const options = describeMetric(name)
  const kind = registry.metrics[name]?.instrument
  if (kind === 'gauge') return meter.createObservableGauge(name, options)
  if (kind === 'updowncounter') return meter.createObservableUpDownCounter(name, options)
  return meter.createObservableCounter(name, options)
}

function histogram(meter: Meter, name: string, boundaries: readonly number[]): DeferredHistogram {
  const advice = { explicitBucketBoundaries: [...boundaries] }
  return deferHistogram(meter.createHistogram(name, { ...describeMetric(name), advice }))
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
