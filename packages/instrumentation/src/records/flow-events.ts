import type { Attributes } from '@opentelemetry/api'
import {
  ATTR_QFLOW_DAO_SUBNET,
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_PARENT_ID,
  ATTR_QFLOW_EXECUTION_SEGMENT,
  ATTR_QFLOW_EXECUTION_TRIGGER_TYPE,
  ATTR_QFLOW_FLOW_GRAPH,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_SHA256,
  ATTR_QFLOW_FLOW_STEP_COUNT,
  ATTR_QFLOW_FLOW_VERSION,
  EVENT_QFLOW_EXECUTION_STARTED,
  EVENT_QFLOW_FLOW_DEFINED,
} from '@qflow-otel/semconv'
import { toHrTime } from '../clock.ts'
import type { Telemetry } from '../telemetry.ts'
import { subnetOf } from './flow-attributes.ts'
import type { FlowRecord } from './flow-record.ts'

/** Says that a segment runs, so that it is visible before its span ends, and once per version what the flow looks like. */
export function emitStarted(record: FlowRecord, { events }: Telemetry, atNs: number): void {
  if (!events.isEnabled(EVENT_QFLOW_EXECUTION_STARTED)) return
  const { context } = record
  const time = toHrTime(atNs)
  const attributes = identity(record)
  set(attributes, ATTR_QFLOW_EXECUTION_ID, record.executionId)
  set(attributes, ATTR_QFLOW_EXECUTION_SEGMENT, record.segment)
  set(attributes, ATTR_QFLOW_EXECUTION_TRIGGER_TYPE, record.triggerType)
  set(attributes, ATTR_QFLOW_EXECUTION_PARENT_ID, record.parentExecutionId)
  set(attributes, ATTR_QFLOW_DAO_SUBNET, subnetOf(record, undefined))
  events.emit({ name: EVENT_QFLOW_EXECUTION_STARTED, time, attributes, context })
  const shape = record.facts.takeShape()
  if (shape === undefined) return
  const defined = identity(record)
  set(defined, ATTR_QFLOW_FLOW_SHA256, shape.sha256)
  set(defined, ATTR_QFLOW_FLOW_GRAPH, shape.graph)
  set(defined, ATTR_QFLOW_FLOW_STEP_COUNT, shape.stepCount)
  events.emit({ name: EVENT_QFLOW_FLOW_DEFINED, time, attributes: defined, context })
}

function identity(record: FlowRecord): Attributes {
  const attributes: Attributes = {}
  set(attributes, ATTR_QFLOW_FLOW_ID, record.facts.flowId)
  set(attributes, ATTR_QFLOW_FLOW_VERSION, record.facts.version)
  return attributes
}

function set(attributes: Attributes, name: string, value: string | number | undefined): void {
  if (value !== undefined) attributes[name] = value
}
