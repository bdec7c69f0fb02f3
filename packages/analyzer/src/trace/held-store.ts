import type { SpanRecord, StartedExecution } from '../otlp/span-record.ts'
import { hashText } from '../stats/hash-uniform.ts'
import {
  EXECUTION_BASE_BYTES,
  type HeldExecution,
  type HeldSpan,
  type HeldTrace,
  NO_SPANS,
  newExecution,
  newSpan,
  newTrace,
  TRACE_BASE_BYTES,
} from './held.ts'
import { HeldIds } from './held-ids.ts'
import type { Held, HeldQueues } from './held-queues.ts'
import { HeldWhole, heldApart } from './held-whole.ts'
import { KnownIds } from './known-ids.ts'
import { type LaidSpans, laidBytes } from './laid-spans.ts'
import { type PackedSpans, packedBytes, unpackSpans } from './packed-spans.ts'
import { adopt, disown, placeAgain, unlinkSpan, waitAgain } from './span-ownership.ts'
import { spanKey } from './span-tree.ts'

/**
 * Keys remembered at least after an execution or trace is let go, to tell late spans from new ones, and characters of all of them:
 * of ids that are twice as long as a UUID all, of the longest there may be a third. Some 10 MB each, twice as much where a character
 * takes two bytes.
 */
export const REMEMBERED_COUNT = 50_000
const REMEMBERED = { capacity: REMEMBERED_COUNT, maxLength: 80 * REMEMBERED_COUNT }

/** Of an execution and its trace; hashes by `hashText`. */
type WholeId = Pick<HeldWhole, 'tenant' | 'executionId' | 'executionHash' | 'traceId' | 'traceHash'>

/** Owns what is held, and knows what it weighs. */
export class HeldStore {
  /** Estimated bytes of all that is held. */
  bytes = 0
  readonly #executions = new HeldIds<HeldExecution>()
  readonly #traces = new HeldIds<HeldTrace>()
  /** Those that came whole and were laid, and what is gone. */
  readonly #knownExecutions = new KnownIds<HeldWhole>(REMEMBERED, ({ executionId }) => executionId)
  readonly #knownTraces = new KnownIds<HeldWhole>(REMEMBERED, ({ traceId }) => traceId)
  readonly #queues: HeldQueues

  constructor(queues: HeldQueues) {
    this.#queues = queues
  }

