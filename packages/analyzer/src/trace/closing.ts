import { durationUnixNs } from '../time/unix-ns.ts'
import type { AssemblerOptions } from './assembler-options.ts'
import { ClosedOutput } from './closed-output.ts'
import { Counter } from './counter.ts'
import type { CloseReason } from './execution.ts'
import { addFlag, EXECUTION_BASE_BYTES, type HeldExecution, type HeldTrace } from './held.ts'
import { heldInput, isAlone, noteOutside, takeOutside, unseenCount } from './held-execution.ts'
import type { Held, HeldQueue, HeldQueues } from './held-queues.ts'
import type { HeldStore } from './held-store.ts'
import { HeldWhole } from './held-whole.ts'
import type { LayoutMemory } from './layout-memory.ts'
import { NO_PLACE } from './placed-queue.ts'
import { isRejectedStart } from './span-role.ts'
import { type ClosedExecution, closedExecution, closedLaid } from './stored-execution.ts'

/** Executions that closed and were not yet asked for may weigh this part of the budget on top of it. */
const OUTPUT_BUDGET_RATIO = 0.5

/** Reason of spans that are in none of their trace's executions. */
const OUTSIDE = 'outside_execution'

/** Closes what is held, gives it out, and lets it go. */
export class Closing {
  /** Why executions closed. */
  readonly reasons: Counter = new Counter()
  readonly #options: Required<AssemblerOptions>
  readonly #held: HeldStore
  readonly #queues: HeldQueues
  readonly #layouts: LayoutMemory
  readonly #dropped: Counter
  readonly #output: ClosedOutput

  constructor(
    options: Required<AssemblerOptions>,
    {
      held,
      queues,
      layouts,
      dropped,
    }: {
      readonly held: HeldStore
      readonly queues: HeldQueues
      readonly layouts: LayoutMemory
      readonly dropped: Counter
    },
  ) {
    this.#options = options
    this.#held = held
    this.#queues = queues
    this.#layouts = layouts
    this.#dropped = dropped
    this.#output = new ClosedOutput(options.memoryBudgetBytes * OUTPUT_BUDGET_RATIO)
  }

