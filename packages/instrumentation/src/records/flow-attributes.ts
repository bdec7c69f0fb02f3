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
import type { Settings } from '../config.ts'
import { isObject, stringOf } from '../qflow-surface.ts'
import { redactedText } from '../redaction.ts'
import type { Telemetry } from '../telemetry.ts'
import type { FlowRecord } from './flow-record.ts'

export interface FlowOutcome {
  readonly status: string | undefined
  readonly errorType: string | undefined
  readonly error: unknown
  readonly state: unknown
}

/** Sets what is known when a segment has begun; what is not known is left out. */
export function setFlowIdentity(record: FlowRecord, { tally }: Telemetry): void {
  const { span, facts, executionId, parentExecutionId, segment, triggerType } = record
  if (facts.flowId !== undefined) span.setAttribute(ATTR_QFLOW_FLOW_ID, facts.flowId)
  if (facts.version !== undefined) span.setAttribute(ATTR_QFLOW_FLOW_VERSION, facts.version)
  if (facts.stepCount !== undefined) span.setAttribute(ATTR_QFLOW_FLOW_STEP_COUNT, facts.stepCount)
  if (executionId !== undefined) {
    span.setAttribute(ATTR_QFLOW_EXECUTION_ID, tally.clip(executionId))
  }
  if (parentExecutionId !== undefined) {
    span.setAttribute(ATTR_QFLOW_EXECUTION_PARENT_ID, tally.clip(parentExecutionId))
  }
  if (segment !== undefined) span.setAttribute(ATTR_QFLOW_EXECUTION_SEGMENT, segment)
  if (triggerType !== undefined) {
    span.setAttribute(ATTR_QFLOW_EXECUTION_TRIGGER_TYPE, tally.clip(triggerType))
  }
}

/** Sets what is known when the segment ends. */
export function setFlowOutcome(
  record: FlowRecord,
  outcome: FlowOutcome,
  telemetry: Telemetry,
): void {
  const { span, checks } = record
  const { status, errorType } = outcome
  const { tally, settings } = telemetry
  if (status !== undefined) span.setAttribute(ATTR_QFLOW_EXECUTION_STATUS, tally.clip(status))
  const subnet = subnetOf(record, outcome.state)
  if (subnet !== undefined) span.setAttribute(ATTR_QFLOW_DAO_SUBNET, tally.clip(subnet))
  if (checks) {
    span.setAttribute(ATTR_QFLOW_EXECUTION_ADMISSION_DURATION, toSeconds(checks.totalNs()))
  }
  if (errorType !== undefined) span.setAttribute(ATTR_ERROR_TYPE, tally.clip(errorType))
  if (settings.captureAttributes.size > 0) setCaptured(record, outcome, settings)
}

/** The engine's decision where there is one, else what the start asked for. */
export function subnetOf(record: FlowRecord, state: unknown): string | undefined {
  const decided = isObject(state) ? state['context'] : undefined
  const context = isObject(decided) ? decided : record.startContext
  return isObject(context) ? stringOf(context['daoSubnet']) : undefined
}

function setCaptured(record: FlowRecord, outcome: FlowOutcome, settings: Settings): void {
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
