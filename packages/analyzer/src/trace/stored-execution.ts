import type { SpanRecord } from '../otlp/span-record.ts'
import { unixNsAt } from '../time/unix-ns.ts'
import { buildExecution, type ExecutionInput } from './build-execution.ts'
import type { Execution } from './execution.ts'
import { LaidClosed } from './laid-closed.ts'
import type { LaidSpans } from './laid-spans.ts'
import type { LayoutMemory } from './layout-memory.ts'
import { type PackedSpans, packedBytes, packSpans, unpackSpans } from './packed-spans.ts'

/** What is told of an execution without looking at its spans. */
export type ExecutionFacts = Omit<Execution, 'spans' | 'steps' | 'flags'>

/** A closed execution as it is kept: its spans packed, where they fit, and what it was built from besides. */
export interface StoredExecution {
  readonly facts: ExecutionFacts
  readonly spans: PackedSpans | LaidSpans | undefined
  /** Instead of packed spans. */
  readonly records: readonly SpanRecord[]
  readonly started: ExecutionInput['started']
  readonly flags: readonly string[]
  /** What it weighs, by estimate. */
  readonly bytes: number
}

/** An execution that closed; `isReplacement` when spans came late and it had been given out before. */
export interface ClosedExecution {
  /** Built when it is asked for, where its layout is known. */
  readonly execution: Execution
  readonly isReplacement: boolean
  readonly stored: StoredExecution
  readonly endUnixNs: bigint
}

/** Records that do not fit into columns are rare, and weigh this much by estimate. */
const RECORD_BYTES = 1_500
const NO_RECORDS: readonly SpanRecord[] = []
const NO_FLAGS: readonly string[] = []

/** `layouts` learns from those that it does not know. */
export function closedExecution(
  input: ExecutionInput,
  isReplacement: boolean,
  layouts: LayoutMemory,
): ClosedExecution {
  const laid = layouts.lay(input.records, input.executionId)
  if (laid !== undefined) return closedLaid(input, laid, { isReplacement, layouts })
  const execution = buildExecution(input)
  layouts.learn(input, execution)
  const endUnixNs = unixNsAt(execution.startUnixNs, execution.durationNs)
  return { execution, isReplacement, stored: storeExecution(execution, input), endUnixNs }
}

/** The same of spans that are laid already. */
export function closedLaid(
  input: LaidInput,
  laid: LaidSpans,
  { isReplacement, layouts }: { readonly isReplacement: boolean; readonly layouts: LayoutMemory },
): LaidClosed {
  const identity = layouts.identities.identityOf(laid, input.started)
  const { tenant, started, closeReason } = input
  const flags = listed(input.flags)
  return new LaidClosed({ tenant, started, closeReason, flags }, laid, { identity, isReplacement })
}

type LaidInput = Omit<ExecutionInput, 'records'>

/** `input`: what the execution was built from. */
export function storeExecution(
  { spans: _rows, steps: _runs, flags: _flags, ...facts }: Execution,
  input: ExecutionInput,
): StoredExecution {
  const spans = packSpans(input.records)
  return {
    facts,
    spans,
    records: spans === undefined ? input.records : NO_RECORDS,
    started: input.started,
    flags: listed(input.flags),
    bytes: spans === undefined ? input.records.length * RECORD_BYTES : packedBytes(spans),
  }
}

function listed(flags: Iterable<string> | undefined): readonly string[] {
  const list = flags === undefined ? NO_FLAGS : [...flags]
  return list.length === 0 ? NO_FLAGS : list
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