  /** Closes what ended or went idle, and lets go of what closed long ago; returns what closed since the last call. */
  closeDue(nowUnixNs: bigint): readonly ClosedExecution[] {
    this.#closeEnded(nowUnixNs)
    this.#closeIdle(this.#queues.open, this.#options.idleMs, nowUnixNs)
    this.#closeIdle(this.#queues.paused, this.#options.pausedIdleMs, nowUnixNs)
    this.#letGoClosed(nowUnixNs)
    for (const trace of this.#queues.unclaimed) {
      if (nowUnixNs - trace.lastActivityUnixNs < durationUnixNs(this.#options.foreignWaitMs)) break
      this.#releaseUnclaimed(trace, 'no_execution', 'idle')
    }
    return this.#output.take()
  }

  /** Closes everything that is still open as `shutdown`. */
  closeAll(nowUnixNs: bigint): readonly ClosedExecution[] {
    this.#closeEnded(nowUnixNs)
    for (const queue of [this.#queues.open, this.#queues.paused])
      for (const held of queue.all()) this.#close(held, reasonOf(held, 'shutdown'), nowUnixNs)
    for (const trace of this.#queues.unclaimed)
      this.#releaseUnclaimed(trace, 'no_execution', 'shutdown')
    // Most likely nobody asks again once it is let go of.
    for (const held of this.#queues.closed.all())
      if (!(held instanceof HeldWhole)) this.#dropped.add(OUTSIDE, takeOutside(held))
    return this.#output.take()
  }

  /** Spans without an execution before executions, closed before open ones. */
  evictOldest(nowUnixNs: bigint): void {
    const [trace] = this.#queues.unclaimed
    if (trace !== undefined) {
      this.#releaseUnclaimed(trace, 'evicted_no_execution', 'evicted')
      return
    }
    const closed = this.#queues.closed.first()
    if (closed !== undefined) {
      this.#letGo(closed)
      return
    }
    const oldest = this.#queues.open.first() ?? this.#queues.paused.first()
    if (oldest === undefined) throw new Error('bytes are held, but nothing that could be evicted')
    this.#close(oldest, 'evicted', nowUnixNs)
    this.#letGo(oldest)
  }

  #closeEnded(nowUnixNs: bigint): void {
    this.#output.expectTake()
    const { ended } = this.#queues
    // Who is closed leaves the queue.
    for (let held = ended.first(); held !== undefined; held = ended.first())
      this.#close(held, 'root_ended', nowUnixNs)
  }

  #closeIdle(queue: HeldQueue, idleMs: number, nowUnixNs: bigint): void {
    const untilUnixNs = nowUnixNs - durationUnixNs(idleMs)
    for (let held = queue.first(); held !== undefined; held = queue.first()) {
      if (held.lastActivityUnixNs > untilUnixNs) return
      this.#close(held, reasonOf(held, 'idle'), nowUnixNs)
    }
  }

  #close(held: Held, reason: CloseReason, nowUnixNs: bigint): void {
    this.#queues.close(held, reason, nowUnixNs)
    if (held instanceof HeldWhole) this.#closeWhole(held, reason)
    else this.#closeExecution(held, reason)
  }

  #closeWhole(whole: HeldWhole, closeReason: CloseReason): void {
    const { tenant, executionId, laid, spansBytes } = whole
    this.reasons.add(closeReason)
    const input = { tenant, executionId, started: undefined, closeReason }
    const closed = closedLaid(input, laid, { isReplacement: false, layouts: this.#layouts })
    this.#give(closed, EXECUTION_BASE_BYTES + spansBytes)
    this.#held.packWhole(whole)
  }

  /** Its spans are held packed from here on: few closed executions open again. */
  #closeExecution(execution: HeldExecution, reason: CloseReason): void {
    const isReplacement = execution.givenCount > 0
    if (!isReplacement) this.reasons.add(reason)
    const closed = this.#closed(execution, isReplacement)
    this.#give(closed, execution.bytes + execution.spansBytes)
    execution.givenCount += 1
    const { spans, flags } = closed.stored
    if (spans === undefined || !isAlone(execution)) return
    // What its free spans say as well: packed, they are only records.
    for (const flag of flags) addFlag(execution, flag)
    this.#held.pack(execution, spans)
  }

  #closed(execution: HeldExecution, isReplacement: boolean): ClosedExecution {
    const { whole } = execution
    if (whole !== undefined && 'layout' in whole)
      return closedLaid(execution, whole, { isReplacement, layouts: this.#layouts })
    const input = heldInput(execution)
    const closed = closedExecution(input, isReplacement, this.#layouts)
    noteOutside(execution, input.records, closed)
    return closed
  }

  #letGoClosed(nowUnixNs: bigint): void {
    const { closed } = this.#queues
    const untilUnixNs = nowUnixNs - durationUnixNs(this.#options.reopenMs)
    for (let held = closed.first(); held !== undefined; held = closed.first()) {
      // What is closed says when.
      if ((held.closedUnixNs as bigint) > untilUnixNs) return
      this.#letGo(held)
    }
  }

  #letGo(held: Held): void {
    this.#queues.closed.delete(held.place)
    held.queue = undefined
    held.place = NO_PLACE
    if (held instanceof HeldWhole) this.#held.removeWhole(held)
    else {
      this.#dropped.add(OUTSIDE, takeOutside(held) + unseenCount(held))
      this.#held.removeExecution(held)
    }
  }

  /** Spans that no execution claimed. */
  #releaseUnclaimed(trace: HeldTrace, reason: string, closeReason: CloseReason): void {
    const records = [...trace.spans.values()].map((span) => span.record)
    if (this.#options.foreignOnly === 'trace') {
      const { tenant, traceId: executionId } = trace
      this.reasons.add(closeReason)
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

/** Why it closes that did not have to. */
function reasonOf(held: Held, reason: CloseReason): CloseReason {
  return held instanceof HeldWhole || held.isFinal ? 'root_ended' : reason
}
