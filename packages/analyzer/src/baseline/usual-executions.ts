import {
  addRow,
  type Batch,
  batchLike,
  type ExecutionKind,
  type RunMemory,
  settleBatch,
} from './baseline-batches.ts'
import type { Counters } from './counters.ts'
import { PlaceMemory } from './known-places.ts'
import type { ExecutionHead, Observation } from './observation.ts'
import type { RunTable } from './run-table.ts'
import { type FactMemory, UsualFacts } from './usual-facts.ts'

/** What a flow's executions add to, but for the history and what is detected. */
type Memory = RunMemory & FactMemory

/**
 * What executions like the one before add to what is remembered of their flows, several at once: a row of figures is written in
 * one piece, while the sketches of steps and phases lie all over the memory, and with many flows none of them is near any more
 * when its turn comes.
 *
 * Whatever is not like the last ones is remembered at once, after those that wait, so that all becomes exactly what it becomes of
 * one execution after the other. Whoever reads `versions`, `variants`, `runs` or `deployments` settles the flow first.
 */
export class UsualExecutions {
  readonly #byFlow = new WeakMap<Memory, UsualOfFlow>()

  of(flow: Memory): UsualOfFlow {
    const known = this.#byFlow.get(flow)
    if (known !== undefined) return known
    const fresh = new UsualOfFlow(flow)
    this.#byFlow.set(flow, fresh)
    return fresh
  }

  /** Nothing waits after it. */
  settle(flow: Memory): void {
    this.#byFlow.get(flow)?.settle()
  }
}

/** See `UsualExecutions`. */
export class UsualOfFlow {
  /** Where places stand in the flow's history. */
  readonly places: PlaceMemory = new PlaceMemory()
  readonly #flow: Memory
  #batch: Batch | undefined
  readonly #facts = new UsualFacts()

  constructor(flow: Memory) {
    this.#flow = flow
    this.#batch = undefined
  }

  /** Takes one like those before: what it has in common with them. Otherwise absent, and nothing waits. */
  take(head: ExecutionHead, runs: RunTable): ExecutionKind | undefined {
    const batch = this.#batch
    if (batch === undefined || addRow(batch, head, runs)) return batch
    settleBatch(batch)
    this.#batch = undefined
    return undefined
  }

  /** From here on those like this one wait; it was remembered by itself. */
  begin(observation: Observation, kind: ExecutionKind): void {
    // Those that fail, or of which half is missing, come between the others.
    if (observation.unjudged === undefined) this.#batch = batchLike(this.#flow, observation, kind)
  }

  /** Notes versions and circumstance of an execution; the index of its circumstance. */
  noteFacts(head: ExecutionHead, counters: Counters): number {
    return head.unjudged === undefined
      ? this.#facts.note(this.#flow, head, counters)
      : this.#facts.noteUnjudged(this.#flow, head, counters)
  }

  settle(): void {
    if (this.#batch !== undefined) settleBatch(this.#batch)
    this.#facts.settle()
  }
}
