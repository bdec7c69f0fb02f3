import {
  type Attributes,
  createNoopMeter,
  type Meter,
  type MeterProvider,
  metrics,
  type ObservableResult,
} from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_EXECUTION_TRIGGER_TYPE,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_PHASE,
  ATTR_QFLOW_POOL_NAME,
  ATTR_QFLOW_POOL_STATE,
  ATTR_QFLOW_STEP_ID,
  ATTR_QFLOW_STEP_RESOURCE_ATTRIBUTION,
  ATTR_QFLOW_TELEMETRY_DROP_REASON,
  ATTR_QFLOW_VALIDATION_CACHE_RESULT,
  METRIC_QFLOW_EXECUTION_ACTIVE,
  METRIC_QFLOW_EXECUTION_DURATION,
  METRIC_QFLOW_EXECUTION_REJECTED,
  METRIC_QFLOW_POOL_ACQUISITIONS,
  METRIC_QFLOW_POOL_USAGE,
  METRIC_QFLOW_POOL_WAIT_DURATION,
  METRIC_QFLOW_PROCESS_HEAP_AFTER_GC,
  METRIC_QFLOW_STEP_CPU_TIME,
  METRIC_QFLOW_STEP_DURATION,
  METRIC_QFLOW_STEP_PHASE_TIME,
  METRIC_QFLOW_TELEMETRY_DROPPED,
  METRIC_QFLOW_VALIDATION_CACHE_LOOKUPS,
  registry,
} from '@qflow-otel/semconv'
import { toSeconds } from '../clock.ts'
import { phaseNames } from '../phases.ts'
import { INSTRUMENTATION_NAME, INSTRUMENTATION_VERSION, scopeOptions } from '../scope.ts'
import { type DeferredHistogram, deferHistogram } from './deferred-histogram.ts'
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

