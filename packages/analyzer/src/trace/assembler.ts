import type { SpanRecord, StartedExecution } from '../otlp/span-record.ts'
import { durationUnixNs } from '../time/unix-ns.ts'
import {
  type ArrivalContext,
  ASSEMBLER_DEFAULTS,
  type AssemblerLosses,
  type AssemblerOptions,
  type ClosedExecution,
} from './assembler-options.ts'

export type { ClosedExecution } from './assembler-options.ts'

import { buildExecution } from './build-execution.ts'
import { ClosedOutput } from './closed-output.ts'
import { Counter } from './counter.ts'
import type { CloseReason, Execution } from './execution.ts'
import { type HeldExecution, type HeldSpan, type HeldTrace, keyOf, spanBytes } from './held.ts'
import { buildHeld, joinTrace, noteSegment } from './held-execution.ts'
import { HeldStore } from './held-store.ts'
import { newestOf, type RunningQuery } from './newest-held.ts'
import { placeSpan } from './span-ownership.ts'
import { executionIdOf, isRejectedStart, spanRole } from './span-role.ts'
import { isContradiction, preferredRecord } from './span-tree.ts'

/** Executions that closed and were not yet asked for may weigh this part of the budget on top of it. */
const OUTPUT_BUDGET_RATIO = 0.5

/**
 * Spans in any order, batching and number of traces -> executions. Memory stays within the budget (by estimate):
 * then the oldest goes first, spans without an execution before executions, closed before open ones.
 *
 * The only clock is the caller's. Nothing closes by itself: `advance` closes.
 */
export class Assembler {
  readonly #options: Required<AssemblerOptions>
  /** Each in order of last activity, the oldest first; an execution is in one of the three. */
  readonly #open = new Set<HeldExecution>()
  readonly #paused = new Set<HeldExecution>()
  readonly #closed = new Set<HeldExecution>()
  /** Traces that no execution claims, the oldest activity first. */
  readonly #unclaimed = new Set<HeldTrace>()
  readonly #ended = new Set<HeldExecution>()
  readonly #dropped = new Counter()
  readonly #closeReasons = new Counter()
  readonly #held = new HeldStore()
  readonly #output: ClosedOutput
  #acceptedSpanCount = 0
  #rejectedStartCount = 0

  constructor(options: AssemblerOptions = {}) {
    this.#options = { ...ASSEMBLER_DEFAULTS, ...options }
    this.#output = new ClosedOutput(this.#options.memoryBudgetBytes * OUTPUT_BUDGET_RATIO)
  }

