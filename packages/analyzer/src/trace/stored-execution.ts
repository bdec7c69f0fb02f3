import type { SpanRecord } from '../otlp/span-record.ts'
import { buildExecution, type ExecutionInput } from './build-execution.ts'
import type { Execution } from './execution.ts'
import { type PackedSpans, packedBytes, packSpans, unpackSpans } from './packed-spans.ts'

/** What is told of an execution without looking at its spans. */
export type ExecutionFacts = Omit<Execution, 'spans' | 'steps'>

/** A closed execution as it is kept: its spans packed, where they fit, and what it was built from besides. */
export interface StoredExecution {
  readonly facts: ExecutionFacts
  readonly spans: PackedSpans | undefined
  /** Instead of packed spans. */
  readonly records: readonly SpanRecord[]
  readonly started: ExecutionInput['started']
  readonly flags: readonly string[]
}

/** An execution that closed; `isReplacement` when spans came late and it had been given out before. */
export interface ClosedExecution {
  readonly execution: Execution
  readonly isReplacement: boolean
  readonly stored: StoredExecution
}

/** Records that do not fit into columns are rare, and weigh this much by estimate. */
const RECORD_BYTES = 1_500
const NO_RECORDS: readonly SpanRecord[] = []

export function closedExecution(input: ExecutionInput, isReplacement: boolean): ClosedExecution {
  const execution = buildExecution(input)
  return { execution, isReplacement, stored: storeExecution(execution, input) }
}

/** `input`: what the execution was built from. */
export function storeExecution(
  { spans: _rows, steps: _runs, ...facts }: Execution,
  input: ExecutionInput,
): StoredExecution {
  const spans = packSpans(input.records)
  return {
    facts,
    spans,
    records: spans === undefined ? input.records : NO_RECORDS,
    started: input.started,
    flags: [...(input.flags ?? [])],
  }
}

/** Built anew: the same records give the same execution. */
export function restoreExecution({
  facts,
  spans,
  records,
  started,
  flags,
}: StoredExecution): Execution {
  const { tenant, executionId, closeReason } = facts
  const own = spans === undefined ? records : unpackSpans(spans)
  return buildExecution({ tenant, executionId, records: own, started, closeReason, flags })
}

export function storedBytes({ spans, records }: StoredExecution): number {
  return spans === undefined ? records.length * RECORD_BYTES : packedBytes(spans)
}
