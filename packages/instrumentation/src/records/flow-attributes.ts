import {
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_DAO_SUBNET,
  ATTR_QFLOW_ERROR_MESSAGE,
  ATTR_QFLOW_EXECUTION_ADMISSION_DURATION,
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_INPUT,
  ATTR_QFLOW_EXECUTION_PARENT_ID,
  ATTR_QFLOW_EXECUTION_PERMISSIONS,
  ATTR_QFLOW_EXECUTION_SEGMENT,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_EXECUTION_TRIGGER_TYPE,
  ATTR_QFLOW_EXECUTION_TRIGGERED_BY,
  ATTR_QFLOW_EXECUTION_VARIABLES,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_OWNER,
  ATTR_QFLOW_FLOW_STEP_COUNT,
  ATTR_QFLOW_FLOW_VERSION,
} from '@qflow-otel/semconv'
import { toSeconds } from '../clock.ts'
import { isObject, stringOf } from '../qflow-surface.ts'
import { redactedText } from '../redaction.ts'
import type { Telemetry } from '../telemetry.ts'
import type { FlowRecord } from './flow-record.ts'

export interface FlowOutcome {
  readonly status: string | undefined
  readonly errorType: string | undefined
  readonly error: unknown
  readonly state: unknown
  readonly triggerType: string | undefined
  readonly parentExecutionId: string | undefined
  readonly telemetry: Telemetry
}

/** Sets what is known when the segment ends; what is not known is left out. */
export function setFlowAttributes(record: FlowRecord, outcome: FlowOutcome): void {
  const { span, facts } = record
  const set = (name: string, value: string | number | undefined) => {
    if (value === undefined) return
    span.setAttribute(name, typeof value === 'string' ? outcome.telemetry.tally.clip(value) : value)
  }
  set(ATTR_QFLOW_FLOW_ID, facts.flowId)
  set(ATTR_QFLOW_FLOW_VERSION, facts.version)
  set(ATTR_QFLOW_FLOW_STEP_COUNT, facts.stepCount)
  set(ATTR_QFLOW_EXECUTION_ID, record.executionId)
  set(ATTR_QFLOW_EXECUTION_PARENT_ID, outcome.parentExecutionId)
  set(ATTR_QFLOW_EXECUTION_SEGMENT, record.segment)
  set(ATTR_QFLOW_EXECUTION_STATUS, outcome.status)
  set(ATTR_QFLOW_EXECUTION_TRIGGER_TYPE, outcome.triggerType)
  set(ATTR_QFLOW_DAO_SUBNET, subnetOf(record, outcome.state))
  if (record.checks) {
    set(ATTR_QFLOW_EXECUTION_ADMISSION_DURATION, toSeconds(record.checks.totalNs()))
  }
  set(ATTR_ERROR_TYPE, outcome.errorType)
  if (outcome.telemetry.settings.captureAttributes.size > 0) setCaptured(record, outcome)
}

/** The engine's decision where there is one, else what the start asked for. */
export function subnetOf(record: FlowRecord, state: unknown): string | undefined {
  const decided = isObject(state) ? state['context'] : undefined
  const context = isObject(decided) ? decided : record.startContext
  return isObject(context) ? stringOf(context['daoSubnet']) : undefined
}

function setCaptured(record: FlowRecord, outcome: FlowOutcome): void {
  const { settings } = outcome.telemetry
  const decided = isObject(outcome.state) ? outcome.state['context'] : undefined
  const found = isObject(decided) ? decided : record.startContext
  const context = isObject(found) ? found : {}
  const values: readonly (readonly [string, unknown])[] = [
    [ATTR_QFLOW_FLOW_OWNER, record.facts.owner],
    [ATTR_QFLOW_EXECUTION_TRIGGERED_BY, context['triggeredBy']],
    [ATTR_QFLOW_EXECUTION_PERMISSIONS, context['permissions']],
    [ATTR_QFLOW_EXECUTION_INPUT, context['inputData']],
    [ATTR_QFLOW_EXECUTION_VARIABLES, context['variables']],
    [ATTR_QFLOW_ERROR_MESSAGE, isObject(outcome.error) ? outcome.error['message'] : undefined],
  ]
  for (const [name, value] of values) {
    if (!settings.captureAttributes.has(name)) continue
    const text = redactedText(value, settings)
    if (text !== undefined) record.span.setAttribute(name, text)
  }
}
