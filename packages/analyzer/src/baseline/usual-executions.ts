import {
  addRow,
  type Batch,
  batchLike,
  type ExecutionKind,
  type RunMemory,
  settleBatch,
} from './baseline-batches.ts'
import type { Counters } from './counters.ts'
import type { Observation } from './observation.ts'
import { type FactMemory, UsualFacts } from './usual-facts.ts'

/** What a flow's executions add to, but for the history and what is detected. */
type Memory = RunMemory & FactMemory

/** Of one flow. */
interface Usual {
  batch: Batch | undefined
  readonly facts: UsualFacts
}

/**
 * What executions like the one before add to what is remembered of their flows, several at once: a row of figures is written in
 * one piece, while the sketches of steps and phases lie all over the memory, and with many flows none of them is near any more
 * when its turn comes.
 *
 * Whatever is not like the last ones is remembered at once, after those that wait, so that all becomes exactly what it becomes of
 * one execution after the other. Whoever reads `versions`, `variants`, `runs` or `deployments` settles the flow first.
 */
export class UsualExecutions {
  readonly #byFlow = new WeakMap<Memory, Usual>()

  /** Takes one like those before: what it has in common with them. Otherwise absent, and nothing waits. */
  take(flow: Memory, observation: Observation): ExecutionKind | undefined {
    const usual = this.#byFlow.get(flow)
    if (usual?.batch === undefined) return undefined
    if (addRow(usual.batch, observation)) return usual.batch
    settleBatch(usual.batch)
    usual.batch = undefined
    return undefined
  }

  /** From here on those like this one wait; it was remembered by itself. */
  begin(flow: Memory, observation: Observation, kind: ExecutionKind): void {
    // Those that fail, or of which half is missing, come between the others.
    if (observation.unjudged !== undefined) return
    const usual = this.#of(flow)
    usual.batch = batchLike(flow, observation, kind)
  }

  /** Notes versions and circumstance of an execution; the index of its circumstance. */
  noteFacts(flow: Memory, observation: Observation, counters: Counters): number {
    const { facts } = this.#of(flow)
    return observation.unjudged === undefined
      ? facts.note(flow, observation, counters)
      : facts.noteUnjudged(flow, observation, counters)
  }

  /** Nothing waits after it. */
  settle(flow: Memory): void {
    const usual = this.#byFlow.get(flow)
    if (usual === undefined) return
    if (usual.batch !== undefined) settleBatch(usual.batch)
    usual.facts.settle()
  }

  #of(flow: Memory): Usual {
    const known = this.#byFlow.get(flow)
    if (known !== undefined) return known
    const fresh = { batch: undefined, facts: new UsualFacts() }
    this.#byFlow.set(flow, fresh)
    return fresh
  }
}
