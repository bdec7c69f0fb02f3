import type { LaidSpans } from '../trace/laid-spans.ts'
import type { Counters } from './counters.ts'
import type { History } from './history.ts'
import type { PlacedMs } from './history-places.ts'
import { type PlaceMemory, partsOf } from './known-places.ts'
import type { ExecutionHead, Observation, PathSample, PlaceMs } from './observation.ts'
import { figuresOf, type RunTable } from './run-table.ts'
import type { Savings } from './savings.ts'
import type { SeenExecution } from './seen-execution.ts'
import type { SerialColumns } from './serial-columns.ts'

/**
 * One of the executions that are read into the columns of their layout, each over the one before. Whoever asks it for anything gets
 * what is its own: where another one was read since, it is read again.
 */
export class SerialExecution implements SeenExecution {
  readonly head: ExecutionHead
  readonly #all: SerialColumns
  readonly #laid: LaidSpans
  readonly #isSimulated: boolean
  #turn: number
  #saved: Savings | undefined

  /** `columns` have read it last. */
  constructor(columns: SerialColumns, laid: LaidSpans, head: ExecutionHead, isSimulated: boolean) {
    this.head = head
    this.#all = columns
    this.#laid = laid
    this.#isSimulated = isSimulated
    this.#turn = columns.turn
    this.#saved = undefined
  }

  get runs(): RunTable {
    return this.#columns().runs
  }

  get savings(): readonly PlaceMs[] | undefined {
    return this.#savings()?.places
  }

  get sample(): PathSample | undefined {
    return this.#savings()?.sample
  }

  parts(history: History, memory: PlaceMemory, counters: Counters): PlacedMs {
    const { places, placeNs, placed } = this.#columns()
    memory.of(places).place(placed, { history, placeNs }, counters)
    return placed
  }

  observation(): Observation {
    const { places, placeNs, runs, steps } = this.#columns()
    return {
      ...this.head,
      parts: partsOf(places, placeNs),
      savings: this.savings,
      sample: this.sample,
      queued: NOBODY,
      untoldQueueCount: 0,
      steps: figuresOf(
        runs,
        steps.map(({ read }) => read.missingPhases),
      ),
    }
  }

  #columns(): SerialColumns {
    const all = this.#all
    if (this.#turn !== all.turn) {
      all.read(this.#laid)
      this.#turn = all.turn
    }
    return all
  }

  #savings(): Savings | undefined {
    if (!this.#isSimulated) return undefined
    this.#saved ??= this.#columns().savings.of(this.head.executionId)
    return this.#saved
  }
}

const NOBODY: Observation['queued'] = []
