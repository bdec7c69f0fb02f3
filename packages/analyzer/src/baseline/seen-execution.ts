import type { Counters } from './counters.ts'
import type { History } from './history.ts'
import { type PlacedMs, placedParts } from './history-places.ts'
import type { PlaceMemory } from './known-places.ts'
import type { ExecutionHead, Observation, PathSample, PlaceMs } from './observation.ts'
import { firstRuns } from './observation.ts'
import { type RunTable, runTable } from './run-table.ts'

/**
 * An execution as it enters what is remembered of its flow: read by index, so that nothing has to be made of executions that are
 * like those before. Whoever needs more of one asks for its observation.
 */
export interface SeenExecution {
  readonly head: ExecutionHead
  /** With the first of its runs only, where there are many. */
  readonly runs: RunTable
  /** As in its observation. */
  readonly savings: readonly PlaceMs[] | undefined
  readonly sample: PathSample | undefined
  /** Where its time passed; `memory` is the history's. */
  parts(history: History, memory: PlaceMemory, counters: Counters): PlacedMs
  observation(): Observation
}

/** One that was observed. */
export class ObservedExecution implements SeenExecution {
  readonly head: Observation
  readonly runs: RunTable

  constructor(observation: Observation) {
    this.head = observation
    const kept = firstRuns(observation)
    this.runs = runTable(kept)
    if (kept !== observation) this.runs.isPlain = false
  }

  get savings(): readonly PlaceMs[] | undefined {
    return this.head.savings
  }

  get sample(): PathSample | undefined {
    return this.head.sample
  }

  parts(history: History, _memory: PlaceMemory, counters: Counters): PlacedMs {
    return placedParts(history, this.head.parts, counters)
  }

  observation(): Observation {
    return this.head
  }
}
