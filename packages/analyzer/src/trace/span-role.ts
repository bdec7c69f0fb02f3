import {
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_STEP_ATTEMPT,
  ATTR_QFLOW_STEP_ID,
} from '@qflow-otel/semconv'
import { KNOWN, type KnownKey, knownAttribute } from '../otlp/known-attributes.ts'
import type { Attributes, AttributeValue, SpanRecord } from '../otlp/span-record.ts'
import type { SpanRole } from './execution.ts'

const DETAIL_NAMES = ['validate', 'acquire', 'hold', 'ledger append', 'ledger validate', 'check']
/** Of all registered names. */
const INITIALS = 'eavhlc'

/**
 * What a span is, by its registered name and the attribute that goes with it. A user's own span that merely carries
 * one of our attributes stays foreign.
 */
export function spanRole({ name, attributes }: Pick<SpanRecord, 'name' | 'attributes'>): SpanRole {
  // Most names of others begin with a capital letter.
  if (!INITIALS.includes(name[0] ?? ' ')) return 'foreign'
  if (isNamed(name, 'execute_step') && knownText(attributes, ATTR_QFLOW_STEP_ID)) return 'step'
  if (isExecutionRoot({ name, attributes })) return 'execution'
  if (isNamed(name, 'attempt') && isPresent(attributes, ATTR_QFLOW_STEP_ATTEMPT)) return 'attempt'
  if (isDetail(name) && isPresent(attributes, ATTR_QFLOW_FLOW_ID)) return 'detail'
  return 'foreign'
}

/** Whether the role is `execution`. */
export function isExecutionRoot(span: Pick<SpanRecord, 'name' | 'attributes'>): boolean {
  return isNamedExecution(span) && isPresent(span.attributes, ATTR_QFLOW_FLOW_ID)
}

export function isNamedExecution({ name }: Pick<SpanRecord, 'name'>): boolean {
  return isNamed(name, 'execute_flow')
}

/** A start that the engine refused: it has no execution id and is no execution. */
export function isRejectedStart(span: SpanRecord): boolean {
  return (
    isNamedExecution(span) &&
    knownText(span.attributes, ATTR_QFLOW_EXECUTION_STATUS) === 'rejected' &&
    executionIdOf(span.attributes) === undefined
  )
}

export function executionIdOf(attributes: Attributes): string | undefined {
  return knownText(attributes, ATTR_QFLOW_EXECUTION_ID)
}

/** `textOf` of a known attribute, faster. */
export function knownText(attributes: Attributes, key: KnownKey): string | undefined {
  const value = knownAttribute(attributes, KNOWN[key])
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** `numberOf` of a known attribute, faster. */
export function knownNumber(attributes: Attributes, key: KnownKey): number | undefined {
  return exactNumber(knownAttribute(attributes, KNOWN[key]))
}

function isPresent(attributes: Attributes, key: KnownKey): boolean {
  return knownAttribute(attributes, KNOWN[key]) !== undefined
}

/** A non-empty string attribute; anything else is as good as absent. */
export function textOf(attributes: Attributes, key: string): string | undefined {
  const value = attributes.get(key)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/**
 * A number attribute within 2^53 either way: beyond, no figure of ours is exact, and sums would leave the finite.
 * Exporters send integral doubles as integers, so both are taken.
 */
export function numberOf(attributes: Attributes, key: string): number | undefined {
  return exactNumber(attributes.get(key))
}

export function exactNumber(value: AttributeValue | undefined): number | undefined {
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined
}

function isDetail(name: string): boolean {
  return DETAIL_NAMES.some((detail) => isNamed(name, detail))
}

/** Span names are `operation` or `operation subject`. */
function isNamed(name: string, operation: string): boolean {
  return (
    name.startsWith(operation) &&
    (name.length === operation.length || name[operation.length] === ' ')
  )
}
