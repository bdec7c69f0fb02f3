import type { Attributes, ObservableResult } from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_PHASE,
  ATTR_QFLOW_POOL_NAME,
  ATTR_QFLOW_POOL_STATE,
  ATTR_QFLOW_STEP_ID,
  ATTR_QFLOW_STEP_RESOURCE_ATTRIBUTION,
  ATTR_QFLOW_TELEMETRY_DROP_REASON,
  ATTR_QFLOW_VALIDATION_CACHE_RESULT,
  METRIC_QFLOW_EXECUTION_ACTIVE,
  METRIC_QFLOW_EXECUTION_REJECTED,
  METRIC_QFLOW_POOL_ACQUISITIONS,
  METRIC_QFLOW_POOL_USAGE,
  METRIC_QFLOW_POOL_WAIT_DURATION,
  METRIC_QFLOW_PROCESS_HEAP_AFTER_GC,
  METRIC_QFLOW_PROCESS_HEAP_LIMIT,
  METRIC_QFLOW_STEP_CPU_TIME,
  METRIC_QFLOW_STEP_PHASE_TIME,
  METRIC_QFLOW_TELEMETRY_DROPPED,
  METRIC_QFLOW_VALIDATION_CACHE_LOOKUPS,
} from '@qflow-otel/semconv'
import { toSeconds } from '../clock.ts'
import { phaseNames } from '../phases.ts'
import type { Tally } from './tally.ts'

/** What is read when the SDK collects, by metric: all of it was summed before. */
export function observersOf(tally: Tally): readonly (readonly [metric: string, Observe])[] {
  return [
    [METRIC_QFLOW_STEP_PHASE_TIME, observePhases(tally)],
    [METRIC_QFLOW_STEP_CPU_TIME, observeCpu(tally)],
    [METRIC_QFLOW_EXECUTION_ACTIVE, observeActive(tally)],
    [METRIC_QFLOW_EXECUTION_REJECTED, observeRejected(tally)],
    [METRIC_QFLOW_PROCESS_HEAP_AFTER_GC, observeHeap(tally)],
    [METRIC_QFLOW_PROCESS_HEAP_LIMIT, observeHeapLimit(tally)],
    [METRIC_QFLOW_VALIDATION_CACHE_LOOKUPS, observeLookups(tally)],
    [METRIC_QFLOW_POOL_USAGE, observePools(tally)],
    [METRIC_QFLOW_POOL_WAIT_DURATION, observePoolWait(tally)],
    [METRIC_QFLOW_POOL_ACQUISITIONS, observeAcquisitions(tally)],
    [METRIC_QFLOW_TELEMETRY_DROPPED, observeDropped(tally)],
  ]
}

type Observe = (result: ObservableResult) => void

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

function observeHeapLimit(tally: Tally): Observe {
  return (result) => result.observe(tally.sampler.heapLimitBytes())
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
