import type { SpanRecord, StartedExecution } from '../otlp/span-record.ts'
import { durationUnixNs } from '../time/unix-ns.ts'
import {
  type ArrivalContext,
  ASSEMBLER_DEFAULTS,
  type AssemblerLosses,
  type AssemblerOptions,
} from './assembler-options.ts'
import { ClosedOutput } from './closed-output.ts'
import { Counter } from './counter.ts'
import type { CloseReason, Execution } from './execution.ts'
import { addFlag, type HeldExecution, type HeldSpan, type HeldTrace, newSpan } from './held.ts'
import { buildHeld, heldInput, isAlone, joinTrace, noteSegment } from './held-execution.ts'
import { HeldQueues } from './held-queues.ts'
import { HeldStore } from './held-store.ts'
import { LayoutMemory } from './layout-memory.ts'
import { newestOf, type RunningQuery } from './newest-held.ts'
import { adopt, type OwnershipEvents, placeSpan } from './span-ownership.ts'
import { executionIdOf, isRejectedStart, spanRole } from './span-role.ts'
import { isContradiction, preferredRecord } from './span-tree.ts'
import { type ClosedExecution, closedExecution, closedLaid } from './stored-execution.ts'
import { type SpanSequence, WholeExecutions, wholeCount } from './whole-execution.ts'

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
  readonly #queues = new HeldQueues()
  readonly #dropped = new Counter()
  readonly #closeReasons = new Counter()
  readonly #held = new HeldStore()
  readonly #layouts = new LayoutMemory()
  readonly #whole: WholeExecutions
  readonly #output: ClosedOutput
  readonly #ownership: OwnershipEvents
  /** The clock of the call under way. */
  #nowUnixNs = 0n
  #acceptedSpanCount = 0
  #rejectedStartCount = 0

  constructor(options: AssemblerOptions = {}) {
    this.#options = { ...ASSEMBLER_DEFAULTS, ...options }
    this.#whole = new WholeExecutions(this.#held, this.#options, this.#layouts)
    this.#output = new ClosedOutput(this.#options.memoryBudgetBytes * OUTPUT_BUDGET_RATIO)
    const own = this.#own.bind(this)
    this.#ownership = { own, host: this.#host.bind(this) }
  }

  add(spans: SpanSequence, at: ArrivalContext): void {
    const tenant = at.tenant ?? 'default'
    const arrival = { tenant, nowUnixNs: at.nowUnixNs }
    this.#nowUnixNs = at.nowUnixNs
    // Most spans come behind another one of their trace.
    let trace: HeldTrace | undefined
    for (let index = 0; index < spans.length; index++) {
      const execution = this.#whole.take(spans, index, arrival)
      if (execution !== undefined) {
        const count = wholeCount(execution.whole)
        this.#acceptedSpanCount += count
        this.#queues.touch(execution, this.#nowUnixNs)
        index += count - 1
        continue
      }
      // An index below the length.
      const record = spans.at(index) as SpanRecord
      this.#acceptedSpanCount++
      if (trace?.traceId !== record.traceId) trace = this.#held.trace(tenant, record.traceId)
      trace = this.#addSpan(record, tenant, trace)
      while (this.#held.bytes > this.#options.memoryBudgetBytes) {
        this.#evictOldest(at.nowUnixNs)
        trace = undefined
      }
    }
  }

  /** A running execution becomes visible before any of its spans ended. */
  noteStarted(started: StartedExecution, at: ArrivalContext): void {
    const tenant = at.tenant ?? 'default'
    const { executionId, traceId } = started
    const isHeld = this.#held.execution(tenant, executionId) !== undefined
    if (!isHeld && this.#held.isLate(tenant, { executionId, trace: undefined, traceId })) return
    this.#nowUnixNs = at.nowUnixNs
    const execution = this.#held.executionFor(tenant, executionId)
    this.#held.unpack(execution)
    execution.started ??= started
    const trace = this.#held.traceFor(tenant, traceId)
    if (trace.packedBy?.whole !== undefined) this.#held.unpack(trace.packedBy)
    joinTrace(execution, trace, started.startUnixNs)
    this.#queues.unclaimed.delete(trace)
    this.#queues.touch(execution, this.#nowUnixNs)
    while (this.#held.bytes > this.#options.memoryBudgetBytes) this.#evictOldest(at.nowUnixNs)
  }

  /** Closes what ended or went idle; returns what closed since the last call, in order of (end, execution id). */
  advance(nowUnixNs: bigint): readonly ClosedExecution[] {
    this.#output.expectTake()
    for (const execution of this.#queues.ended) this.#close(execution, 'root_ended', nowUnixNs)
    this.#closeIdle(this.#queues.open, this.#options.idleMs, nowUnixNs)
    this.#closeIdle(this.#queues.paused, this.#options.pausedIdleMs, nowUnixNs)
    for (const execution of this.#queues.closed) {
      if (nowUnixNs - execution.closedUnixNs < durationUnixNs(this.#options.reopenMs)) break
      this.#letGo(execution)
    }
    for (const trace of this.#queues.unclaimed) {
      if (nowUnixNs - trace.lastActivityUnixNs < durationUnixNs(this.#options.foreignWaitMs)) break
      this.#releaseUnclaimed(trace, 'no_execution', 'idle')
    }
    return this.#output.take()
  }

  /** Closes everything that is still open as `shutdown`. */
  close(nowUnixNs: bigint): readonly ClosedExecution[] {
    this.#output.expectTake()
    for (const execution of this.#queues.ended) this.#close(execution, 'root_ended', nowUnixNs)
    for (const set of [this.#queues.open, this.#queues.paused])
      for (const execution of set)
        this.#close(execution, execution.isFinal ? 'root_ended' : 'shutdown', nowUnixNs)
    for (const trace of this.#queues.unclaimed)
      this.#releaseUnclaimed(trace, 'no_execution', 'shutdown')
    return this.#output.take()
  }

  /** Not yet closed, the one that started last first. Only those are built. */
  running(query: RunningQuery = {}): readonly Execution[] {
    return newestOf([this.#queues.paused, this.#queues.open], query).map(buildHeld)
  }

  /** One execution that is still held: running, or closed within the re-open time. */
  execution(query: { tenant?: string; executionId: string }): Execution | undefined {
    const held = this.#held.execution(query.tenant ?? 'default', query.executionId)
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

  /** `held`: the span's trace, when it is held. Returns it as it is now. */
  #addSpan(record: SpanRecord, tenant: string, held: HeldTrace | undefined): HeldTrace | undefined {
    const executionId = executionIdOf(record.attributes)
    const named = this.#held.namedBy(held, tenant, executionId)
    if (
      named === undefined &&
      this.#held.isLate(tenant, { executionId, trace: held, traceId: record.traceId })
    ) {
      this.#dropped.add('late_after_close')
      return held
    }
    if (held?.packedBy !== undefined) this.#held.unpack(held.packedBy)
    if (named !== undefined) this.#held.unpack(named)
    const trace = held ?? this.#held.traceFor(tenant, record.traceId)
    const known = trace.spans.get(record.spanId)
    if (known !== undefined) {
      this.#addAgain(known, record)
      return trace
    }
    if (isRejectedStart(record)) this.#rejectedStartCount++
    if (executionId === undefined && trace.freeCount >= this.#options.maxSpansPerExecution) {
      this.#dropped.add('trace_too_large')
      return trace
    }
    this.#take(newSpan(record, trace), executionId, named)
    return trace
  }

  #take(span: HeldSpan, executionId: string | undefined, known: HeldExecution | undefined): void {
    this.#held.addSpan(span)
    const { tenant } = span.trace
    const named =
      known ??
      (executionId === undefined ? undefined : this.#held.executionFor(tenant, executionId))
    placeSpan(span, named, this.#ownership)
    this.#queues.touchTrace(span, this.#nowUnixNs)
  }

  /** A second record of one span: a retried request, or a partial one and then the final one. */
  #addAgain(known: HeldSpan, record: SpanRecord): void {
    this.#dropped.add('duplicate_span')
    const kept = preferredRecord(known.record, record)
    if (known.owner !== undefined && isContradiction(known.record, record))
      addFlag(known.owner, 'duplicate_span')
    if (kept === known.record) return
    // The first record decides whose it is, so that two records cannot pull a span to and fro.
    const executionId = known.owner?.executionId ?? executionIdOf(kept.attributes)
    this.#held.removeSpan(known)
    this.#take(newSpan(kept, known.trace), executionId, undefined)
  }

  #own(execution: HeldExecution, span: HeldSpan): boolean {
    const { record } = span
    const isRoot = spanRole(record) === 'execution'
    const limit = this.#options.maxSpansPerExecution
    // Roots say how it ended, so they may go beyond the limit, by as much again.
    if (execution.spans.length >= (isRoot ? 2 * limit : limit)) {
      addFlag(execution, 'truncated')
      this.#held.removeSpan(span)
      this.#dropped.add('execution_too_large')
      return false
    }
    adopt(execution, span)
    if (executionIdOf(record.attributes) === execution.executionId) {
      joinTrace(execution, span.trace, record.startUnixNs)
      this.#queues.unclaimed.delete(span.trace)
      if (isRoot) noteSegment(execution, record)
    }
    this.#queues.touch(execution, this.#nowUnixNs)
    return true
  }

  #host(execution: HeldExecution, guest: HeldSpan): void {
    if ((execution.guests?.size ?? 0) >= this.#options.maxSpansPerExecution)
      addFlag(execution, 'truncated')
    else this.#held.addGuest(execution, guest)
    this.#queues.touch(execution, this.#nowUnixNs)
  }

  #closeIdle(queue: Set<HeldExecution>, idleMs: number, nowUnixNs: bigint): void {
    for (const execution of queue) {
      if (nowUnixNs - execution.lastActivityUnixNs < durationUnixNs(idleMs)) return
      this.#close(execution, execution.isFinal ? 'root_ended' : 'idle', nowUnixNs)
    }
  }

  /** Its spans are held packed from here on: few closed executions open again. */
  #close(execution: HeldExecution, reason: CloseReason, nowUnixNs: bigint): void {
    this.#queues.close(execution, reason, nowUnixNs)
    const isReplacement = execution.givenCount > 0
    if (!isReplacement) this.#closeReasons.add(reason)
    const { whole } = execution
    const closed =
      whole !== undefined && 'layout' in whole
        ? closedLaid(execution, whole, { isReplacement, layouts: this.#layouts })
        : closedExecution(heldInput(execution), isReplacement, this.#layouts)
    this.#give(closed, execution.bytes + execution.spansBytes)
    execution.givenCount += 1
    const { spans } = closed.stored
    if (spans !== undefined && isAlone(execution)) this.#held.pack(execution, spans)
  }

  #evictOldest(nowUnixNs: bigint): void {
    const [trace] = this.#queues.unclaimed
    if (trace !== undefined) {
      this.#releaseUnclaimed(trace, 'evicted_no_execution', 'evicted')
      return
    }
    const [closed] = this.#queues.closed
    if (closed !== undefined) {
      this.#letGo(closed)
      return
    }
    const [oldest] = this.#queues.open.size > 0 ? this.#queues.open : this.#queues.paused
    if (oldest === undefined) throw new Error('bytes are held, but nothing that could be evicted')
    this.#close(oldest, 'evicted', nowUnixNs)
    this.#letGo(oldest)
  }

  #letGo(execution: HeldExecution): void {
    this.#queues.closed.delete(execution)
    this.#held.removeExecution(execution)
  }

  /** Spans that no execution claimed. */
  #releaseUnclaimed(trace: HeldTrace, reason: string, closeReason: CloseReason): void {
    const records = [...trace.spans.values()].map((span) => span.record)
    if (this.#options.foreignOnly === 'trace') {
      const { tenant, traceId: executionId } = trace
      this.#closeReasons.add(closeReason)
      const input = { tenant, executionId, records, closeReason }
      this.#give(closedExecution(input, false, this.#layouts), trace.bytes)
    } else this.#dropped.add(reason, records.filter((record) => !isRejectedStart(record)).length)
    this.#queues.unclaimed.delete(trace)
    this.#held.removeTrace(trace)
  }

  #give(closed: ClosedExecution, bytes: number): void {
    if (!this.#output.give(closed, bytes))
      this.#dropped.add('evicted_unread', closed.stored.facts.spanCount)
  }
}
