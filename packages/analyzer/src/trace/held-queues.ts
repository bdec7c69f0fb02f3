import { MAX_PROMPT_COUNT } from './assembler-options.ts'
import type { CloseReason } from './execution.ts'
import type { HeldExecution, HeldSpan, HeldTrace } from './held.ts'
import type { HeldWhole } from './held-whole.ts'
import { NO_PLACE, PlacedQueue } from './placed-queue.ts'

export type Held = HeldExecution | HeldWhole
export type HeldQueue = PlacedQueue<Held>

/** What is held in order of last activity, the oldest first. An execution is open, paused or closed. */
export class HeldQueues {
  readonly open: HeldQueue = heldQueue()
  readonly paused: HeldQueue = heldQueue()
  readonly closed: HeldQueue = heldQueue()
  /** Those that ended for good and close with the next `advance`. */
  readonly ended: HeldQueue = new PlacedQueue((held, place) => {
    held.endedPlace = place
  })
  /** Traces that no execution claims. */
  readonly unclaimed: Set<HeldTrace> = new Set()

  /** Moves to the end of its queue; what was closed opens again. */
  touch(execution: HeldExecution, nowUnixNs: bigint): void {
    const isPaused = execution.lastSegment?.status === 'paused' && !execution.isFinal
    const queue = isPaused ? this.paused : this.open
    if (execution.isFinal && execution.givenCount < MAX_PROMPT_COUNT) this.#end(execution)
    // Most spans come in a batch with others of their execution.
    if (execution.queue === queue && execution.lastActivityUnixNs === nowUnixNs) return
    this.#move(execution, queue)
    execution.lastActivityUnixNs = nowUnixNs
    execution.closeReason = undefined
  }

  /** One that has just come, and ended for good. */
  addWhole(whole: HeldWhole): void {
    this.#move(whole, this.open)
    this.#end(whole)
  }

  /** It stands wherever the other one stood. */
  replace({ queue, place, endedPlace }: HeldWhole, execution: HeldExecution): void {
    queue?.replace(place, execution)
    if (endedPlace !== NO_PLACE) this.ended.replace(endedPlace, execution)
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

  close(held: Held, reason: CloseReason, nowUnixNs: bigint): void {
    if (held.endedPlace !== NO_PLACE) this.ended.delete(held.endedPlace)
    held.endedPlace = NO_PLACE
    this.#move(held, this.closed)
    held.closeReason = reason
    held.closedUnixNs = nowUnixNs
  }

  #end(held: Held): void {
    if (held.endedPlace === NO_PLACE) held.endedPlace = this.ended.push(held)
  }

  #move(held: Held, queue: HeldQueue): void {
    held.queue?.delete(held.place)
    held.queue = queue
    held.place = queue.push(held)
  }
}

function heldQueue(): HeldQueue {
  return new PlacedQueue((held, place) => {
    held.place = place
  })
}
