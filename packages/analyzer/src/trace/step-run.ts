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
import type { AttributeValue } from '../otlp/span-record.ts'
import { MAX_OFFSET_NS, nsFromSeconds } from '../time/unix-ns.ts'
import type { ExecutionSpan, Phase, PhaseLengths, StepRun } from './execution.ts'
import { exactNumber, knownNumber, knownText } from './span-role.ts'
import { splitExactly } from './split-exactly.ts'
import { PHASES } from './step-phases.ts'

/** In the order of `Phase`. */
export const PHASE_KEYS: readonly KnownKey[] = [
  ATTR_QFLOW_STEP_PHASE_RETRY_BACKOFF,
  ATTR_QFLOW_STEP_PHASE_RESOURCE_WAIT,
  ATTR_QFLOW_STEP_PHASE_VALIDATION,
  ATTR_QFLOW_STEP_PHASE_LEDGER,
  ATTR_QFLOW_STEP_PHASE_WORK,
  ATTR_QFLOW_STEP_PHASE_QUEUE,
  ATTR_QFLOW_STEP_PHASE_ENGINE,
]

const ENGINE = PHASES.indexOf('engine')
const NO_PHASES: readonly Phase[] = []

/**
 * A carrier that keeps µs (Jaeger) cuts start and duration by less than 1 µs each, so the phases may then miss the
 * duration by less than 2 µs: rounding, not disagreement.
 */
const ROUNDING_NS = 2000

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
      countOf(knownAttribute(attributes, KNOWN[ATTR_QFLOW_STEP_ATTEMPT_COUNT])) ??
      Math.max(1, attemptSpanCount),
    errorType: knownText(attributes, ATTR_ERROR_TYPE),
    ...phasesOf(span, flags),
    cpuNs: lengthNsOf(knownAttribute(attributes, KNOWN[ATTR_QFLOW_STEP_CPU_TIME])),
    heapGrowthBytes: knownNumber(attributes, ATTR_QFLOW_STEP_MEMORY_HEAP_GROWTH),
    attribution: attributionOf(
      knownAttribute(attributes, KNOWN[ATTR_QFLOW_STEP_RESOURCE_ATTRIBUTION]),
    ),
    cacheHits: countOf(knownAttribute(attributes, KNOWN[ATTR_QFLOW_STEP_VALIDATION_CACHE_HITS])),
    cacheMisses: countOf(
      knownAttribute(attributes, KNOWN[ATTR_QFLOW_STEP_VALIDATION_CACHE_MISSES]),
    ),
  }
}

/** What the span says of its phases, as lengths that sum to its duration. */
function phasesOf(
  { attributes, startNs, endNs }: ExecutionSpan,
  flags: Set<string>,
): Pick<StepRun, 'phasesNs' | 'missingPhases'> {
  const told: (AttributeValue | undefined)[] = []
  for (const key of PHASE_KEYS) told.push(knownAttribute(attributes, KNOWN[key]))
  const missing = knownAttribute(attributes, KNOWN[ATTR_QFLOW_STEP_PHASES_MISSING])
  const ns: number[] = []
  const missingPhases = measurePhases(ns, { told, missing, durationNs: endNs - startNs }, flags)
  return { phasesNs: namedPhases(ns), missingPhases }
}

/**
 * Writes the phases in ns, in the order of `PHASES`, so that they sum to the duration; a span that names no phase at all
 * has measured none. What is named and is no length of time was not measured either: `invalid_phase`. Returns the phases
 * that were not measured.
 */
export function measurePhases(
  ns: number[],
  {
    told,
    missing,
    durationNs,
  }: {
    /** In seconds, in the order of `PHASES`. */
    readonly told: readonly (AttributeValue | undefined)[]
    readonly missing: AttributeValue | undefined
    readonly durationNs: number
  },
  flags: Set<string>,
): readonly Phase[] {
  let measuredCount = 0
  let invalid: Phase[] | undefined
  for (let index = 0; index < PHASES.length; index++) {
    const value = told[index]
    const length = lengthNsOf(value)
    ns[index] = length ?? 0
    if (length !== undefined) measuredCount++
    else if (value !== undefined) {
      invalid ??= []
      // An index below the length.
      invalid.push(PHASES[index] as Phase)
    }
  }
  if (invalid !== undefined) flags.add('invalid_phase')
  if (measuredCount === 0) return PHASES
  fit(ns, durationNs, flags)
  return missingOf(missing, invalid)
}

/** From lengths in the order of `PHASES`. A literal, so that all runs have one shape. */
function namedPhases(ns: readonly number[]): PhaseLengths {
  return {
    retry_backoff: ns[0] || undefined,
    resource_wait: ns[1] || undefined,
    validation: ns[2] || undefined,
    ledger: ns[3] || undefined,
    work: ns[4] || undefined,
    queue: ns[5] || undefined,
    engine: ns[6] || undefined,
  }
}

/** An attribute in seconds as whole ns; absent when it is no length of time that a number holds exactly. */
function lengthNsOf(value: AttributeValue | undefined): number | undefined {
  const ns = nsFromSeconds(exactNumber(value) ?? Number.NaN)
  return ns >= 0 && ns <= MAX_OFFSET_NS ? ns : undefined
}

/** A whole number >= 0 that is exact. */
function countOf(value: AttributeValue | undefined): number | undefined {
  return typeof value === 'number' && value >= 0 && Number.isSafeInteger(value) ? value : undefined
}

/**
 * Makes the phases sum to the duration. What is missing from the sum was in no phase and is `engine`, the rest by
 * definition; a sum that is too large is reduced in proportion. Either is flagged when it is more than rounding.
 */
function fit(ns: number[], durationNs: number, flags: Set<string>): void {
  let sumNs = 0
  for (const length of ns) sumNs += length
  if (sumNs === durationNs) return
  if (Math.abs(sumNs - durationNs) >= ROUNDING_NS) flags.add('phase_sum_mismatch')
  if (sumNs < durationNs) {
    ns[ENGINE] = (ns[ENGINE] ?? 0) + (durationNs - sumNs)
    return
  }
  for (const [index, part] of splitExactly(durationNs, ns).entries()) ns[index] = part
}

/** Named as missing, or `invalid`. Jaeger carries a list as JSON text, so both forms are read. */
export function missingOf(
  value: AttributeValue | undefined,
  invalid: readonly Phase[] | undefined,
): readonly Phase[] {
  if (value === undefined) return invalid ?? NO_PHASES
  const isNamed = Array.isArray(value)
    ? (phase: Phase) => value.includes(phase)
    : (phase: Phase) => isInText(value, phase)
  return PHASES.filter((phase) => isNamed(phase) || invalid?.includes(phase))
}

function isInText(value: AttributeValue, phase: Phase): boolean {
  return typeof value === 'string' && value.includes(`"${phase}"`)
}

export function attributionOf(value: AttributeValue | undefined): StepRun['attribution'] {
  return value === 'exclusive' || value === 'shared' ? value : undefined
}
