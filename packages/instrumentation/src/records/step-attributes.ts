import type { AttributeValue } from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_ERROR_MESSAGE,
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
  ATTR_QFLOW_STEP_ACTION,
  ATTR_QFLOW_STEP_ATTEMPT_COUNT,
  ATTR_QFLOW_STEP_CPU_TIME,
  ATTR_QFLOW_STEP_GROUP_ID,
  ATTR_QFLOW_STEP_ID,
  ATTR_QFLOW_STEP_MEMORY_HEAP_GROWTH,
  ATTR_QFLOW_STEP_PARAMS,
  ATTR_QFLOW_STEP_PHASE_ENGINE,
  ATTR_QFLOW_STEP_PHASE_LEDGER,
  ATTR_QFLOW_STEP_PHASE_QUEUE,
  ATTR_QFLOW_STEP_PHASE_RESOURCE_WAIT,
  ATTR_QFLOW_STEP_PHASE_RETRY_BACKOFF,
  ATTR_QFLOW_STEP_PHASE_VALIDATION,
  ATTR_QFLOW_STEP_PHASE_WORK,
  ATTR_QFLOW_STEP_PHASES_MISSING,
  ATTR_QFLOW_STEP_RESOURCE_ATTRIBUTION,
  ATTR_QFLOW_STEP_RESULT,
  ATTR_QFLOW_STEP_TYPE,
  ATTR_QFLOW_STEP_VALIDATION_CACHE_HITS,
  ATTR_QFLOW_STEP_VALIDATION_CACHE_MISSES,
} from '@qflow-otel/semconv'
import { toSeconds } from '../clock.ts'
import { isObject } from '../qflow-surface.ts'
import { redactedText } from '../redaction.ts'
import type { Telemetry } from '../telemetry.ts'
import type { StepRecord, StepResources } from './step-record.ts'

/** A healthy span carries no more than this, unless an allow-list adds to it; what is least needed goes first and is counted. */
export const MAX_HEALTHY_ATTRIBUTES = 16

/** Attributes with errors; hooks may add to it. */
export const MAX_ATTRIBUTES = 24

/** In the order of `phaseNames`. */
const phaseAttributes = [
  ATTR_QFLOW_STEP_PHASE_RETRY_BACKOFF,
  ATTR_QFLOW_STEP_PHASE_RESOURCE_WAIT,
  ATTR_QFLOW_STEP_PHASE_VALIDATION,
  ATTR_QFLOW_STEP_PHASE_LEDGER,
  ATTR_QFLOW_STEP_PHASE_WORK,
  ATTR_QFLOW_STEP_PHASE_ENGINE,
]

export interface StepOutcome {
  readonly errorType: string | undefined
  readonly resources: StepResources | undefined
  /** The engine's objects, where settings want something of them. */
  readonly live: { readonly result: unknown; readonly error: unknown } | undefined
  readonly telemetry: Telemetry
}

/**
 * Sets the attributes one by one, which the SDK takes faster than an object of them (docs/evidence/overhead.md), the most
 * needed first. Identity and phases always fit; group, attempts, caches and resources share what is left.
 */
export function setStepAttributes(record: StepRecord, outcome: StepOutcome): void {
  const { span, facts, scope } = record
  span.setAttribute(ATTR_QFLOW_EXECUTION_ID, outcome.telemetry.tally.clip(record.executionId))
  span.setAttribute(ATTR_QFLOW_STEP_ID, facts.id)
  let count = 2
  const flow = scope.facts
  if (flow.flowId !== undefined) {
    span.setAttribute(ATTR_QFLOW_FLOW_ID, flow.flowId)
    count++
  }
  if (flow.version !== undefined) {
    span.setAttribute(ATTR_QFLOW_FLOW_VERSION, flow.version)
    count++
  }
  if (facts.type !== undefined) {
    span.setAttribute(ATTR_QFLOW_STEP_TYPE, facts.type)
    count++
  }
  if (facts.action !== undefined) {
    span.setAttribute(ATTR_QFLOW_STEP_ACTION, facts.action)
    count++
  }
  count += setPhases(record)
  if (outcome.errorType !== undefined) {
    span.setAttribute(ATTR_ERROR_TYPE, outcome.errorType)
    count++
  }
  const missing = outcome.telemetry.reach.missingPhases()
  if (missing !== undefined) {
    span.setAttribute(ATTR_QFLOW_STEP_PHASES_MISSING, missing)
    count++
  }
  count = setOptional(record, outcome, count)
  if (outcome.live) setCaptured(record, outcome.live, outcome.telemetry, count)
}

