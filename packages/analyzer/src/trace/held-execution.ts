import { ATTR_QFLOW_EXECUTION_SEGMENT, ATTR_QFLOW_EXECUTION_STATUS } from '@qflow-otel/semconv'
import type { SpanRecord } from '../otlp/span-record.ts'
import { earlierOf } from '../time/unix-ns.ts'
import { buildExecution, type ExecutionInput, isFinalStatus } from './build-execution.ts'
import type { Execution } from './execution.ts'
import { DUPLICATE, type HeldExecution, type HeldTrace } from './held.ts'
import { unpackSpans } from './packed-spans.ts'
import { executionIdOf, knownNumber, knownText } from './span-role.ts'
import { spanKey } from './span-tree.ts'
import type { ClosedExecution } from './stored-execution.ts'

/** What the execution is built from. */
export function heldInput(execution: HeldExecution): ExecutionInput {
  const { tenant, executionId, started, closeReason } = execution
  return { tenant, executionId, ...spansOf(execution), started, closeReason }
}

/** Own spans, roots of sub-flows, and the free spans of traces in which this execution is the first. */
function spansOf(execution: HeldExecution): Pick<ExecutionInput, 'records' | 'flags'> {
  const { whole, packed, flags } = execution
  if (whole !== undefined) return { records: unpackSpans(whole), flags }
  if (packed !== undefined) return { records: unpackSpans(packed.spans), flags }
  const records = execution.spans.map((span) => span.record)
  for (const record of execution.guests?.values() ?? []) records.push(record)
  let isContradicted = false
  for (const trace of execution.traces) {
    trace.primary ??= execution
    if (trace.primary !== execution || trace.freeCount === 0) continue
    for (const span of trace.spans.values()) {
      if (span.owner !== undefined) continue
      records.push(span.record)
      isContradicted ||= span.isContradicted
    }
  }
  // What no ancestor claims may still become another one's, and then its flag as well.
  return { records, flags: isContradicted ? new Set([...flags, DUPLICATE]) : flags }
}

export function buildHeld(execution: HeldExecution): Execution {
  return buildExecution(heldInput(execution))
}

/** Keeps how many of the spans that it was built from are not in it; only the first execution of a trace is given such. */
export function noteOutside(
  execution: HeldExecution,
  records: readonly SpanRecord[],
  closed: ClosedExecution,
): void {
  const { traces } = execution
  for (const trace of traces) if (trace.primary === execution) trace.outsideCount = 0
  if (closed.stored.facts.spanCount === records.length) return
  const inside = new Set(closed.execution.spans.map(spanKey))
  for (const record of records) {
    // What names an execution and is not in it is flagged.
    if (executionIdOf(record.attributes) !== undefined || inside.has(spanKey(record))) continue
    for (const trace of traces)
      if (trace.primary === execution && trace.traceId === record.traceId) trace.outsideCount++
  }
}

/** How many spans of its traces were in no execution; they are told once, unless it closes again. */
export function takeOutside(execution: HeldExecution): number {
  let count = 0
  for (const trace of execution.traces) {
    if (trace.primary !== execution) continue
    count += trace.outsideCount
    trace.outsideCount = 0
  }
  return count
}

/** How many go with it, when it is let go of, that came after the first execution of their trace was. */
export function unseenCount({ traces }: HeldExecution): number {
  let count = 0
  for (const { primary, executions, freeCount } of traces)
    if (primary === undefined && executions.size === 1) count += freeCount
  return count
}

/** Nobody else has spans of its traces, so that they may be held as one. */
export function isAlone({ guests, traces }: HeldExecution): boolean {
  if (guests !== undefined) return false
  for (const { executions } of traces) if (executions.size > 1) return false
  return true
}

/** Keeps what the last segment that ended says about the execution as a whole. */
export function noteSegment(execution: HeldExecution, { attributes, endUnixNs }: SpanRecord): void {
  if (endUnixNs === 0n) return
  const number = knownNumber(attributes, ATTR_QFLOW_EXECUTION_SEGMENT) ?? 0
  const status = knownText(attributes, ATTR_QFLOW_EXECUTION_STATUS)
  if (number >= (execution.lastSegment?.number ?? 0)) execution.lastSegment = { number, status }
  if (isFinalStatus(status)) execution.isFinal = true
}

/** The trace holds spans of this execution; the earliest execution of a trace has its free spans. */
export function joinTrace(execution: HeldExecution, trace: HeldTrace, startUnixNs: bigint): void {
  const isLater = startUnixNs >= execution.firstStartUnixNs
  if (isLater && trace.primary === execution && execution.traces.has(trace)) return
  const isFirst = execution.traces.size === 0
  execution.firstStartUnixNs = isFirst
    ? startUnixNs
    : earlierOf(execution.firstStartUnixNs, startUnixNs)
  execution.traces.add(trace)
  trace.executions.add(execution)
  if (trace.primary === undefined || isEarlier(execution, trace.primary)) trace.primary = execution
}

/** Executions that share a trace compare by start, then id. */
function isEarlier(a: HeldExecution, b: HeldExecution): boolean {
  if (a.firstStartUnixNs !== b.firstStartUnixNs) return a.firstStartUnixNs < b.firstStartUnixNs
  return a.executionId < b.executionId
}
