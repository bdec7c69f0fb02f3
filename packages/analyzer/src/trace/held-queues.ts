import { MAX_PROMPT_COUNT } from './assembler-options.ts'
import type { CloseReason } from './execution.ts'
import type { HeldExecution, HeldSpan, HeldTrace } from './held.ts'

/** What is held in order of last activity, the oldest first. An execution is open, paused or closed. */
export class HeldQueues {
  readonly open: Set<HeldExecution> = new Set()
  readonly paused: Set<HeldExecution> = new Set()
  readonly closed: Set<HeldExecution> = new Set()
  /** Those that ended for good and close with the next `advance`. */
  readonly ended: Set<HeldExecution> = new Set()
  /** Traces that no execution claims. */
  readonly unclaimed: Set<HeldTrace> = new Set()

  /** Moves to the end of its queue; what was closed opens again. */
  touch(execution: HeldExecution, nowUnixNs: bigint): void {
    const isPaused = execution.lastSegment?.status === 'paused' && !execution.isFinal
    const queue = isPaused ? this.paused : this.open
    if (execution.isFinal && execution.givenCount < MAX_PROMPT_COUNT) this.ended.add(execution)
    // Most spans come in a batch with others of their execution.
    if (execution.queue === queue && execution.lastActivityUnixNs === nowUnixNs) return
    execution.queue?.delete(execution)
    execution.queue = queue
    queue.add(execution)
    execution.lastActivityUnixNs = nowUnixNs
    execution.closeReason = undefined
  }

  /** A free span is activity of the execution that will have it. */
  touchTrace({ trace, owner }: HeldSpan, nowUnixNs: bigint): void {
    if (trace.executions.size === 0) {
      if (trace.lastActivityUnixNs === nowUnixNs && trace.spans.size > 1) return
      this.unclaimed.delete(trace)
      this.unclaimed.add(trace)
    } else if (owner === undefined && trace.primary !== undefined)
      this.touch(trace.primary, nowUnixNs)
    trace.lastActivityUnixNs = nowUnixNs
  }

  close(execution: HeldExecution, reason: CloseReason, nowUnixNs: bigint): void {
    execution.queue?.delete(execution)
    this.ended.delete(execution)
    execution.queue = this.closed
    this.closed.add(execution)
    execution.closeReason = reason
    execution.closedUnixNs = nowUnixNs
  }
}
