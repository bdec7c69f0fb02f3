import type { SpanRecord, StartedExecution } from '../otlp/span-record.ts'
import {
  type ArrivalContext,
  ASSEMBLER_DEFAULTS,
  type AssemblerLosses,
  type AssemblerOptions,
} from './assembler-options.ts'
import { Closing } from './closing.ts'
import { Counter } from './counter.ts'
import type { Execution } from './execution.ts'
import {
  addFlag,
  DUPLICATE,
  type HeldExecution,
  type HeldSpan,
  type HeldTrace,
  newSpan,
} from './held.ts'
import { buildHeld, joinTrace, noteSegment } from './held-execution.ts'
import { HeldQueues } from './held-queues.ts'
import { HeldStore } from './held-store.ts'
import { HeldWhole } from './held-whole.ts'
import { LayoutMemory } from './layout-memory.ts'
import { newestOf, type RunningQuery } from './newest-held.ts'
import { adopt, type OwnershipEvents, placeSpan } from './span-ownership.ts'
import { executionIdOf, isRejectedStart, spanRole } from './span-role.ts'
import { isContradiction, preferredRecord } from './span-tree.ts'
import type { ClosedExecution } from './stored-execution.ts'
import { type SpanSequence, WholeExecutions, wholeCount } from './whole-execution.ts'

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
  readonly #held = new HeldStore(this.#queues)
  readonly #layouts = new LayoutMemory()
  readonly #whole: WholeExecutions
  readonly #closing: Closing
  readonly #ownership: OwnershipEvents
  /** The clock of the call under way. */
  #nowUnixNs = 0n
  #acceptedSpanCount = 0
  #rejectedStartCount = 0

  constructor(options: AssemblerOptions = {}) {
    this.#options = { ...ASSEMBLER_DEFAULTS, ...options }
    this.#whole = new WholeExecutions(this.#held, this.#options, this.#layouts)
    this.#closing = new Closing(this.#options, {
      held: this.#held,
      queues: this.#queues,
      layouts: this.#layouts,
      dropped: this.#dropped,
    })
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
        const count = wholeCount(execution)
        this.#acceptedSpanCount += count
        if (execution instanceof HeldWhole) this.#queues.addWhole(execution)
        else this.#queues.touch(execution, this.#nowUnixNs)
        index += count - 1
        continue
      }
      // An index below the length.
      const record = spans.at(index) as SpanRecord
      this.#acceptedSpanCount++
      if (trace?.traceId !== record.traceId) trace = this.#held.trace(tenant, record.traceId)
      trace = this.#addSpan(record, tenant, trace)
      while (this.#held.bytes > this.#options.memoryBudgetBytes) {
        this.#closing.evictOldest(at.nowUnixNs)
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
    this.#held.start(execution, started)
    const trace = this.#held.traceFor(tenant, traceId)
    if (trace.packedBy?.whole !== undefined) this.#held.unpack(trace.packedBy)
    joinTrace(execution, trace, started.startUnixNs)
    this.#queues.unclaimed.delete(trace)
    this.#queues.touch(execution, this.#nowUnixNs)
    while (this.#held.bytes > this.#options.memoryBudgetBytes)
      this.#closing.evictOldest(at.nowUnixNs)
  }

  /** Closes what ended or went idle; returns what closed since the last call, in order of (end, execution id). */
  advance(nowUnixNs: bigint): readonly ClosedExecution[] {
    return this.#closing.closeDue(nowUnixNs)
  }

  /** Closes everything that is still open as `shutdown`. */
  close(nowUnixNs: bigint): readonly ClosedExecution[] {
    return this.#closing.closeAll(nowUnixNs)
  }

  /** Not yet closed, the one that started last first. Only those are built. */
  running(query: RunningQuery = {}): readonly Execution[] {
    const held = [this.#queues.paused, this.#queues.open].map((queue) =>
      queue.all().map((one) => this.#held.apart(one)),
    )
    return newestOf(held, query).map(buildHeld)
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
      closedExecutions: this.#closing.reasons.counts(),
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
    known.isContradicted ||= isContradiction(known.record, record)
    if (known.isContradicted && known.owner !== undefined) addFlag(known.owner, DUPLICATE)
    if (kept === known.record) return
    // The first record decides whose it is, so that two records cannot pull a span to and fro.
    const executionId = known.owner?.executionId ?? executionIdOf(kept.attributes)
    this.#held.removeSpan(known)
    const { isContradicted } = known
    this.#take({ ...newSpan(kept, known.trace), isContradicted }, executionId, undefined)
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
    if (span.isContradicted) addFlag(execution, DUPLICATE)
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
}
