import { SerialRows, TOP } from '../path/serial-rows.ts'
import { msFromNs } from '../time/unix-ns.ts'
import { firstNumbers } from '../trace/laid-execution.ts'
import type { LaidSpans } from '../trace/laid-spans.ts'
import { LaidStep } from '../trace/laid-step.ts'
import { spanLabel } from '../trace/span-label.ts'
import type { SpanLayout } from '../trace/span-layout.ts'
import { splitExactly } from '../trace/split-exactly.ts'
import { PHASES } from '../trace/step-phases.ts'
import type { PlacedMs } from './history-places.ts'
import { listOf } from './list-of.ts'
import type { PathPlace } from './place.ts'
import {
  CACHE_HITS,
  CACHE_MISSES,
  CLIENT_MS,
  DURATION_MS,
  EXCLUSIVE_CPU_MS,
  FAILED,
  HEAP_GROWTH_BYTES,
  PHASES_MS,
  RUN_LENGTH,
  type RunTable,
  SHARED_CPU_MS,
  START_MS,
} from './run-table.ts'
import { NO_PHASE, type SerialPlaces, serialPlaces } from './serial-places.ts'
import { SerialSavings } from './serial-savings.ts'

const WORK = PHASES.indexOf('work')
const QUEUE = PHASES.indexOf('queue')

/** A step that runs once in every execution of the layout. */
export interface SerialStep {
  readonly row: number
  readonly stepId: string
  readonly read: LaidStep
  /** Where its places begin. */
  readonly place: number
}

/** Where the own time of a row outside the steps' own goes. */
interface NamedRow {
  readonly row: number
  readonly place: number
  /** Where the step stands among the runs whose client span it is, or -1. */
  readonly clientOf: number
}

/**
 * What is known of executions of one layout, or of layouts alike, that do one thing at a time, as numbers by index: each is written
 * over the one before, and nothing is made. See `SerialRows` for how they are read.
 */
export class SerialColumns {
  readonly rows: SerialRows
  readonly steps: readonly SerialStep[]
  /** By row, of the user's spans. */
  readonly labels: readonly (string | undefined)[]
  /** By row, of the steps rows are in. */
  readonly stepIds: readonly (string | undefined)[]
  /** Where time may pass; of places of equal time those that stand first come first in an observation. */
  readonly places: readonly PathPlace[]
  /** By place; as all of an execution is on its critical path these sum to its length. */
  readonly placeNs: Float64Array
  readonly runs: RunTable
  /** Room for where they stand in a history. */
  readonly placed: PlacedMs
  /** Of executions that somebody asks. */
  readonly savings: SerialSavings
  /** Executions that were read: what the columns hold is of the last of them. */
  turn = 0

  readonly #order: readonly number[]
  readonly #named: readonly NamedRow[]
  /** Of time between steps. */
  readonly #between: number
  /** Of the step at hand: by slot of its own places. */
  readonly #leftNs: number[] = listOf(NO_PHASE + 1)
  /** By run. */
  readonly #clientNs: Float64Array

  private constructor(
    layout: SpanLayout,
    rows: SerialRows,
    steps: ReadonlyMap<number, LaidStep & { readonly stepId: string }>,
  ) {
    this.#order = layout.order
    this.rows = rows
    this.labels = layout.rows.map((span) => (span.role === 'foreign' ? spanLabel(span) : undefined))
    this.stepIds = rows.steps.map((row) => steps.get(row)?.stepId)
    const places = serialPlaces(this.stepIds, this.labels)
    this.places = places.all
    this.placeNs = new Float64Array(places.all.length)
    this.#between = places.between
    this.steps = [...steps].map(([row, read]) => {
      const { stepId } = read
      return { row, stepId, read, place: places.ofStep(stepId) }
    })
    this.#named = this.#namedRows(layout, places)
    this.#clientNs = new Float64Array(this.steps.length)
    this.runs = emptyRuns(this.steps)
    this.savings = new SerialSavings(this)
    this.placed = { count: 0, places: this.places.map(() => 0), ms: listOf(this.places.length) }
  }

  /** Absent where executions of the layout are not so simple. */
  static of(layout: SpanLayout): SerialColumns | undefined {
    const rows = SerialRows.of(layout.rows)
    if (rows === undefined) return undefined
    const numbersFrom = firstNumbers(layout)
    const steps = new Map<number, LaidStep & { readonly stepId: string }>()
    for (const [row, { role }] of layout.rows.entries()) {
      if (role !== 'step') continue
      const index = layout.order[row] ?? 0
      const record = layout.records[index]
      const step = record && LaidStep.of(record, numbersFrom[index] ?? 0)
      if (step === undefined || !hasId(step)) return undefined
      steps.set(row, step)
    }
    return new SerialColumns(layout, rows, steps)
  }