  execution(tenant: string, executionId: string): HeldExecution | undefined {
    const known = this.#executions.get(tenant, executionId)
    if (known !== undefined || this.#knownExecutions.holdsNothing) return known
    const whole = this.#knownExecutions.get(tenant, executionId, hashText(executionId))
    return whole && this.#takeApart(whole).execution
  }

  trace(tenant: string, traceId: string): HeldTrace | undefined {
    const known = this.#traces.get(tenant, traceId)
    if (known !== undefined || this.#knownTraces.holdsNothing) return known
    const whole = this.#knownTraces.get(tenant, traceId, hashText(traceId))
    return whole && this.#takeApart(whole).trace
  }

  /** The execution that a span names, when it is held: mostly the one its trace began with. */
  namedBy(
    trace: HeldTrace | undefined,
    tenant: string,
    executionId: string | undefined,
  ): HeldExecution | undefined {
    if (executionId === undefined) return undefined
    if (trace?.primary?.executionId === executionId) return trace.primary
    return this.execution(tenant, executionId)
  }

  /** Whether what is not held any more, the execution named or else the trace, was let go. */
  isLate(
    tenant: string,
    named: {
      readonly executionId: string | undefined
      readonly trace: HeldTrace | undefined
      readonly traceId: string
    },
  ): boolean {
    const { executionId, trace, traceId } = named
    if (executionId !== undefined) return this.#knownExecutions.has(tenant, executionId)
    return trace === undefined && this.#knownTraces.has(tenant, traceId)
  }

  /** Whether the execution or the trace is held, or was let go. */
  isKnown({ tenant, executionId, executionHash, traceId, traceHash }: WholeId): boolean {
    return (
      this.#executions.has(tenant, executionId, executionHash) ||
      this.#knownExecutions.has(tenant, executionId, executionHash) ||
      this.#traces.has(tenant, traceId, traceHash) ||
      this.#knownTraces.has(tenant, traceId, traceHash)
    )
  }

  executionFor(tenant: string, executionId: string): HeldExecution {
    const known = this.execution(tenant, executionId)
    if (known !== undefined) return known
    const hash = hashText(executionId)
    const execution = newExecution(tenant, executionId, hash)
    this.#executions.add(tenant, executionId, execution, hash)
    this.bytes += EXECUTION_BASE_BYTES
    return execution
  }

  /** It started so; what it was told first stays. */
  start(execution: HeldExecution, started: StartedExecution): void {
    if (execution.started !== undefined) return
    const { executionId, flowId, flowVersion = '' } = started
    const bytes = executionId.length + flowId.length + flowVersion.length
    execution.started = started
    execution.bytes += bytes
    this.bytes += bytes
  }

  traceFor(tenant: string, traceId: string): HeldTrace {
    const known = this.trace(tenant, traceId)
    if (known !== undefined) return known
    const hash = hashText(traceId)
    const trace = newTrace(tenant, traceId, hash)
    this.#traces.add(tenant, traceId, trace, hash)
    this.bytes += TRACE_BASE_BYTES
    return trace
  }

  addSpan(span: HeldSpan): void {
    const { trace, bytes } = span
    if (trace.spans === NO_SPANS) trace.spans = new Map()
    trace.spans.set(span.record.spanId, span)
    trace.freeCount++
    trace.bytes += bytes
    this.bytes += bytes
  }

  removeSpan(span: HeldSpan): void {
    disown(span)
    unlinkSpan(span)
    span.trace.freeCount--
    span.trace.bytes -= span.bytes
    this.bytes -= span.bytes
  }

  /** The root of a sub-flow, held by its own execution and once more by the one it hangs in. */
  addGuest(execution: HeldExecution, guest: HeldSpan): void {
    const key = spanKey(guest.record)
    execution.guests ??= new Map()
    if (!execution.guests.has(key)) {
      execution.bytes += guest.bytes
      this.bytes += guest.bytes
    }
    execution.guests.set(key, guest.record)
  }

  /** Holds spans as they came, all of one execution that shares its trace with no other; neither of both is held yet. */
  addRecords(
    { tenant, executionId, executionHash, traceId, traceHash }: WholeId,
    whole: readonly SpanRecord[],
    bytes: number,
  ): { readonly execution: HeldExecution; readonly trace: HeldTrace } {
    const execution = newExecution(tenant, executionId, executionHash)
    const trace = newTrace(tenant, traceId, traceHash)
    this.#executions.add(tenant, executionId, execution, executionHash)
    this.#traces.add(tenant, traceId, trace, traceHash)
    execution.whole = whole
    execution.spansBytes = bytes
    trace.packedBy = execution
    trace.bytes = bytes
    this.bytes += EXECUTION_BASE_BYTES + TRACE_BASE_BYTES + bytes
    return { execution, trace }
  }

  /** The same of one that is laid. */
  addWhole(whole: HeldWhole): void {
    const { tenant, executionHash, traceHash } = whole
    whole.executionNumber = this.#knownExecutions.hold(whole, tenant, executionHash)
    whole.traceNumber = this.#knownTraces.hold(whole, tenant, traceHash)
    this.bytes += whole.bytes
  }

  /** It has closed: from now on it weighs what it is, see `HeldWhole.bytes`. */
  packWhole({ laid, spansBytes }: HeldWhole): void {
    this.bytes += laidBytes(laid) - spansBytes
  }

  removeWhole(whole: HeldWhole): void {
    this.#knownExecutions.letGo(whole.executionNumber)
    this.#knownTraces.letGo(whole.traceNumber)
    this.bytes -= whole.bytes
  }

  apart(held: Held): HeldExecution {
    return held instanceof HeldWhole ? this.#takeApart(held).execution : held
  }

  /** Holds it as one that came span by span, wherever it stands. */
  #takeApart(whole: HeldWhole): ReturnType<typeof heldApart> {
    this.#knownExecutions.forget(whole.executionNumber)
    this.#knownTraces.forget(whole.traceNumber)
    const { execution, trace } = heldApart(whole)
    this.#executions.add(whole.tenant, whole.executionId, execution, whole.executionHash)
    this.#traces.add(whole.tenant, whole.traceId, trace, whole.traceHash)
    this.#queues.replace(whole, execution)
    return { execution, trace }
  }

  /** Holds the spans of a closed execution packed: those that it owns first, then the free ones of its traces. */
  pack(execution: HeldExecution, spans: PackedSpans | LaidSpans): void {
    const bytes = packedBytes(spans)
    const ownCount = execution.whole === undefined ? execution.spans.length : undefined
    execution.packed = { spans, ownCount }
    execution.whole = undefined
    execution.spans.length = 0
    execution.spansBytes = 0
    execution.bytes += bytes
    this.bytes += bytes
    for (const trace of execution.traces) {
      this.bytes -= trace.bytes
      trace.bytes = 0
      trace.freeCount = 0
      trace.spans = NO_SPANS
      trace.waiting = undefined
      trace.packedBy = execution
    }
  }

  /** Holds the spans of an execution that is packed, or came whole, one by one. */
  unpack(execution: HeldExecution): void {
    const { packed, whole } = execution
    if (packed !== undefined) {
      const bytes = packedBytes(packed.spans)
      execution.packed = undefined
      execution.bytes -= bytes
      this.bytes -= bytes
      this.#holdApart(execution, unpackSpans(packed.spans), packed.ownCount)
    } else if (whole !== undefined) {
      execution.whole = undefined
      execution.spansBytes = 0
      for (const trace of execution.traces) {
        this.bytes -= trace.bytes
        trace.bytes = 0
      }
      this.#holdApart(execution, unpackSpans(whole), undefined)
    }
  }

  #holdApart(
    execution: HeldExecution,
    records: readonly SpanRecord[],
    ownCount: number | undefined,
  ): void {
    for (const trace of execution.traces) trace.packedBy = undefined
    const spans = records.map((record) =>
      newSpan(record, this.traceFor(execution.tenant, record.traceId)),
    )
    for (const [index, span] of spans.entries()) {
      this.addSpan(span)
      if (ownCount === undefined) placeAgain(span, execution)
      else if (index < ownCount) adopt(execution, span)
    }
    if (ownCount !== undefined) for (const span of spans) waitAgain(span)
  }

