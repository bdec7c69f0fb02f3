import {
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_PARENT_ID,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
  ATTR_QFLOW_STEP_ACTION,
  ATTR_QFLOW_STEP_ID,
  ATTR_QFLOW_STEP_TYPE,
} from '@qflow-otel/semconv'
import { KNOWN, type KnownKey, knownAttribute } from './known-attributes.ts'
import { MAX_ID_LENGTH } from './limits.ts'
import type { Attributes } from './span-record.ts'

const ID_KEYS = [
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
  ATTR_QFLOW_EXECUTION_PARENT_ID,
  ATTR_QFLOW_STEP_ID,
  ATTR_QFLOW_STEP_TYPE,
  ATTR_QFLOW_STEP_ACTION,
] as const satisfies readonly KnownKey[]

const ids: ReadonlySet<string> = new Set(ID_KEYS)
const idPlaces: readonly number[] = ID_KEYS.map((key) => KNOWN[key])

/** The key of the first id that is longer than `MAX_ID_LENGTH`: what it names is refused. */
export function overlongId(attributes: Attributes): string | undefined {
  for (let at = 0; at < idPlaces.length; at++) {
    // Places below the length of both.
    const value = knownAttribute(attributes, idPlaces[at] as number)
    if (typeof value === 'string' && value.length > MAX_ID_LENGTH) return ID_KEYS[at]
  }
  return undefined
}

export function isId(key: string | undefined): boolean {
  return key !== undefined && ids.has(key)
}

/** What was expected of an id, and what was found. */
export function overlongReason(id: unknown): string {
  const found = typeof id === 'string' ? `${id.length}` : 'none'
  return `expected at most ${MAX_ID_LENGTH} characters, found ${found}`
}
