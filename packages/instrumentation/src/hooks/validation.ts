import {
  ATTR_QFLOW_VALIDATION_CACHED,
  ATTR_QFLOW_VALIDATION_LAYER,
  ATTR_QFLOW_VALIDATION_STATUS,
} from '@qflow-otel/semconv'
import { nowNs } from '../clock.ts'
import { ownContext } from '../context/owned-context.ts'
import type { Call, Enter } from '../patching/wrap.ts'
import { VALIDATION } from '../phases.ts'
import { errorClass, isObject, stringOf } from '../qflow-surface.ts'
import { openStepOf } from '../records/owner.ts'
import type { Telemetry } from '../telemetry.ts'
import { endDetail, phaseHook, startDetail } from './phase-call.ts'

/** `validate` and `validateStreaming`: a phase of the step, and what its caches did. */
export function validationHook(telemetry: Telemetry): Enter {
  const { lookups } = telemetry.tally
  return phaseHook(telemetry, {
    phase: VALIDATION,
    onValue(result, { record }) {
      if (!isObject(result)) return
      const { cacheHits, cacheMisses } = result
      if (typeof cacheHits !== 'number' || typeof cacheMisses !== 'number') return
      lookups.wereSeen = true
      lookups.hits += cacheHits
      lookups.misses += cacheMisses
      record.cacheHits += cacheHits
      record.cacheMisses += cacheMisses
      // A pipeline that ran no layer looked nothing up.
      if (cacheHits + cacheMisses > 0) record.hasCacheFigures = true
    },
  })
}

/** `executeLayer`: a span per layer, in detail mode only. */
export function layerHook(telemetry: Telemetry): Enter {
  return (_pipeline, [layer]): Call | undefined => {
    const active = telemetry.carrier.active()
    const record = openStepOf(active)
    if (!record?.scope.isDetailed) return undefined
    const layerId = isObject(layer) ? stringOf(layer['layerId']) : stringOf(layer)
    const name = layerId === undefined ? 'validate' : `validate ${layerId}`
    const span = startDetail({ telemetry, name, active }, record, nowNs())
    if (layerId !== undefined) span.setAttribute(ATTR_QFLOW_VALIDATION_LAYER, layerId)
    return {
      context: ownContext(active, { span }, record),
      succeed(result) {
        const status = isObject(result) ? stringOf(result['status']) : undefined
        if (status !== undefined) span.setAttribute(ATTR_QFLOW_VALIDATION_STATUS, status)
        const isCached = isObject(result) && result['cached'] === true
        span.setAttribute(ATTR_QFLOW_VALIDATION_CACHED, isCached)
        endDetail(span, nowNs(), status === 'failed' ? 'validation_error' : undefined)
      },
      fail: (error) => endDetail(span, nowNs(), errorClass(error)),
    }
  }
}
