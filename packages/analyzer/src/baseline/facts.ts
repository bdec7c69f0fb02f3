import {
  ATTR_ERROR_TYPE,
  ATTR_QFLOW_ERROR_MESSAGE,
  ATTR_QFLOW_EXECUTION_ADMISSION_DURATION,
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_INPUT,
  ATTR_QFLOW_EXECUTION_PARENT_ID,
  ATTR_QFLOW_EXECUTION_SEGMENT,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_EXECUTION_TRIGGER_TYPE,
  ATTR_QFLOW_EXECUTION_VARIABLES,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_STEP_COUNT,
  ATTR_QFLOW_FLOW_VERSION,
} from '@qflow-otel/semconv'
import type { Attributes, AttributeValue } from '../otlp/span-record.ts'
import type { Execution } from '../trace/execution.ts'
import type { Fact } from './circumstances.ts'

/** The attribute of the resource that names the code. */
export const CODE_VERSION = 'service.version'
/** What names the machine or process: `host.name`, or `service.instance.id` where that is all that is known. */
export const NODE = 'host.name'
/** What names the definition. */
export const FLOW_VERSION = ATTR_QFLOW_FLOW_VERSION

/** Identities, outcomes and payloads of an execution, and what stands first anyway. All else is a hook's or allow-listed. */
const NO_FACTS: ReadonlySet<string> = new Set([
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_FLOW_VERSION,
  ATTR_QFLOW_FLOW_STEP_COUNT,
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_PARENT_ID,
  ATTR_QFLOW_EXECUTION_SEGMENT,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_EXECUTION_TRIGGER_TYPE,
  ATTR_QFLOW_EXECUTION_ADMISSION_DURATION,
  ATTR_QFLOW_EXECUTION_INPUT,
  ATTR_QFLOW_EXECUTION_VARIABLES,
  ATTR_QFLOW_ERROR_MESSAGE,
  ATTR_ERROR_TYPE,
])
/** What stands first. */
export type KnownFacts = Pick<Execution, 'flowVersion' | 'serviceVersion' | 'node' | 'triggerType'>

/** A longer text is a payload and no category. */
const MAX_VALUE_LENGTH = 64

/**
 * What was so when the execution ran: versions, node, trigger, and whatever else its first span says: its sub-net and the
 * attributes of hooks and allow-lists. `root`: of that span, where it is the execution's own. O(attributes of that span).
 */
export function factsOf(
  { flowVersion, serviceVersion, node, triggerType }: KnownFacts,
  root: Attributes | undefined,
): readonly Fact[] {
  const facts: Fact[] = []
  addFact(facts, FLOW_VERSION, flowVersion)
  addFact(facts, CODE_VERSION, serviceVersion)
  addFact(facts, NODE, node)
  addFact(facts, ATTR_QFLOW_EXECUTION_TRIGGER_TYPE, triggerType)
  root?.forEach((value, key) => {
    if (isFact(key)) addFact(facts, key, categoryOf(value))
  })
  return facts
}

/** Whether an attribute of an execution's span is one. */
export function isFact(key: string): boolean {
  return !NO_FACTS.has(key)
}

function addFact(facts: Fact[], key: string, value: string | undefined): void {
  if (value !== undefined && value !== '' && value.length <= MAX_VALUE_LENGTH)
    facts.push({ key, value })
}

/** Fractions are measurements; lists and maps are no categories either. */
function categoryOf(value: AttributeValue): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'boolean' || Number.isSafeInteger(value) ? String(value) : undefined
}
