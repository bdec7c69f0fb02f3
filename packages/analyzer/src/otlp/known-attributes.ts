import {
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_PARENT_ID,
  ATTR_QFLOW_EXECUTION_SEGMENT,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_EXECUTION_TRIGGER_TYPE,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
  ATTR_QFLOW_STEP_ACTION,
  ATTR_QFLOW_STEP_ATTEMPT,
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
import { AttributeList } from './attribute-list.ts'
import type { Attributes, AttributeValue } from './span-record.ts'

/** The attributes that the analyzer reads of every span: a shape of attributes knows where each of them stands. */
export const KNOWN_KEYS = [
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
  ATTR_QFLOW_EXECUTION_PARENT_ID,
  ATTR_QFLOW_EXECUTION_SEGMENT,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_EXECUTION_TRIGGER_TYPE,
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_STEP_ID,
  ATTR_QFLOW_STEP_TYPE,
  ATTR_QFLOW_STEP_ACTION,
  ATTR_QFLOW_STEP_ATTEMPT,
  ATTR_QFLOW_STEP_ATTEMPT_COUNT,
  ATTR_QFLOW_STEP_PHASE_RETRY_BACKOFF,
  ATTR_QFLOW_STEP_PHASE_RESOURCE_WAIT,
  ATTR_QFLOW_STEP_PHASE_VALIDATION,
  ATTR_QFLOW_STEP_PHASE_LEDGER,
  ATTR_QFLOW_STEP_PHASE_WORK,
  ATTR_QFLOW_STEP_PHASE_QUEUE,
  ATTR_QFLOW_STEP_PHASE_ENGINE,
  ATTR_QFLOW_STEP_PHASES_MISSING,
  ATTR_QFLOW_STEP_CPU_TIME,
  ATTR_QFLOW_STEP_MEMORY_HEAP_GROWTH,
  ATTR_QFLOW_STEP_RESOURCE_ATTRIBUTION,
  ATTR_QFLOW_STEP_VALIDATION_CACHE_HITS,
  ATTR_QFLOW_STEP_VALIDATION_CACHE_MISSES,
] as const

export type KnownKey = (typeof KNOWN_KEYS)[number]

/** Place in `KNOWN_KEYS` by key: `KNOWN[ATTR_QFLOW_STEP_ID]`. */
export const KNOWN: Readonly<Record<KnownKey, number>> = placesOf(KNOWN_KEYS)

/** `attributes.get(KNOWN_KEYS[place])`, without a look-up by text where a reader of ours made the attributes. */
export function knownAttribute(attributes: Attributes, place: number): AttributeValue | undefined {
  if (attributes instanceof AttributeList) return attributes.known(place)
  const key = KNOWN_KEYS[place]
  return key === undefined ? undefined : attributes.get(key)
}

function placesOf<K extends string>(keys: readonly K[]): Record<K, number> {
  // `fromEntries` widens the keys to string; there is an entry for each of them and no other.
  return Object.fromEntries(keys.map((key, place) => [key, place])) as Record<K, number>
}