export function createMetrics(tally: Tally): Metrics {
  let instruments: Instruments | undefined
  let given: MeterProvider | undefined
  const use = (provider: MeterProvider) => {
    const meter = provider.getMeter(INSTRUMENTATION_NAME, INSTRUMENTATION_VERSION, scopeOptions)
    instruments?.stop()
    instruments = isNoop(meter) ? undefined : createInstruments(meter, tally)
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

type Observe = (result: ObservableResult) => void

function createInstruments(meter: Meter, tally: Tally): Instruments {
  const execution = histogram(meter, METRIC_QFLOW_EXECUTION_DURATION, executionBuckets)
  const step = histogram(meter, METRIC_QFLOW_STEP_DURATION, stepBuckets)
  const observed = [
    [
      meter.createObservableCounter(
        METRIC_QFLOW_STEP_PHASE_TIME,
        describe(METRIC_QFLOW_STEP_PHASE_TIME),
      ),
      observePhases(tally),
    ],
    [
      meter.createObservableCounter(
        METRIC_QFLOW_STEP_CPU_TIME,
        describe(METRIC_QFLOW_STEP_CPU_TIME),
      ),
      observeCpu(tally),
    ],
    [
      meter.createObservableUpDownCounter(
        METRIC_QFLOW_EXECUTION_ACTIVE,
        describe(METRIC_QFLOW_EXECUTION_ACTIVE),
      ),
      observeActive(tally),
    ],
    [
      meter.createObservableCounter(
        METRIC_QFLOW_EXECUTION_REJECTED,
        describe(METRIC_QFLOW_EXECUTION_REJECTED),
      ),
      observeRejected(tally),
    ],
    [
      meter.createObservableGauge(
        METRIC_QFLOW_PROCESS_HEAP_AFTER_GC,
        describe(METRIC_QFLOW_PROCESS_HEAP_AFTER_GC),
      ),
      observeHeap(tally),
    ],
    [
      meter.createObservableCounter(
        METRIC_QFLOW_VALIDATION_CACHE_LOOKUPS,
        describe(METRIC_QFLOW_VALIDATION_CACHE_LOOKUPS),
      ),
      observeLookups(tally),
    ],
    [
      meter.createObservableUpDownCounter(
        METRIC_QFLOW_POOL_USAGE,
        describe(METRIC_QFLOW_POOL_USAGE),
      ),
      observePools(tally),
    ],
    [
      meter.createObservableCounter(
        METRIC_QFLOW_POOL_WAIT_DURATION,
        describe(METRIC_QFLOW_POOL_WAIT_DURATION),
      ),
      observePoolWait(tally),
    ],
    [
      meter.createObservableCounter(
        METRIC_QFLOW_POOL_ACQUISITIONS,
        describe(METRIC_QFLOW_POOL_ACQUISITIONS),
      ),
      observeAcquisitions(tally),
    ],
    [
      meter.createObservableCounter(
        METRIC_QFLOW_TELEMETRY_DROPPED,
        describe(METRIC_QFLOW_TELEMETRY_DROPPED),
      ),
      observeDropped(tally),
    ],
  ] as const
  for (const [instrument, observe] of observed) instrument.addCallback(observe)
  const flush = () => {
    execution.flush()
    step.flush()
  }
  // Callbacks run before the histograms are read, so a collection misses nothing.
  const [[first]] = observed
  first.addCallback(flush)
  return {
    execution,
    step,
    stop: () => {
      flush()
      first.removeCallback(flush)
      for (const [instrument, observe] of observed) instrument.removeCallback(observe)
    },
  }
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

function observePhases(tally: Tally): Observe {
  return (result) => {
    for (const series of tally.steps.all()) {
      const add = (phase: string, ns: number) => {
        if (ns > 0) {
          result.observe(toSeconds(ns), { ...stepAttributes(series), [ATTR_QFLOW_PHASE]: phase })
        }
      }
      add('queue', series.queueNs)
      for (const [index, phase] of phaseNames.entries()) add(phase, series.phaseNs[index] ?? 0)
    }
  }
}

function observeCpu(tally: Tally): Observe {
  return (result) => {
    for (const series of tally.steps.all()) {
      const add = (attribution: string, micros: number) => {
        if (micros === 0) return
        const attributes = stepAttributes(series)
        attributes[ATTR_QFLOW_STEP_RESOURCE_ATTRIBUTION] = attribution
        result.observe(micros / 1e6, attributes)
      }
      add('exclusive', series.cpuExclusiveMicros)
      add('shared', series.cpuSharedMicros)
    }
  }
}

function stepAttributes(series: { readonly flowId: string; readonly stepId: string }): Attributes {
  return { [ATTR_QFLOW_FLOW_ID]: series.flowId, [ATTR_QFLOW_STEP_ID]: series.stepId }
}

function observeActive(tally: Tally): Observe {
  return (result) => {
    for (const [flowId, count] of tally.activeByFlow.entries()) {
      result.observe(count, { [ATTR_QFLOW_FLOW_ID]: flowId })
    }
  }
}

function observeRejected(tally: Tally): Observe {
  return (result) => {
    for (const [[flowId, errorType], count] of tally.rejected.entries()) {
      result.observe(count, { [ATTR_QFLOW_FLOW_ID]: flowId, [ATTR_ERROR_TYPE]: errorType })
    }
  }
}

function observeHeap(tally: Tally): Observe {
  return (result) => {
    const bytes = tally.sampler.heapAfterGcBytes()
    if (bytes !== undefined) result.observe(bytes)
  }
}

function observeLookups(tally: Tally): Observe {
  return (result) => {
    if (!tally.lookups.wereSeen) return
    result.observe(tally.lookups.hits, { [ATTR_QFLOW_VALIDATION_CACHE_RESULT]: 'hit' })
    result.observe(tally.lookups.misses, { [ATTR_QFLOW_VALIDATION_CACHE_RESULT]: 'miss' })
  }
}

function observePools(tally: Tally): Observe {
  return (result) => {
    for (const [name, usage] of tally.pools.usage()) {
      for (const state of ['idle', 'used', 'pending'] as const) {
        const count = usage[state]
        if (count === undefined) continue
        result.observe(count, { [ATTR_QFLOW_POOL_NAME]: name, [ATTR_QFLOW_POOL_STATE]: state })
      }
    }
  }
}

function observePoolWait(tally: Tally): Observe {
  return (result) => {
    for (const [name, pool] of tally.pools.waits()) {
      result.observe(toSeconds(pool.waitNs), { [ATTR_QFLOW_POOL_NAME]: name })
    }
  }
}

function observeAcquisitions(tally: Tally): Observe {
  return (result) => {
    for (const [name, pool] of tally.pools.waits()) {
      for (const [errorType, count] of pool.countByError) {
        const attributes: Attributes = { [ATTR_QFLOW_POOL_NAME]: name }
        if (errorType !== '') attributes[ATTR_ERROR_TYPE] = errorType
        result.observe(count, attributes)
      }
    }
  }
}

function observeDropped(tally: Tally): Observe {
  return (result) => {
    for (const [reason, count] of tally.dropped()) {
      result.observe(count, { [ATTR_QFLOW_TELEMETRY_DROP_REASON]: reason })
    }
  }
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