  add(spans: readonly SpanRecord[], at: ArrivalContext): void {
    const tenant = at.tenant ?? 'default'
    for (const record of spans) {
      this.#acceptedSpanCount++
      this.#addSpan(record, tenant, at.nowUnixNs)
      while (this.#held.bytes > this.#options.memoryBudgetBytes) this.#evictOldest(at.nowUnixNs)
    }
  }

  /** A running execution becomes visible before any of its spans ended. */
  noteStarted(started: StartedExecution, at: ArrivalContext): void {
    const tenant = at.tenant ?? 'default'
    const key = keyOf(tenant, started.executionId)
    if (this.#held.isGoneExecution(key)) return
    const execution = this.#held.executionFor(tenant, started.executionId)
    execution.started ??= started
    const trace = this.#held.traceFor(tenant, started.traceId)
    joinTrace(execution, trace, started.startUnixNs)
    this.#unclaimed.delete(trace)
    this.#touch(execution, at.nowUnixNs)
    while (this.#held.bytes > this.#options.memoryBudgetBytes) this.#evictOldest(at.nowUnixNs)
  }

  /** Closes what ended or went idle; returns what closed since the last call, in order of (end, execution id). */
  advance(nowUnixNs: bigint): readonly ClosedExecution[] {
    for (const execution of this.#ended) this.#close(execution, 'root_ended', nowUnixNs)
    this.#closeIdle(this.#open, this.#options.idleMs, nowUnixNs)
    this.#closeIdle(this.#paused, this.#options.pausedIdleMs, nowUnixNs)
    for (const execution of this.#closed) {
      if (nowUnixNs - execution.closedUnixNs < durationUnixNs(this.#options.reopenMs)) break
      this.#letGo(execution)
    }
    for (const trace of this.#unclaimed) {
      if (nowUnixNs - trace.lastActivityUnixNs < durationUnixNs(this.#options.foreignWaitMs)) break
      this.#releaseUnclaimed(trace, 'no_execution', 'idle')
    }
    return this.#output.take()
  }

  /** Closes everything that is still open as `shutdown`. */
  close(nowUnixNs: bigint): readonly ClosedExecution[] {
    for (const execution of this.#ended) this.#close(execution, 'root_ended', nowUnixNs)
    for (const set of [this.#open, this.#paused])
      for (const execution of set) this.#close(execution, 'shutdown', nowUnixNs)
    for (const trace of this.#unclaimed) this.#releaseUnclaimed(trace, 'no_execution', 'shutdown')
    return this.#output.take()
  }

  /** Not yet closed, the one that started last first. Only those are built. */
  running(query: RunningQuery = {}): readonly Execution[] {
    return newestOf([this.#paused, this.#open], query).map(buildHeld)
  }

  /** One execution that is still held: running, or closed within the re-open time. */
  execution(query: { tenant?: string; executionId: string }): Execution | undefined {
    const held = this.#held.execution(keyOf(query.tenant ?? 'default', query.executionId))
    return held === undefined ? undefined : buildHeld(held)
  }

  losses(): AssemblerLosses {
    return {
      acceptedSpanCount: this.#acceptedSpanCount,
      droppedSpans: this.#dropped.counts(),
      closedExecutions: this.#closeReasons.counts(),
      rejectedStartCount: this.#rejectedStartCount,
    }
  }

  /** Estimated bytes of all that is held. */
  get heldBytes(): number {
    return this.#held.bytes
  }

  #addSpan(record: SpanRecord, tenant: string, nowUnixNs: bigint): void {
    const executionId = executionIdOf(record.attributes)
    const isLate =
      executionId === undefined
        ? this.#held.isGoneTrace(keyOf(tenant, record.traceId))
        : this.#held.isGoneExecution(keyOf(tenant, executionId))
    if (isLate) {
      this.#dropped.add('late_after_close')
      return
    }
    const trace = this.#held.traceFor(tenant, record.traceId)
    const known = trace.spans.get(record.spanId)
    if (known !== undefined) {
      this.#addAgain(known, record, nowUnixNs)
      return
    }
    if (isRejectedStart(record)) this.#rejectedStartCount++
    const span: HeldSpan = { record, bytes: spanBytes(record), trace, owner: undefined }
    if (executionId === undefined && trace.free.size >= this.#options.maxSpansPerExecution) {
      this.#dropped.add('trace_too_large')
      return
    }
    this.#held.addSpan(span)
    this.#place(span, executionId, nowUnixNs)
    this.#touchTrace(span, nowUnixNs)
  }

  #place(span: HeldSpan, executionId: string | undefined, nowUnixNs: bigint): void {
    const { tenant } = span.trace
    const named =
      executionId === undefined ? undefined : this.#held.executionFor(tenant, executionId)
    placeSpan(span, named, {
      own: (execution, owned) => this.#own(execution, owned, nowUnixNs),
      host: (execution, guest) => this.#host(execution, guest, nowUnixNs),
    })
  }

  /** A second record of one span: a retried request, or a partial one and then the final one. */
  #addAgain(known: HeldSpan, record: SpanRecord, nowUnixNs: bigint): void {
    this.#dropped.add('duplicate_span')
    const kept = preferredRecord(known.record, record)
    if (isContradiction(known.record, record)) known.owner?.flags.add('duplicate_span')
    if (kept === known.record) return
    this.#held.removeSpan(known)
    const span: HeldSpan = { ...known, record: kept, bytes: spanBytes(kept), owner: undefined }
    this.#held.addSpan(span)
    // The first record decides whose it is, so that two records cannot pull a span to and fro.
    const executionId = known.owner?.executionId ?? executionIdOf(kept.attributes)
    this.#place(span, executionId, nowUnixNs)
    this.#touchTrace(span, nowUnixNs)
  }

  #own(execution: HeldExecution, span: HeldSpan, nowUnixNs: bigint): boolean {
    const role = spanRole(span.record)
    const limit = this.#options.maxSpansPerExecution
    // Roots say how it ended, so they may go beyond the limit, by as much again.
    const isFull = execution.spans.size >= (role === 'execution' ? 2 * limit : limit)
    if (isFull) {
      execution.flags.add('truncated')
      this.#held.removeSpan(span)
      this.#dropped.add('execution_too_large')
      return false
    }
    execution.spans.add(span)
    execution.bytes += span.bytes
    if (executionIdOf(span.record.attributes) === execution.executionId) {
      joinTrace(execution, span.trace, span.record.startUnixNs)
      this.#unclaimed.delete(span.trace)
      if (role === 'execution') noteSegment(execution, span.record)
    }
    this.#touch(execution, nowUnixNs)
    return true
  }

  #host(execution: HeldExecution, guest: HeldSpan, nowUnixNs: bigint): void {
    if (execution.guests.size >= this.#options.maxSpansPerExecution)
      execution.flags.add('truncated')
    else this.#held.addGuest(execution, guest)
    this.#touch(execution, nowUnixNs)
  }

  /** Moves to the end of its queue; what was closed opens again. */
  #touch(execution: HeldExecution, nowUnixNs: bigint): void {
    for (const set of [this.#open, this.#paused, this.#closed]) set.delete(execution)
    execution.lastActivityUnixNs = nowUnixNs
    execution.closeReason = undefined
    const isPaused = execution.lastSegment?.status === 'paused'
    if (isPaused && !execution.isFinal) this.#paused.add(execution)
    else this.#open.add(execution)
    if (execution.isFinal) this.#ended.add(execution)
  }

  /** A free span is activity of the execution that will have it. */
  #touchTrace(span: HeldSpan, nowUnixNs: bigint): void {
    const { trace } = span
    trace.lastActivityUnixNs = nowUnixNs
    if (trace.executions.size === 0) {
      this.#unclaimed.delete(trace)
      this.#unclaimed.add(trace)
    } else if (span.owner === undefined && trace.primary !== undefined)
      this.#touch(trace.primary, nowUnixNs)
  }

  #closeIdle(queue: Set<HeldExecution>, idleMs: number, nowUnixNs: bigint): void {
    for (const execution of queue) {
      if (nowUnixNs - execution.lastActivityUnixNs < durationUnixNs(idleMs)) return
      this.#close(execution, 'idle', nowUnixNs)
    }
  }

  #close(execution: HeldExecution, reason: CloseReason, nowUnixNs: bigint): void {
    for (const set of [this.#open, this.#paused, this.#ended]) set.delete(execution)
    this.#closed.add(execution)
    execution.closeReason = reason
    execution.closedUnixNs = nowUnixNs
    if (!execution.isGiven) this.#closeReasons.add(reason)
    this.#give(
      { execution: buildHeld(execution), isReplacement: execution.isGiven },
      execution.bytes,
    )
    execution.isGiven = true
  }

  #evictOldest(nowUnixNs: bigint): void {
    const [trace] = this.#unclaimed
    if (trace !== undefined) {
      this.#releaseUnclaimed(trace, 'evicted_no_execution', 'evicted')
      return
    }
    const [closed] = this.#closed
    if (closed !== undefined) {
      this.#letGo(closed)
      return
    }
    const [oldest] = this.#open.size > 0 ? this.#open : this.#paused
    if (oldest === undefined) throw new Error('bytes are held, but nothing that could be evicted')
    this.#close(oldest, 'evicted', nowUnixNs)
    this.#letGo(oldest)
  }

  #letGo(execution: HeldExecution): void {
    this.#closed.delete(execution)
    this.#held.removeExecution(execution)
  }

  /** Spans that no execution claimed. */
  #releaseUnclaimed(trace: HeldTrace, reason: string, closeReason: CloseReason): void {
    const records = [...trace.spans.values()].map((span) => span.record)
    if (this.#options.foreignOnly === 'trace') {
      const { tenant, traceId: executionId } = trace
      const execution = buildExecution({ tenant, executionId, records, closeReason })
      this.#closeReasons.add(closeReason)
      const bytes = records.reduce((sum, record) => sum + spanBytes(record), 0)
      this.#give({ execution, isReplacement: false }, bytes)
    } else this.#dropped.add(reason, records.filter((record) => !isRejectedStart(record)).length)
    this.#unclaimed.delete(trace)
    this.#held.removeTrace(trace)
  }

  #give(closed: ClosedExecution, bytes: number): void {
    if (!this.#output.give(closed, bytes))
      this.#dropped.add('evicted_unread', closed.execution.spanCount)
  }
}
