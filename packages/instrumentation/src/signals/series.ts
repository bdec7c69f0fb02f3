import type { Attributes } from '@opentelemetry/api'
import { ATTR_ERROR_TYPE, ATTR_QFLOW_FLOW_ID, ATTR_QFLOW_STEP_ID } from '@qflow-otel/semconv'
import { phaseNames } from '../phases.ts'

/** Steps beyond this many share one series, so that generated step ids cannot fill a metrics backend. */
export const MAX_STEP_SERIES = 1_000

/** Error classes told apart per series; further ones count as `_OTHER`. */
const MAX_ERROR_TYPES = 20

export const OTHER = '_OTHER'

/** What is summed for one step of one flow until the next collection. Times in ns. */
export interface StepSeries {
  readonly flowId: string
  readonly stepId: string
  /** By phase, as in `phaseNames`. Typed, since sums soon outgrow what V8 keeps in other lists of small numbers. */
  readonly phaseNs: Float64Array
  queueNs: number
  cpuExclusiveMicros: number
  cpuSharedMicros: number
  /**
   * Attributes of the duration histogram; one object per error class, so that none is made per step. The SDK sorts and serialises
   * them at each record, a quarter of a µs each, so they are no more than tell the steps apart.
   */
  durationAttributes(errorType: string | undefined): Attributes
}

export interface StepSeriesTable {
  /** The series of a step, or the shared one when the table is full. */
  seriesOf(flowId: string, stepId: string): StepSeries
  /** Says through `onFull` when a measurement goes to the shared series. */
  countOverflow(series: StepSeries): void
  all(): Iterable<StepSeries>
}

export function createStepSeriesTable(onFull: () => void): StepSeriesTable {
  const byKey = new Map<string, StepSeries>()
  let other: StepSeries | undefined
  return {
    seriesOf(flowId, stepId) {
      const key = JSON.stringify([flowId, stepId])
      const known = byKey.get(key)
      if (known) return known
      if (byKey.size >= MAX_STEP_SERIES) {
        other ??= createSeries(OTHER, OTHER)
        return other
      }
      const series = createSeries(flowId, stepId)
      byKey.set(key, series)
      return series
    },
    countOverflow(series) {
      if (series === other) onFull()
    },
    *all() {
      yield* byKey.values()
      if (other) yield other
    },
  }
}

function createSeries(flowId: string, stepId: string): StepSeries {
  const base: Attributes = { [ATTR_QFLOW_FLOW_ID]: flowId, [ATTR_QFLOW_STEP_ID]: stepId }
  const byError = new Map<string, Attributes>()
  return {
    flowId,
    stepId,
    phaseNs: new Float64Array(phaseNames.length),
    queueNs: 0,
    cpuExclusiveMicros: 0,
    cpuSharedMicros: 0,
    durationAttributes(errorType) {
      if (errorType === undefined) return base
      const name = byError.has(errorType) || byError.size < MAX_ERROR_TYPES ? errorType : OTHER
      const known = byError.get(name)
      if (known) return known
      const made = { ...base, [ATTR_ERROR_TYPE]: name }
      byError.set(name, made)
      return made
    },
  }
}
