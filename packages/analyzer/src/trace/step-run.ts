import {
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_STEP_ACTION,
  ATTR_QFLOW_STEP_ATTEMPT_COUNT,
  ATTR_QFLOW_STEP_CPU_TIME,
  ATTR_QFLOW_STEP_ID,
  ATTR_QFLOW_STEP_MEMORY_HEAP_GROWTH,
  ATTR_QFLOW_STEP_PHASE_ENGINE,
  ATTR_QFLOW_STEP_PHASE_LEDGER,
  ATTR_QFLOW_STEP_PHASE_QUEUE,
  ATTR_QFLOW_STEP_PHASE_RESOURCE_WAIT,
  ATTR_QFLOW_STEP_PHASE_RETRY_BACKOFF,
  ATTR_QFLOW_STEP_PHASE_VALIDATION,
  ATTR_QFLOW_STEP_PHASE_WORK,
  ATTR_QFLOW_STEP_PHASES_MISSING,
  ATTR_QFLOW_STEP_RESOURCE_ATTRIBUTION,
  ATTR_QFLOW_STEP_TYPE,
  ATTR_QFLOW_STEP_VALIDATION_CACHE_HITS,
  ATTR_QFLOW_STEP_VALIDATION_CACHE_MISSES,
} from '@qflow-otel/semconv'
import type { Attributes, AttributeValue } from '../otlp/span-record.ts'
import { nsFromSeconds } from '../time/unix-ns.ts'
import type { ExecutionSpan, Phase, StepRun } from './execution.ts'
import { numberOf, textOf } from './span-role.ts'
import { splitExactly } from './split-exactly.ts'

/** In the order of `Phase`. */
const PHASE_ATTRIBUTES: readonly (readonly [Phase, string])[] = [
  ['retry_backoff', ATTR_QFLOW_STEP_PHASE_RETRY_BACKOFF],
  ['resource_wait', ATTR_QFLOW_STEP_PHASE_RESOURCE_WAIT],
  ['validation', ATTR_QFLOW_STEP_PHASE_VALIDATION],
  ['ledger', ATTR_QFLOW_STEP_PHASE_LEDGER],
  ['work', ATTR_QFLOW_STEP_PHASE_WORK],
  ['queue', ATTR_QFLOW_STEP_PHASE_QUEUE],
  ['engine', ATTR_QFLOW_STEP_PHASE_ENGINE],
]

export const PHASES: readonly Phase[] = PHASE_ATTRIBUTES.map(([phase]) => phase)

/**
 * A carrier that keeps µs (Jaeger) cuts start and duration by less than 1 µs each, so the phases may then miss the
 * duration by less than 2 µs: rounding, not disagreement.
 */
const ROUNDING_NS = 2000

type PhasesNs = Partial<Record<Phase, number>>

/** The run of a step from its span; `attemptSpanCount` are the attempt spans found under it. */
export function stepRun(
  span: ExecutionSpan,
  attemptSpanCount: number,
  flags: Set<string>,
): StepRun | undefined {
  const { attributes } = span
  const stepId = textOf(attributes, ATTR_QFLOW_STEP_ID)
  if (stepId === undefined) return undefined
  const cpuSeconds = numberOf(attributes, ATTR_QFLOW_STEP_CPU_TIME)
  return {
    stepId,
    type: textOf(attributes, ATTR_QFLOW_STEP_TYPE),
    action: textOf(attributes, ATTR_QFLOW_STEP_ACTION),
    spanId: span.spanId,
    startNs: span.startNs,
    endNs: span.endNs,
    attemptCount:
      numberOf(attributes, ATTR_QFLOW_STEP_ATTEMPT_COUNT) ?? Math.max(1, attemptSpanCount),
    errorType: textOf(attributes, ATTR_ERROR_TYPE),
    ...phasesOf(span, flags),
    cpuNs: cpuSeconds === undefined ? undefined : nsFromSeconds(cpuSeconds),
    heapGrowthBytes: numberOf(attributes, ATTR_QFLOW_STEP_MEMORY_HEAP_GROWTH),
    attribution: attributionOf(attributes),
    cacheHits: numberOf(attributes, ATTR_QFLOW_STEP_VALIDATION_CACHE_HITS),
    cacheMisses: numberOf(attributes, ATTR_QFLOW_STEP_VALIDATION_CACHE_MISSES),
  }
}

/** Phases in ns that sum to the span's duration; a span that names no phase at all has measured none. */
function phasesOf(
  { attributes, startNs, endNs }: ExecutionSpan,
  flags: Set<string>,
): Pick<StepRun, 'phasesNs' | 'missingPhases'> {
  const phasesNs: PhasesNs = {}
  for (const [phase, key] of PHASE_ATTRIBUTES) {
    const seconds = numberOf(attributes, key)
    if (seconds === undefined || seconds < 0) continue
    const ns = nsFromSeconds(seconds)
    if (ns > 0) phasesNs[phase] = ns
  }
  const isMeasured = PHASE_ATTRIBUTES.some(([, key]) => attributes.has(key))
  const missingPhases = isMeasured ? missingOf(attributes) : PHASES
  if (!isMeasured) return { phasesNs, missingPhases }
  return { phasesNs: fitted(phasesNs, endNs - startNs, flags), missingPhases }
}

/**
 * Makes the phases sum to the duration. What is missing from the sum was in no phase and is `engine`, the rest by
 * definition; a sum that is too large is reduced in proportion. Either is flagged when it is more than rounding.
 */
function fitted(phasesNs: PhasesNs, durationNs: number, flags: Set<string>): PhasesNs {
  let sumNs = 0
  for (const phase of PHASES) sumNs += phasesNs[phase] ?? 0
  if (sumNs === durationNs) return phasesNs
  if (Math.abs(sumNs - durationNs) >= ROUNDING_NS) flags.add('phase_sum_mismatch')
  if (sumNs < durationNs)
    return { ...phasesNs, engine: (phasesNs.engine ?? 0) + durationNs - sumNs }
  const entries = PHASES.flatMap((phase) => {
    const ns = phasesNs[phase]
    return ns === undefined ? [] : [{ phase, ns }]
  })
  const parts = splitExactly(
    durationNs,
    entries.map(({ ns }) => ns),
  )
  return Object.fromEntries(
    entries.flatMap(({ phase }, index) => {
      const ns = parts[index] ?? 0
      return ns > 0 ? [[phase, ns]] : []
    }),
  )
}

/** Jaeger carries a list as JSON text, so both forms are read. */
function missingOf(attributes: Attributes): readonly Phase[] {
  const value = attributes.get(ATTR_QFLOW_STEP_PHASES_MISSING)
  if (value === undefined) return []
  const isNamed = Array.isArray(value)
    ? (phase: Phase) => value.includes(phase)
    : (phase: Phase) => isInText(value, phase)
  return PHASES.filter(isNamed)
}

function isInText(value: AttributeValue, phase: Phase): boolean {
  return typeof value === 'string' && value.includes(`"${phase}"`)
}

function attributionOf(attributes: Attributes): StepRun['attribution'] {
  const value = attributes.get(ATTR_QFLOW_STEP_RESOURCE_ATTRIBUTION)
  return value === 'exclusive' || value === 'shared' ? value : undefined
}
