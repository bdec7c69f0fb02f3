import {
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_FLOW_GRAPH,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_SHA256,
  ATTR_QFLOW_FLOW_VERSION,
  EVENT_QFLOW_EXECUTION_STARTED,
  EVENT_QFLOW_FLOW_DEFINED,
} from '@qflow-otel/semconv'
import { OtlpDecodeError } from './decode-error.ts'
import {
  expected,
  isObject,
  type JsonObject,
  listIn,
  member,
  objectAt,
  textIn,
} from './json-shape.ts'
import { MAX_FLOW_STEP_COUNT, MAX_ID_LENGTH } from './limits.ts'
import { overlongId, overlongReason } from './overlong-id.ts'
import type {
  Attributes,
  FlowDefinition,
  FlowDefinitionStep,
  StartedExecution,
} from './span-record.ts'

export interface RawEvent {
  readonly name: string
  readonly traceId: string
  readonly unixNs: bigint
  readonly attributes: Attributes
}

export type QflowEvent =
  | { readonly kind: 'flow_defined'; readonly flow: FlowDefinition }
  | { readonly kind: 'execution_started'; readonly started: StartedExecution }

/** Names of the log records whose attributes are worth reading. */
export function isQflowEvent(name: string): boolean {
  return name === EVENT_QFLOW_FLOW_DEFINED || name === EVENT_QFLOW_EXECUTION_STARTED
}

/** One of our two events -> what it says. Throws `OtlpDecodeError` when it lacks what it must have, or has an overlong id. */
export function qflowEvent(event: RawEvent, at: string): QflowEvent | undefined {
  if (event.name === EVENT_QFLOW_FLOW_DEFINED)
    return { kind: 'flow_defined', flow: flowDefinition(event.attributes, at) }
  if (event.name === EVENT_QFLOW_EXECUTION_STARTED)
    return { kind: 'execution_started', started: startedExecution(event, at) }
  return undefined
}

function startedExecution({ traceId, unixNs, attributes }: RawEvent, at: string): StartedExecution {
  refuseLongIds(attributes, at)
  const lower = traceId.toLowerCase()
  if (!/^[0-9a-f]{32}$/.test(lower) || /^0+$/.test(lower))
    throw new OtlpDecodeError('expected the trace id of the execution, found none', `${at}.traceId`)
  if (unixNs === 0n) throw new OtlpDecodeError('expected ns since 1970, found none', `${at}.time`)
  return {
    executionId: required(attributes, ATTR_QFLOW_EXECUTION_ID, at),
    flowId: required(attributes, ATTR_QFLOW_FLOW_ID, at),
    flowVersion: optional(attributes, ATTR_QFLOW_FLOW_VERSION),
    traceId: lower,
    startUnixNs: unixNs,
  }
}

function flowDefinition(attributes: Attributes, at: string): FlowDefinition {
  refuseLongIds(attributes, at)
  const place = `${at}.attributes.${ATTR_QFLOW_FLOW_GRAPH}`
  const steps = parsed(required(attributes, ATTR_QFLOW_FLOW_GRAPH, at), place)
  if (!Array.isArray(steps)) throw expected('an array of steps', steps, place)
  if (steps.length > MAX_FLOW_STEP_COUNT)
    throw expected(`at most ${MAX_FLOW_STEP_COUNT} steps`, steps, place)
  return {
    flowId: required(attributes, ATTR_QFLOW_FLOW_ID, at),
    version: optional(attributes, ATTR_QFLOW_FLOW_VERSION) ?? '',
    sha256: shortId(
      optional(attributes, ATTR_QFLOW_FLOW_SHA256) ?? '',
      `${at}.attributes.${ATTR_QFLOW_FLOW_SHA256}`,
    ),
    steps: steps.map((step, index) => flowStep(step, `${place}[${index}]`)),
  }
}

function flowStep(value: unknown, at: string): FlowDefinitionStep {
  const step = objectAt(value, at)
  const id = idIn(step, 'id', at)
  if (id === '') throw expected('the id of the step', undefined, `${at}.id`)
  return {
    id,
    type: idIn(step, 'type', at),
    action: idIn(step, 'action', at),
    ...edge(step, 'onSuccess', at),
    ...edge(step, 'onFailure', at),
    ...edge(step, 'onTrue', at),
    ...edge(step, 'onFalse', at),
    ...groupIn(step, at),
  }
}

type Edge = 'onSuccess' | 'onFailure' | 'onTrue' | 'onFalse'

function edge(step: JsonObject, key: Edge, at: string): Partial<Record<Edge, string>> {
  const target = idIn(step, key, at)
  return target === '' ? {} : { [key]: target }
}

/** Ids, or steps written out in place, of which the id counts. */
function groupIn(step: JsonObject, at: string): { steps?: readonly string[] } {
  const members = listIn(step, 'steps', at)
  if (members.length === 0) return {}
  const ids = members.map((item, index) => {
    const id = isObject(item) ? member(item, 'id') : item
    const place = `${at}.steps[${index}]`
    if (typeof id !== 'string') throw expected('the id of a step', id, place)
    return shortId(id, place)
  })
  return { steps: ids }
}

function idIn(step: JsonObject, key: string, at: string): string {
  return shortId(textIn(step, key, at), `${at}.${key}`)
}

function shortId(id: string, at: string): string {
  if (id.length > MAX_ID_LENGTH) throw new OtlpDecodeError(overlongReason(id), at)
  return id
}

function refuseLongIds(attributes: Attributes, at: string): void {
  const key = overlongId(attributes)
  if (key === undefined) return
  throw new OtlpDecodeError(overlongReason(attributes.get(key)), `${at}.attributes.${key}`)
}

function parsed(text: string, at: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new OtlpDecodeError('expected JSON, found other text', at)
  }
}

function required(attributes: Attributes, key: string, at: string): string {
  const value = optional(attributes, key)
  if (value === undefined) throw expected('a text', attributes.get(key), `${at}.attributes.${key}`)
  return value
}

function optional(attributes: Attributes, key: string): string | undefined {
  const value = attributes.get(key)
  return typeof value === 'string' && value !== '' ? value : undefined
}
