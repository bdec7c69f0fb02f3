import type { Phase } from '../trace/execution.ts'
import { PHASES } from '../trace/step-phases.ts'

/**
 * Time on the critical path by place. `stepId` absent: between steps (phase `engine`), a pause (`paused`) or a span
 * outside steps. `spanName`: a span without phases of its own, the user's or a sub-flow's, inside the step's `work`.
 */
export interface PathTotal {
  readonly stepId: string | undefined
  readonly phase: Phase | 'paused' | undefined
  readonly spanName: string | undefined
  readonly ns: number
  /** The step was only partly on the path, so that its phases were split in proportion. */
  readonly isEstimated: boolean
}

/** Where a total was spent. */
type TotalPlace = Pick<PathTotal, 'stepId' | 'phase' | 'spanName'>

/** A total as it grows. */
export interface PlaceTotal extends Pick<PathTotal, 'ns' | 'isEstimated'> {
  readonly place: TotalPlace
  ns: number
  isEstimated: boolean
  /** Among all totals, by step in the order of meeting, then phases, then names. */
  position: number
}

/** All runs of one step together, or what is outside steps. */
export interface StepTotals {
  readonly stepId: string | undefined
  /** By place in `SLOTS`; absent where none was ever spent. */
  readonly phases: (PlaceTotal | undefined)[]
  /** In spans with a name of their own, by name and phase. */
  readonly named: PlaceTotal[]
  /** How many totals it has of both kinds. */
  count: number
}

const SLOTS: readonly PathTotal['phase'][] = [...PHASES, 'paused', undefined]

/** Place of time without a phase among those of a step; phases stand there as in `PHASES`. */
export const PAUSED_SLOT: number = PHASES.length
export const NO_PHASE_SLOT: number = PHASES.length + 1

/** Up to here looking through all steps is faster than a map. */
const MAX_SCANNED_COUNT = 16

/** Beyond it insertion, which grows with the square, gives way to `sort`: see `sort`. */
const MAX_INSERTED_COUNT = 32

/**
 * Sums by place; runs of one step are one place, and an estimated part makes the whole estimated. May be used for one
 * execution after the other: places stay the same objects, and so do their totals.
 */
export class PlaceTotals {
  readonly #steps: StepTotals[] = []
  #byId: Map<string | undefined, StepTotals> | undefined
  /** All of them, as they were sorted last: the next execution's order is mostly almost the same. */
  #all: PlaceTotal[] = []

  of(stepId: string | undefined): StepTotals {
    const known = this.#find(stepId)
    if (known !== undefined) return known
    const step: StepTotals = { stepId, phases: SLOTS.map(() => undefined), named: [], count: 0 }
    this.#steps.push(step)
    this.#byId?.set(stepId, step)
    if (this.#steps.length === MAX_SCANNED_COUNT)
      this.#byId = new Map(this.#steps.map((one) => [one.stepId, one]))
    return step
  }

  /** Begins anew. */
  clear(): void {
    for (const { phases, named } of this.#steps) {
      for (const total of phases) if (total !== undefined) clear(total)
      for (const total of named) clear(total)
    }
  }

  /** The largest first; of equals by step, what is outside steps first. */
  sorted(): readonly PlaceTotal[] {
    let count = 0
    for (const step of this.#steps) count += step.count
    if (count !== this.#all.length) this.#all = allOf(this.#steps)
    sort(this.#all)
    const totals: PlaceTotal[] = []
    for (const total of this.#all) if (total.ns !== 0) totals.push(total)
    return totals
  }

  #find(stepId: string | undefined): StepTotals | undefined {
    if (this.#byId !== undefined) return this.#byId.get(stepId)
    for (const step of this.#steps) if (step.stepId === stepId) return step
    return undefined
  }
}

/** `isEstimated`: by proportion only. */
export function addToPhase(step: StepTotals, slot: number, ns: number, isEstimated = false): void {
  if (ns === 0) return
  const total = step.phases[slot] ?? newPhaseTotal(step, slot)
  total.ns += ns
  if (isEstimated) total.isEstimated = true
}

function newPhaseTotal(step: StepTotals, slot: number): PlaceTotal {
  const place = { stepId: step.stepId, phase: SLOTS[slot], spanName: undefined }
  const total = emptyTotal(place)
  step.phases[slot] = total
  step.count++
  return total
}

/** The total of spans with a name of their own; it stays the same object. */
export function namedTotal(
  step: StepTotals,
  { phase, spanName }: { readonly phase: PathTotal['phase']; readonly spanName: string },
): PlaceTotal {
  const { stepId, named } = step
  let at = placeOf(named, spanName)
  while (at < named.length && comparePlace(named[at], { phase, spanName }) < 0) at++
  let total = named[at]
  if (total === undefined || comparePlace(total, { phase, spanName }) !== 0) {
    total = emptyTotal({ stepId, phase, spanName })
    named.splice(at, 0, total)
    step.count++
  }
  return total
}

/** The first of this name or behind it. O(log n). */
function placeOf(named: readonly PlaceTotal[], spanName: string): number {
  let low = 0
  let high = named.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareText(named[middle]?.place.spanName, spanName) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function comparePlace(
  total: PlaceTotal | undefined,
  { phase, spanName }: { readonly phase: PathTotal['phase']; readonly spanName: string },
): number {
  const place = total?.place
  return compareText(place?.spanName, spanName) || compareText(place?.phase, phase)
}

function emptyTotal(place: TotalPlace): PlaceTotal {
  return { place, ns: 0, isEstimated: false, position: 0 }
}

function clear(total: PlaceTotal): void {
  total.ns = 0
  total.isEstimated = false
}

/** With their positions. */
function allOf(steps: readonly StepTotals[]): PlaceTotal[] {
  const all: PlaceTotal[] = []
  for (const { phases, named } of steps)
    for (const total of [...phases, ...named]) {
      if (total === undefined) continue
      total.position = all.length
      all.push(total)
    }
  return all
}

/** By insertion up to some length, which takes a third of the time of `sort`, and one pass where little has changed. */
function sort(totals: PlaceTotal[]): void {
  if (totals.length > MAX_INSERTED_COUNT) {
    totals.sort(byNs)
    return
  }
  for (let next = 1; next < totals.length; next++) {
    // A place below the length, as are those before it.
    const total = totals[next] as PlaceTotal
    let at = next
    for (; at > 0 && byNs(totals[at - 1] as PlaceTotal, total) > 0; at--)
      totals[at] = totals[at - 1] as PlaceTotal
    totals[at] = total
  }
}

function byNs(a: PlaceTotal, b: PlaceTotal): number {
  return b.ns - a.ns || compareText(a.place.stepId, b.place.stepId) || a.position - b.position
}

function compareText(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  return a === undefined || (b !== undefined && a < b) ? -1 : 1
}