  /** Takes an execution in; false where it is not so simple. What steps measured of a queue is told by the general way. O(n). */
  read(laid: LaidSpans): boolean {
    const { rows, steps } = this
    this.turn += 1
    if (!rows.read(this.#order, laid.block.numbers, laid.at)) return false
    for (let run = 0; run < steps.length; run++) {
      // An index below the length, here and below.
      const { row, read } = steps[run] as SerialStep
      read.read(laid, rows.lengthNs(row))
      if ((read.phasesNs[QUEUE] as number) > 0) return false
    }
    this.#sumPlaces()
    this.#writeRuns()
    return true
  }

  /** As `pathTotalsOf`, with everything on the path. */
  #sumPlaces(): void {
    const { placeNs } = this
    const { ownNs } = this.rows
    const clientNs = this.#clientNs
    placeNs.fill(0)
    clientNs.fill(0)
    for (const { row, place, clientOf } of this.#named) {
      const ns = ownNs[row] as number
      placeNs[place] = (placeNs[place] as number) + ns
      if (clientOf >= 0) clientNs[clientOf] = (clientNs[clientOf] as number) + ns
    }
    placeNs[this.#between] = (placeNs[this.#between] as number) + (ownNs[TOP] as number)
    for (const step of this.steps) this.#addOwn(step)
  }

  /** The own time of a step by its phases, of which what passed in the user's spans is taken out of `work`. */
  #addOwn({ row, read, place }: SerialStep): void {
    const { placeNs, rows } = this
    const leftNs = this.#leftNs
    const ownNs = rows.ownNs[row] as number
    const foreignNs = rows.lengthNs(row) - ownNs
    let sumNs = 0
    for (let slot = 0; slot < NO_PHASE; slot++) {
      const phaseNs = read.phasesNs[slot] as number
      const ns = slot === WORK ? Math.max(0, phaseNs - foreignNs) : phaseNs
      leftNs[slot] = ns
      sumNs += ns
    }
    leftNs[NO_PHASE] = 0
    if (sumNs !== ownNs) splitOwn(leftNs, ownNs)
    for (let slot = 0; slot <= NO_PHASE; slot++) {
      const at = place + slot
      placeNs[at] = (placeNs[at] as number) + (leftNs[slot] as number)
    }
  }

  #writeRuns(): void {
    const { runs, rows, steps } = this
    const { figures } = runs
    const topNs = rows.startsNs[TOP] as number
    runs.isPlain = true
    for (let run = 0; run < steps.length; run++) {
      const { row, read } = steps[run] as SerialStep
      const at = RUN_LENGTH * run
      figures[at + START_MS] = msFromNs((rows.startsNs[row] as number) - topNs)
      figures[at + DURATION_MS] = msFromNs(rows.lengthNs(row))
      for (let phase = 0; phase < PHASES.length; phase++) {
        const ns = read.phasesNs[phase] as number
        figures[at + PHASES_MS + phase] = ns === 0 ? Number.NaN : msFromNs(ns)
      }
      const { isExclusive } = read
      figures[at + CLIENT_MS] = msFromNs(this.#clientNs[run] as number)
      figures[at + (isExclusive ? EXCLUSIVE_CPU_MS : SHARED_CPU_MS)] = msFromNs(read.cpuNs)
      if (isExclusive) figures[at + HEAP_GROWTH_BYTES] = read.heapGrowthBytes
      figures[at + CACHE_HITS] = read.cacheHits
      figures[at + CACHE_MISSES] = read.cacheMisses
      if (read.errorType !== undefined || read.missingPhases.length > 0) runs.isPlain = false
    }
  }

  #namedRows({ rows }: SpanLayout, places: SerialPlaces): NamedRow[] {
    return rows.flatMap(({ kind }, row) => {
      const label = this.labels[row]
      if (label === undefined) return []
      const own = this.steps.findIndex((step) => step.row === this.rows.steps[row])
      const place = places.named(this.stepIds[row], label)
      return [{ row, place, clientOf: kind === 'client' ? own : -1 }]
    })
  }
}

function hasId(step: LaidStep): step is LaidStep & { readonly stepId: string } {
  return step.stepId !== undefined
}

/** With what is the same in all executions: which figures are never measured, and who failed. */
function emptyRuns(steps: readonly SerialStep[]): RunTable {
  const figures = listOf(RUN_LENGTH * steps.length).fill(Number.NaN)
  for (const [run, { read }] of steps.entries())
    figures[RUN_LENGTH * run + FAILED] = read.errorType === undefined ? 0 : 1
  const names = steps.map(({ stepId, read: { type, action } }) => ({ stepId, type, action }))
  return { steps: names, isReused: true, figures, isPlain: true }
}

/** As `addOwnPhases` where what is left does not sum to the step's own time: in proportion, which few steps need. */
function splitOwn(leftNs: number[], ownNs: number): void {
  const open = [...PHASES.keys()].filter((slot) => (leftNs[slot] ?? 0) > 0)
  if (open.length === 0) {
    leftNs[NO_PHASE] = ownNs
    return
  }
  const parts = splitExactly(
    ownNs,
    open.map((slot) => leftNs[slot] ?? 0),
  )
  for (const [at, slot] of open.entries()) leftNs[slot] = parts[at] ?? 0
}
