import { type SerialRows, TOP } from '../path/serial-rows.ts'
import { type SerialRemoval, serialRemoval, serialSavedNs } from '../path/serial-savings.ts'
import type { Phase } from '../trace/execution.ts'
import type { LaidStep } from '../trace/laid-step.ts'
import { PHASES } from '../trace/step-phases.ts'
import type { PlaceMs, StepSlackMs } from './observation.ts'
import type { PathPlace } from './place.ts'
import { type Resimulated, removalOf, type Savings, savingsBy } from './savings.ts'
import { SerialCandidates } from './serial-candidates.ts'

/** What is read of the columns, which are those of one execution at a time. */
interface Columns {
  readonly rows: SerialRows
  readonly steps: readonly {
    readonly row: number
    readonly stepId: string
    readonly read: LaidStep
  }[]
  readonly stepIds: readonly (string | undefined)[]
  readonly labels: readonly (string | undefined)[]
  readonly places: readonly PathPlace[]
  readonly placeNs: Float64Array
}

const NO_GROUPS: readonly PlaceMs[] = []

/** As `savingsOf`, of executions of one layout that do one thing at a time: what goes with a place is the same rows in all of them. */
export class SerialSavings implements Resimulated {
  readonly #columns: Columns
  readonly #candidates: SerialCandidates
  /** Of the places that were asked about. */
  readonly #removals = new Map<PathPlace, SerialRemoval>()
  readonly #read: Parameters<typeof serialRemoval>[0]
  readonly #slacks: readonly StepSlackMs[]

  constructor(columns: Columns) {
    const { rows, stepIds, labels, steps } = columns
    const byRow = rows.steps.map((_, row) => steps.find((step) => step.row === row)?.read)
    const phaseNs = (row: number, phase: Phase) => byRow[row]?.phasesNs[PHASES.indexOf(phase)] ?? 0
    this.#columns = columns
    this.#candidates = new SerialCandidates(columns.places)
    this.#read = { rows, stepIds, labels, phaseNs }
    this.#slacks = steps.map(({ stepId }) => ({ stepId, ms: 0 }))
  }

  /** Of the execution that was read last. */
  of(executionId: string): Savings {
    const { placeNs, rows } = this.#columns
    const candidates = this.#candidates.largest(placeNs, rows.lengthNs(TOP))
    return savingsBy({ executionId, candidates, asked: this })
  }

  savedNs(place: PathPlace, ratio: number): number {
    let removal = this.#removals.get(place)
    if (removal === undefined) {
      removal = serialRemoval(this.#read, removalOf(place))
      this.#removals.set(place, removal)
    }
    return serialSavedNs(this.#read, removal, ratio)
  }

  /** A group is a step around steps. */
  serial(): readonly PlaceMs[] {
    return NO_GROUPS
  }

  /** All is on the critical path. */
  slacks(): readonly StepSlackMs[] {
    return this.#slacks
  }
}
