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
import { KNOWN, type KnownKey, knownAttribute } from '../otlp/known-attributes.ts'
import type { Attributes, AttributeValue } from '../otlp/span-record.ts'
import { MAX_OFFSET_NS, nsFromSeconds } from '../time/unix-ns.ts'
import type { ExecutionSpan, Phase, StepRun } from './execution.ts'
import { knownNumber, knownText } from './span-role.ts'
import { splitExactly } from './split-exactly.ts'

/** In the order of `Phase`. */
const PHASE_ATTRIBUTES: readonly (readonly [Phase, KnownKey])[] = [
  ['retry_backoff', ATTR_QFLOW_STEP_PHASE_RETRY_BACKOFF],
  ['resource_wait', ATTR_QFLOW_STEP_PHASE_RESOURCE_WAIT],
  ['validation', ATTR_QFLOW_STEP_PHASE_VALIDATION],
  ['ledger', ATTR_QFLOW_STEP_PHASE_LEDGER],
  ['work', ATTR_QFLOW_STEP_PHASE_WORK],
  ['queue', ATTR_QFLOW_STEP_PHASE_QUEUE],
  ['engine', ATTR_QFLOW_STEP_PHASE_ENGINE],
]

export const PHASES: readonly Phase[] = PHASE_ATTRIBUTES.map(([phase]) => phase)
const NO_PHASES: readonly Phase[] = []

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
  const stepId = knownText(attributes, ATTR_QFLOW_STEP_ID)
  if (stepId === undefined) return undefined
  return {
    stepId,
    type: knownText(attributes, ATTR_QFLOW_STEP_TYPE),
    action: knownText(attributes, ATTR_QFLOW_STEP_ACTION),
    spanId: span.spanId,
    startNs: span.startNs,
    endNs: span.endNs,
    attemptCount:
      countOf(attributes, ATTR_QFLOW_STEP_ATTEMPT_COUNT) ?? Math.max(1, attemptSpanCount),
    errorType: knownText(attributes, ATTR_ERROR_TYPE),
    ...phasesOf(span, flags),
    cpuNs: lengthNsOf(attributes, ATTR_QFLOW_STEP_CPU_TIME),
    heapGrowthBytes: knownNumber(attributes, ATTR_QFLOW_STEP_MEMORY_HEAP_GROWTH),
    attribution: attributionOf(attributes),
    cacheHits: countOf(attributes, ATTR_QFLOW_STEP_VALIDATION_CACHE_HITS),
    cacheMisses: countOf(attributes, ATTR_QFLOW_STEP_VALIDATION_CACHE_MISSES),
  }
}

/**
 * Phases in ns that sum to the span's duration; a span that names no phase at all has measured none. What is named and
 * is no length of time was not measured either: `invalid_phase`.
 */
function phasesOf(
  { attributes, startNs, endNs }: ExecutionSpan,
  flags: Set<string>,
): Pick<StepRun, 'phasesNs' | 'missingPhases'> {
  const phasesNs: PhasesNs = {}
  const invalid: Phase[] = []
  let isMeasured = false
  for (let index = 0; index < PHASE_ATTRIBUTES.length; index++) {
    // An index below the length.
    const [phase, key] = PHASE_ATTRIBUTES[index] as (typeof PHASE_ATTRIBUTES)[number]
    if (knownAttribute(attributes, KNOWN[key]) === undefined) continue
    const ns = lengthNsOf(attributes, key)
    if (ns === undefined) invalid.push(phase)
    else isMeasured = true
    if (ns !== undefined && ns > 0) phasesNs[phase] = ns
  }
  if (invalid.length > 0) flags.add('invalid_phase')
  if (!isMeasured) return { phasesNs, missingPhases: PHASES }
  const missing = missingOf(attributes)
  const isEveryMeasured = missing.length === 0 && invalid.length === 0
  const missingPhases = isEveryMeasured
    ? NO_PHASES
    : PHASES.filter((phase) => missing.includes(phase) || invalid.includes(phase))
  return { phasesNs: fitted(phasesNs, endNs - startNs, flags), missingPhases }
}

/** An attribute in seconds as whole ns; absent when it is no length of time that a number holds exactly. */
function lengthNsOf(attributes: Attributes, key: KnownKey): number | undefined {
  const ns = nsFromSeconds(knownNumber(attributes, key) ?? Number.NaN)
  return ns >= 0 && ns <= MAX_OFFSET_NS ? ns : undefined
}

/** A whole number >= 0 that is exact. */
function countOf(attributes: Attributes, key: KnownKey): number | undefined {
  const count = knownNumber(attributes, key)
  return count !== undefined && count >= 0 && Number.isSafeInteger(count) ? count : undefined
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
    return { ...phasesNs, engine: (phasesNs.engine ?? 0) + (durationNs - sumNs) }
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
  const value = knownAttribute(attributes, KNOWN[ATTR_QFLOW_STEP_PHASES_MISSING])
  if (value === undefined) return NO_PHASES
  const isNamed = Array.isArray(value)
    ? (phase: Phase) => value.includes(phase)
    : (phase: Phase) => isInText(value, phase)
  return PHASES.filter(isNamed)
}

function isInText(value: AttributeValue, phase: Phase): boolean {
  return typeof value === 'string' && value.includes(`"${phase}"`)
}

function attributionOf(attributes: Attributes): StepRun['attribution'] {
  const value = knownAttribute(attributes, KNOWN[ATTR_QFLOW_STEP_RESOURCE_ATTRIBUTION])
  return value === 'exclusive' || value === 'shared' ? value : undefined
}
