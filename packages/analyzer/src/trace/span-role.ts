import {
  ATTR_QFLOW_EXECUTION_ID,
  ATTR_QFLOW_EXECUTION_STATUS,
  ATTR_QFLOW_FLOW_ID,
  ATTR_QFLOW_STEP_ATTEMPT,
  ATTR_QFLOW_STEP_ID,
} from '@qflow-otel/semconv'
import type { Attributes, SpanRecord } from '../otlp/span-record.ts'
import type { SpanRole } from './execution.ts'

const DETAIL_NAMES = ['validate', 'acquire', 'hold', 'ledger append', 'ledger validate', 'check']

/**
 * What a span is, by its registered name and the attribute that goes with it. A user's own span that merely carries
 * one of our attributes stays foreign.
 */
export function spanRole({ name, attributes }: Pick<SpanRecord, 'name' | 'attributes'>): SpanRole {
  if (isNamed(name, 'execute_step') && textOf(attributes, ATTR_QFLOW_STEP_ID)) return 'step'
  if (isNamed(name, 'execute_flow') && attributes.has(ATTR_QFLOW_FLOW_ID)) return 'execution'
  if (isNamed(name, 'attempt') && attributes.has(ATTR_QFLOW_STEP_ATTEMPT)) return 'attempt'
  if (isDetail(name) && attributes.has(ATTR_QFLOW_FLOW_ID)) return 'detail'
  return 'foreign'
}

/** A start that the engine refused: it has no execution id and is no execution. */
export function isRejectedStart(span: SpanRecord): boolean {
  return (
    isNamed(span.name, 'execute_flow') &&
    span.attributes.get(ATTR_QFLOW_EXECUTION_STATUS) === 'rejected' &&
    executionIdOf(span.attributes) === undefined
  )
}

export function executionIdOf(attributes: Attributes): string | undefined {
  return textOf(attributes, ATTR_QFLOW_EXECUTION_ID)
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
  const value = attributes.get(key)
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