  /** With its spans, the free spans that only it had, and traces that nobody else needs: mostly its own, whole. */
  removeExecution(execution: HeldExecution): void {
    const { tenant, executionId, hash, spans, traces } = execution
    this.#executions.delete(tenant, executionId, hash)
    this.#knownExecutions.addGone(tenant, executionId, hash)
    this.bytes -= execution.bytes
    for (const trace of traces) trace.executions.delete(execution)
    // From behind, since the last span takes the place of one that is removed.
    for (let index = spans.length - 1; index >= 0; index--) {
      const span = spans[index]
      if (span !== undefined && span.trace.executions.size > 0) this.removeSpan(span)
    }
    for (const trace of traces) {
      if (trace.executions.size === 0) this.removeTrace(trace)
      else if (trace.primary === execution) this.#removeFree(trace)
    }
  }

  /** A trace that no execution needs. */
  removeTrace(trace: HeldTrace): void {
    const { tenant, traceId, hash } = trace
    this.#traces.delete(tenant, traceId, hash)
    this.#knownTraces.addGone(tenant, traceId, hash)
    this.bytes -= trace.bytes + TRACE_BASE_BYTES
  }

  #removeFree(trace: HeldTrace): void {
    trace.primary = undefined
    if (trace.freeCount === 0) return
    for (const span of trace.spans.values()) if (span.owner === undefined) this.removeSpan(span)
  }
}