function setPhases(record: StepRecord): number {
  const { span } = record
  const { totalsNs } = record.phases
  let count = 0
  if (record.queueNs > 0) {
    span.setAttribute(ATTR_QFLOW_STEP_PHASE_QUEUE, toSeconds(record.queueNs))
    count++
  }
  for (let phase = 0; phase < phaseAttributes.length; phase++) {
    const ns = totalsNs[phase]
    const name = phaseAttributes[phase]
    if (ns === undefined || ns === 0 || name === undefined) continue
    span.setAttribute(name, toSeconds(ns))
    count++
  }
  return count
}

/** Returns how many attributes the span then has. */
function setOptional(record: StepRecord, outcome: StepOutcome, taken: number): number {
  const { span } = record
  const { resources, telemetry } = outcome
  const limit = outcome.errorType === undefined ? MAX_HEALTHY_ATTRIBUTES : MAX_ATTRIBUTES
  let count = taken
  const set = (name: string, value: AttributeValue) => {
    if (count >= limit) return telemetry.tally.drop('attribute_limit')
    count++
    span.setAttribute(name, value)
  }
  if (record.groupId !== undefined) set(ATTR_QFLOW_STEP_GROUP_ID, record.groupId)
  const attemptCount = record.attempts?.count ?? 0
  if (attemptCount > 1) set(ATTR_QFLOW_STEP_ATTEMPT_COUNT, attemptCount)
  if (record.hasCacheFigures) {
    set(ATTR_QFLOW_STEP_VALIDATION_CACHE_HITS, record.cacheHits)
    set(ATTR_QFLOW_STEP_VALIDATION_CACHE_MISSES, record.cacheMisses)
  }
  if (resources === undefined) return count
  // The figures mean nothing without how they were attributed, so they go in or stay out together.
  if (count + 2 > limit) {
    telemetry.tally.drop('attribute_limit')
    return count
  }
  set(ATTR_QFLOW_STEP_RESOURCE_ATTRIBUTION, resources.attribution)
  set(ATTR_QFLOW_STEP_CPU_TIME, resources.cpuMicros / 1e6)
  const { heapGrowthBytes } = resources
  if (heapGrowthBytes !== undefined) set(ATTR_QFLOW_STEP_MEMORY_HEAP_GROWTH, heapGrowthBytes)
  return count
}

/** Only what the allow-list names, redacted and cut. */
function setCaptured(
  { span, step }: StepRecord,
  { result, error }: NonNullable<StepOutcome['live']>,
  { settings, tally }: Telemetry,
  taken: number,
): void {
  let count = taken
  const values: readonly (readonly [string, unknown])[] = [
    [ATTR_QFLOW_STEP_PARAMS, step.params],
    [ATTR_QFLOW_STEP_RESULT, isObject(result) ? result['result'] : undefined],
    [ATTR_QFLOW_ERROR_MESSAGE, isObject(error) ? error['message'] : undefined],
  ]
  for (const [name, value] of values) {
    if (!settings.captureAttributes.has(name)) continue
    const text = redactedText(value, settings)
    if (text === undefined) continue
    if (count++ >= MAX_ATTRIBUTES) tally.drop('attribute_limit')
    else span.setAttribute(name, text)
  }
}
